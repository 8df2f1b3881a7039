package dev.penstock.base;

import java.time.Duration;
import java.util.Locale;
import java.util.Optional;

/** The units of time by the names that operators write. Months and years have no fixed length. */
public final class UnitOfTime {

  /** What a message says of a name that is none. */
  public static final String NAMES = "ms, second, minute, hour, day or week";

  private UnitOfTime() {}

  /**
   * {@return the unit of this name; empty where it is none}
   *
   * @param name short or long, with or without {@code s}, in any case
   */
  public static Optional<Duration> named(String name) {
    return switch (name.toLowerCase(Locale.ROOT)) {
      case "ms", "millisecond", "milliseconds" -> Optional.of(Duration.ofMillis(1));
      case "s", "sec", "secs", "second", "seconds" -> Optional.of(Duration.ofSeconds(1));
      case "m", "min", "mins", "minute", "minutes" -> Optional.of(Duration.ofMinutes(1));
      case "h", "hr", "hrs", "hour", "hours" -> Optional.of(Duration.ofHours(1));
      case "d", "day", "days" -> Optional.of(Duration.ofDays(1));
      case "w", "week", "weeks" -> Optional.of(Duration.ofDays(7));
      default -> Optional.empty();
    };
  }
}
