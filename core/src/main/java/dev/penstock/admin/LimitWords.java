package dev.penstock.admin;

import dev.penstock.Cost;
import dev.penstock.FixedWindowLimit;
import dev.penstock.InFlightLimit;
import dev.penstock.Limit;
import dev.penstock.TokenBucketLimit;
import dev.penstock.WindowLimit;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Says the numbers of a limit, for a person. */
final class LimitWords {

  /** The largest first; every duration is a whole number of the last. */
  private enum Unit {
    DAY(Duration.ofDays(1)),
    HOUR(Duration.ofHours(1)),
    MINUTE(Duration.ofMinutes(1)),
    SECOND(Duration.ofSeconds(1)),
    MILLISECOND(Duration.ofMillis(1)),
    NANOSECOND(Duration.ofNanos(1));

    private final long nanos;

    Unit(Duration time) {
      this.nanos = time.toNanos();
    }
  }

  private LimitWords() {}

  /** {@return such as {@code 10 per minute, 20 at once}, or {@code 4 at a time}} */
  static String of(Limit limit) {
    List<String> words = new ArrayList<>();
    if (limit instanceof TokenBucketLimit bucket) {
      String span = span(bucket.refillPeriod());
      String period = span.startsWith("1 ") ? span.substring(2) : span;
      words.add(bucket.refillTokens() + " per " + period);
      if (bucket.capacity() != bucket.refillTokens()) {
        words.add(bucket.capacity() + " at once");
      }
      if (bucket.overdraft() > 0) {
        words.add("overdraft " + bucket.overdraft());
      }
      if (bucket.lease() > 0) {
        words.add("lease " + bucket.lease());
      }
    } else if (limit instanceof WindowLimit window) {
      words.add(limit.capacity() + " per " + window(window));
      if (window.overdraft() > 0) {
        words.add("overdraft " + window.overdraft());
      }
    } else {
      words.add(limit.capacity() + " at a time");
    }
    if (limit instanceof InFlightLimit slots) {
      slots.heldAtMost().ifPresent(time -> words.add("each " + span(time) + " at most"));
    }
    limit
        .failover()
        .ifPresent(
            mode -> words.add(mode.name().toLowerCase(Locale.ROOT) + " while Redis is away"));
    boolean countsRequests =
        limit.unit().equals(Cost.REQUESTS) || limit.unit().equals(Cost.CONCURRENT_REQUESTS);
    return (countsRequests ? "" : limit.unit() + ": ") + String.join(", ", words);
  }

  private static String window(WindowLimit limit) {
    if (limit instanceof FixedWindowLimit fixed) {
      return fixed.calendarUnit().name().toLowerCase(Locale.ROOT) + " in " + fixed.zone();
    }
    return "sliding window of " + span(limit.window());
  }

  private static String span(Duration time) {
    if (time.compareTo(Duration.ofNanos(Long.MAX_VALUE)) > 0) {
      return time.equals(Duration.ofDays(time.toDays()))
          ? time.toDays() + " days"
          : time.toString();
    }
    long nanos = time.toNanos();
    int unit = 0;
    while (nanos % Unit.values()[unit].nanos != 0) {
      unit++;
    }
    long count = nanos / Unit.values()[unit].nanos;
    String name = Unit.values()[unit].name().toLowerCase(Locale.ROOT);
    return count + " " + name + (count == 1 ? "" : "s");
  }
}
