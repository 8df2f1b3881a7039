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
 * <p>Of windows of the calendar the last one is remembered, so that nearly all requests need no
 * calendar. Two that race for that write the same. Times are nanoseconds since 1970. Immutable but
 * for that, and thread-safe.
 */
public final class Windows {

  private static final long NANOS_PER_SECOND = 1_000_000_000;

  /** Begins at the first, and ends before the second. */
  private record Span(long start, long end) {}

  private final @Nullable ChronoUnit unit;
  private final ZoneId zone;
  private final long nanos;
  private volatile Span last = new Span(0, 0);

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

  private Span span(long time) {
    if (unit == null) {
      long start = time - Math.floorMod(time, nanos);
      return new Span(start, start + nanos);
    }
    Span span = last;
    if (time < span.start || time >= span.end) {
      span = spanOfCalendar(unit, time);
      last = span;
    }
    return span;
  }

  private Span spanOfCalendar(ChronoUnit unit, long time) {
    Instant instant = Instant.ofEpochSecond(0, time);
    if (unit == ChronoUnit.MINUTES || unit == ChronoUnit.HOURS) {
      long offset = zone.getRules().getOffset(instant).getTotalSeconds() * NANOS_PER_SECOND;
      long start = time - Math.floorMod(time + offset, nanos);
      return new Span(start, start + nanos);
    }
    LocalDate first = first(unit, instant.atZone(zone).toLocalDate());
    LocalDate next = first.plus(1, unit);
    // Where the clocks go back over midnight, the next day has begun once already.
    while (begin(next) <= time) {
      first = next;
      next = next.plus(1, unit);
    }
    return new Span(begin(first), begin(next));
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
