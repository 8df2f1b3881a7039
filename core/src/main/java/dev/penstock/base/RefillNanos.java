package dev.penstock.base;

/**
 * How fast a token bucket refills, as the arithmetic needs it. Read by {@link Inside}. Immutable
 * and thread-safe.
 */
public abstract class RefillNanos {

  final long nanosPerToken;
  final long nanosToFill;
  final long nanosOfOverdraft;

  /**
   * Keeps durations.
   *
   * @param nanosPerToken in which one token is gained, at least 1, rounded up
   * @param nanosToFill in which an empty bucket becomes full
   * @param nanosOfOverdraft in which one that owes all it may becomes empty; with {@code
   *     nanosToFill} at most ten years
   */
  protected RefillNanos(long nanosPerToken, long nanosToFill, long nanosOfOverdraft) {
    this.nanosPerToken = nanosPerToken;
    this.nanosToFill = nanosToFill;
    this.nanosOfOverdraft = nanosOfOverdraft;
  }
}
