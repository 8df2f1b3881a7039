package dev.penstock.base;

import org.jspecify.annotations.Nullable;

/**
 * How fast a token bucket refills, as the arithmetic needs it; or where windows end, of which each
 * nanosecond stands for a token. Read by {@link Inside}. Immutable and thread-safe.
 */
public abstract class RefillNanos {

  final long nanosPerToken;
  final long nanosToFill;
  final long nanosOfOverdraft;
  final @Nullable Windows windows;

  /**
   * Keeps durations.
   *
   * @param nanosPerToken in which one token is gained, at least 1, rounded up
   * @param nanosToFill in which an empty bucket becomes full
   * @param nanosOfOverdraft in which one that owes all it may becomes empty; with {@code
   *     nanosToFill} at most ten years
   * @param windows in which what is taken counts, if it is no token bucket
   */
  protected RefillNanos(
      long nanosPerToken, long nanosToFill, long nanosOfOverdraft, @Nullable Windows windows) {
    this.nanosPerToken = nanosPerToken;
    this.nanosToFill = nanosToFill;
    this.nanosOfOverdraft = nanosOfOverdraft;
    this.windows = windows;
  }
}
