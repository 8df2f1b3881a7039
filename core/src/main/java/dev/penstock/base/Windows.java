package dev.penstock.base;

import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.time.temporal.TemporalAdjusters;
import org.jspecify.annotations.Nullable;

/**
 * Where the windows of a limit begin and end, by the wall clock: of the calendar in a zone, or one
 * length after the other since 1970.
 *
 * <p>The last one that was asked for is remembered, so that nearly all requests need no calendar.
 * Two that race for that write the same, or one of two windows. Times are nanoseconds since 1970.
 * Immutable but for that, and thread-safe.
 */
public final class Windows {

  private static final long NANOS_PER_SECOND = 1_000_000_000;

  /**
   * One of them. Times are nanoseconds since 1970.
   *
   * @param start when it begins
   * @param end when it is over
   * @param head what is written of it before anything is taken; 0 where nobody has asked
   * @param lastHead likewise of the window before, if the windows slide
   */
  public record Window(long start, long end, long head, long lastHead) {

    private boolean holds(long time) {
      return time >= start && time < end;
    }
  }

  /** What is written of a window. */
  @FunctionalInterface
  public interface Heads {

    /**
     * {@return the number that tells a window from the others: the same whenever it is asked, and
     * not 0}
     *
     * @param windows of these windows
     * @param until when what is taken of it does not count any more
     */
    long of(Windows windows, long until);
  }

  private final @Nullable ChronoUnit unit;
  private final ZoneId zone;
  private final long nanos;
  private volatile Window last = new Window(0, 0, 0, 0);

  private Windows(@Nullable ChronoUnit unit, ZoneId zone, long nanos) {
    this.unit = unit;
    this.zone = zone;
    this.nanos = nanos;
  }

  /**
   * {@return the minutes, hours, days, weeks from Monday on, months or years of a zone}
   *
   * @param unit {@code MINUTES} to {@code YEARS}
   * @param zone whose days and hours these are
   */
  public static Windows ofCalendar(ChronoUnit unit, ZoneId zone) {
    return new Windows(unit, zone, unit.getDuration().toNanos());
  }

  /**
   * {@return windows of one length, of which the last one counts with the part that is left of it}
   *
   * @param length whole seconds
   */
  public static Windows sliding(Duration length) {
    return new Windows(null, ZoneOffset.UTC, length.toNanos());
  }

  /** {@return whether the last window counts besides the current one} */
  public boolean slide() {
    return unit == null;
  }

  /** {@return which windows of the calendar these are; null where they slide} */
  public @Nullable ChronoUnit unit() {
    return unit;
  }

  /** {@return whose calendar} */
  public ZoneId zone() {
    return zone;
  }

  /** {@return the length of a window in nanoseconds; of one of the calendar an average} */
  public long nanos() {
    return nanos;
  }

  /**
   * {@return when the window begins in which this time lies}
   *
   * @param time nanoseconds since 1970
   */
  public long start(long time) {
    return span(time).start;
  }

  /**
   * {@return when it ends, which is after this time}
   *
   * @param time nanoseconds since 1970
   */
  public long end(long time) {
    return span(time).end;
  }

  /**
   * {@return the window in which this time lies, with what is written of it}
   *
   * @param time nanoseconds since 1970
   * @param heads what is asked for that, unless it is known: always the same
   */
  public Window window(long time, Heads heads) {
    Window window = last;
    return window.head != 0 && window.holds(time) ? window : withHeads(span(time), heads);
  }

  private Window withHeads(Window window, Heads heads) {
    long until = slide() ? window.end + nanos : window.end;
    long lastHead = slide() ? heads.of(this, window.end) : 0;
    Window made = new Window(window.start, window.end, heads.of(this, until), lastHead);
    last = made;
    return made;
  }

  private Window span(long time) {
    Window window = last;
    if (window.holds(time)) {
      return window;
    }
    if (unit == null) {
      return ofLength(time, 0);
    }
    window = inCalendar(unit, time);
    last = window;
    return window;
  }

  /** Returns the window of a length in which this time lies, by a clock that is ahead. */
  private Window ofLength(long time, long ahead) {
    long start = time - Math.floorMod(time + ahead, nanos);
    return new Window(start, start + nanos, 0, 0);
  }

  private Window inCalendar(ChronoUnit unit, long time) {
    Instant instant = Instant.ofEpochSecond(0, time);
    if (unit == ChronoUnit.MINUTES || unit == ChronoUnit.HOURS) {
      long offset = zone.getRules().getOffset(instant).getTotalSeconds() * NANOS_PER_SECOND;
      return ofLength(time, offset);
    }
    LocalDate first = first(unit, instant.atZone(zone).toLocalDate());
    LocalDate next = first.plus(1, unit);
    // Where the clocks go back over midnight, the next day has begun once already.
    while (begin(next) <= time) {
      first = next;
      next = next.plus(1, unit);
    }
    return new Window(begin(first), begin(next), 0, 0);
  }

  private static LocalDate first(ChronoUnit unit, LocalDate day) {
    return switch (unit) {
      case WEEKS -> day.minusDays(day.getDayOfWeek().getValue() - 1);
      case MONTHS -> day.withDayOfMonth(1);
      case YEARS -> day.with(TemporalAdjusters.firstDayOfYear());
      default -> day;
    };
  }

  /** Where the clocks go forward over midnight, a day begins when they have. */
  private long begin(LocalDate day) {
    return day.atStartOfDay(zone).toEpochSecond() * NANOS_PER_SECOND;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Windows that
        && unit == that.unit
        && zone.equals(that.zone)
        && nanos == that.nanos;
  }

  @Override
  public int hashCode() {
    return 31 * zone.hashCode() + Long.hashCode(nanos);
  }
}
