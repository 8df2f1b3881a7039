package dev.penstock;

import java.time.temporal.ChronoUnit;

/** A window of the calendar, which begins and ends where that of a zone does. */
public enum CalendarUnit {
  /** From second 0 on. */
  MINUTE(ChronoUnit.MINUTES),

  /** From minute 0 on. */
  HOUR(ChronoUnit.HOURS),

  /** From midnight on: 23 or 25 hours where the clocks change. */
  DAY(ChronoUnit.DAYS),

  /** From Monday on. */
  WEEK(ChronoUnit.WEEKS),

  /** From the first on. */
  MONTH(ChronoUnit.MONTHS),

  /** From the first of January on. */
  YEAR(ChronoUnit.YEARS);

  private final ChronoUnit chronoUnit;

  CalendarUnit(ChronoUnit chronoUnit) {
    this.chronoUnit = chronoUnit;
  }

  /** {@return the same unit of {@code java.time}} */
  public ChronoUnit chronoUnit() {
    return chronoUnit;
  }
}
