package dev.penstock;

import dev.penstock.base.Windows;
import java.time.ZoneId;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * So many tokens in every minute, hour, day, week, month or year of the calendar, in a zone: for
 * what is sold by the day or billed by the month. All of them are there again when the next window
 * begins, so at midnight a client may spend two days' worth within a moment; where that must not
 * be, use a {@link TokenBucketLimit} or a {@link SlidingWindowLimit}.
 *
 * <p>A day is what the calendar of the zone calls so: 23 or 25 hours where the clocks change.
 *
 * <p>Made by {@link Limit#fixedWindow}. Immutable and thread-safe.
 */
@SuppressWarnings("exports") // its superclass is hidden on purpose
public final class FixedWindowLimit extends WindowLimit {

  private final CalendarUnit calendarUnit;

  private FixedWindowLimit(
      long capacity,
      String unit,
      @Nullable FailoverMode failover,
      long overdraft,
      CalendarUnit calendarUnit,
      Windows windows) {
    super(capacity, unit, failover, overdraft, windows);
    this.calendarUnit = calendarUnit;
  }

  static FixedWindowLimit create(long capacity, CalendarUnit unit, ZoneId zone) {
    requireCapacity(capacity, MOST);
    Objects.requireNonNull(unit, "unit");
    Objects.requireNonNull(zone, "zone");
    Windows windows = Windows.ofCalendar(unit.chronoUnit(), zone.normalized());
    return new FixedWindowLimit(capacity, Cost.REQUESTS, null, 0, unit, windows);
  }

  @Override
  public FixedWindowLimit withUnit(String unit) {
    return with(Cost.requireUnit(unit), failover().orElse(null), overdraft());
  }

  @Override
  public FixedWindowLimit withFailover(FailoverMode mode) {
    return with(unit(), Objects.requireNonNull(mode, "mode"), overdraft());
  }

  @Override
  public FixedWindowLimit withOverdraft(long overdraft) {
    return with(unit(), failover().orElse(null), requireOverdraft(overdraft));
  }

  private FixedWindowLimit with(String unit, @Nullable FailoverMode failover, long overdraft) {
    return new FixedWindowLimit(capacity(), unit, failover, overdraft, calendarUnit, windows);
  }

  /** {@return which windows of the calendar} */
  public CalendarUnit calendarUnit() {
    return calendarUnit;
  }

  /** {@return whose calendar} */
  public ZoneId zone() {
    return windows.zone();
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof FixedWindowLimit that && isAlike(that);
  }

  @Override
  public int hashCode() {
    return Objects.hash(capacity(), unit(), failover(), overdraft(), windows);
  }

  @Override
  public String toString() {
    return text("fixed " + calendarUnit + " " + zone());
  }
}
