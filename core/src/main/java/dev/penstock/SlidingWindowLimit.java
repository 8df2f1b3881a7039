package dev.penstock;

import dev.penstock.base.Windows;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * So many tokens in every window of one length, wherever it begins: the sliding window counter that
 * users of SlowAPI know. What was taken in the last window counts with the part of it that is still
 * within reach, as if it had been taken evenly; so it is a close estimate, at the cost of two
 * counters: in memory of room for two buckets, while both have something.
 *
 * <p>A {@link TokenBucketLimit} spreads requests more evenly at the cost of one.
 *
 * <p>Made by {@link Limit#slidingWindow}. Immutable and thread-safe.
 */
@SuppressWarnings("exports") // its superclass is hidden on purpose
public final class SlidingWindowLimit extends WindowLimit {

  private static final long MOST_OF_MINUTES = 250_000_000;
  private static final long MOST_OF_SECONDS = 7_500_000;
  private static final Duration LONGEST = Duration.ofDays(366);

  private SlidingWindowLimit(
      long capacity,
      String unit,
      @Nullable FailoverMode failover,
      long overdraft,
      Windows windows) {
    super(capacity, unit, failover, overdraft, windows);
  }

  static SlidingWindowLimit create(long capacity, Duration window) {
    Objects.requireNonNull(window, "window");
    boolean isWhole = window.getNano() == 0;
    if (!isWhole || window.getSeconds() < 1 || window.compareTo(LONGEST) > 0) {
      throw new IllegalArgumentException(
          "window must be whole seconds, from one to 366 days: " + window);
    }
    requireCapacity(capacity, window.getSeconds() % 60 == 0 ? MOST_OF_MINUTES : MOST_OF_SECONDS);
    return new SlidingWindowLimit(capacity, Cost.REQUESTS, null, 0, Windows.sliding(window));
  }

  @Override
  public SlidingWindowLimit withUnit(String unit) {
    return with(Cost.requireUnit(unit), failover().orElse(null), overdraft());
  }

  @Override
  public SlidingWindowLimit withFailover(FailoverMode mode) {
    return with(unit(), Objects.requireNonNull(mode, "mode"), overdraft());
  }

  @Override
  public SlidingWindowLimit withOverdraft(long overdraft) {
    return with(unit(), failover().orElse(null), requireOverdraft(overdraft));
  }

  private SlidingWindowLimit with(String unit, @Nullable FailoverMode failover, long overdraft) {
    return new SlidingWindowLimit(capacity(), unit, failover, overdraft, windows);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof SlidingWindowLimit that && isAlike(that);
  }

  @Override
  public int hashCode() {
    return Objects.hash(capacity(), unit(), failover(), overdraft(), windows);
  }

  @Override
  public String toString() {
    return text("sliding " + window());
  }
}
