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
   * @param lastStart when the one before it begins
   * @param start when it begins
   * @param end when it is over
   * @param nextEnd when the one after it is over
   * @param head what is written of it before anything is taken; 0 where nobody has asked
   * @param lastHead likewise of the window before, if the windows slide
   */
  public record Window(
      long lastStart, long start, long end, long nextEnd, long head, long lastHead) {

    private Window withHeads(long ofThis, long ofLast) {
      return new Window(lastStart, start, end, nextEnd, ofThis, ofLast);
    }

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
  private volatile Window last = new Window(0, 0, 0, 0, 0, 0);

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
    return window(time).start;
  }

  /**
   * {@return when it ends, which is after this time}
   *
   * @param time nanoseconds since 1970
   */
  public long end(long time) {
    return window(time).end;
  }

  /**
   * {@return the window in which this time lies}
   *
   * @param time nanoseconds since 1970
   */
  public Window window(long time) {
    Window window = last;
    return window.holds(time) ? window : remembered(workedOut(time));
  }

  /**
   * {@return the window in which this time lies, with what is written of it}
   *
   * @param time nanoseconds since 1970
   * @param heads what is asked for that, unless it is known: always the same
   */
  public Window window(long time, Heads heads) {
    Window window = window(time);
    if (window.head != 0) {
      return window;
    }
    long until = slide() ? window.nextEnd : window.end;
    long lastHead = slide() ? heads.of(this, window.end) : 0;
    return remembered(window.withHeads(heads.of(this, until), lastHead));
  }

  /** Remembers a window, but for an hour in which the clocks change: two of them may overlap. */
  private Window remembered(Window window) {
    if (!isOfClock() || nanosAhead(window.start) == nanosAhead(window.end - 1)) {
      last = window;
    }
    return window;
  }

  private Window workedOut(long time) {
    long start = startOf(time);
    long end = endOf(time);
    return new Window(startOf(start - 1), start, end, endOf(end), 0, 0);
  }

  private boolean isOfClock() {
    return unit == ChronoUnit.MINUTES || unit == ChronoUnit.HOURS;
  }

  /** Returns how far the zone's clock is ahead of UTC. */
  private long nanosAhead(long time) {
    Instant instant = Instant.ofEpochSecond(0, time);
    return zone.getRules().getOffset(instant).getTotalSeconds() * NANOS_PER_SECOND;
  }

  private long startOf(long time) {
    return unit == null || isOfClock()
        ? time - Math.floorMod(time + nanosAhead(time), nanos)
        : begin(day(unit, time));
  }

  private long endOf(long time) {
    return unit == null || isOfClock()
        ? startOf(time) + nanos
        : begin(day(unit, time).plus(1, unit));
  }

  /** Returns the first day of the window in which this time lies. */
  private LocalDate day(ChronoUnit unit, long time) {
    LocalDate first = first(unit, Instant.ofEpochSecond(0, time).atZone(zone).toLocalDate());
    LocalDate next = first.plus(1, unit);
    // Where the clocks go back over midnight, the next day has begun once already.
    while (begin(next) <= time) {
      first = next;
      next = next.plus(1, unit);
    }
    return first;
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
