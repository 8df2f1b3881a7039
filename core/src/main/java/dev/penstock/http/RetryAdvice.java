package dev.penstock.http;

import dev.penstock.Decision;
import dev.penstock.Identity;
import dev.penstock.Partition;
import java.util.Optional;

/**
 * When a rejected client is told to come back: one time, however many fields and members say it.
 *
 * @param nanos nanoseconds from now, above 0; below 0 where there is no time to tell
 * @param never whether waiting does not help
 */
record RetryAdvice(long nanos, boolean never) {

  /** Nobody knows when. */
  static final RetryAdvice UNKNOWN = new RetryAdvice(-1, false);

  /**
   * What the timers of clients hold: Node's count milliseconds in 31 bits, and one that overflows
   * ends at once, so that a client spends all its tries within milliseconds.
   */
  private static final long MAX_SECONDS = 2_147_483;

  private static final long NANOS_PER_MILLI = 1_000_000;

  /** 2^64 by the golden ratio: as a factor it spreads hashes that are close to each other. */
  private static final long GOLDEN = 0x9E3779B97F4A7C15L;

  /**
   * Returns what to tell of a decision that denies.
   *
   * @param spread by how much of the time it is longer for some, from 0 to 1: of those who are
   *     denied at once, each identity then comes back at a time of its own, always the same
   */
  static RetryAdvice of(Decision decision, Identity identity, double spread) {
    long nanos = decision.retryAfter().map(after -> after.toNanos()).orElse(-1L);
    boolean isSpread = spread > 0 && nanos > 0;
    long more = isSpread ? (long) (nanos * spread * share(identity)) : 0;
    return new RetryAdvice(nanos + more, decision.never());
  }

  /** Returns a number from 0 to below 1, the same in every process. */
  private static double share(Identity identity) {
    long hash = identity.partitionKey(Partition.IDENTITY).hashCode();
    return ((hash * GOLDEN) >>> 11) * 0x1p-53;
  }

  private boolean isKnown() {
    return nanos >= 0;
  }

  /** Returns what {@code Retry-After} says: whole seconds, rounded up, 1 to 2,147,483. */
  Optional<Long> seconds() {
    return isKnown()
        ? Optional.of(Math.min(MAX_SECONDS, RateLimitFields.retrySeconds(nanos)))
        : Optional.empty();
  }

  /** Returns whole milliseconds, rounded up, however far. */
  Optional<Long> millis() {
    return isKnown()
        ? Optional.of(RateLimitFields.ceilDivide(nanos, NANOS_PER_MILLI))
        : Optional.empty();
  }

  /**
   * Likewise, as far as the timers of clients reach, and a millionth longer: some SDKs reckon in
   * floating-point numbers of 24 bits, and would come back a little too early.
   */
  Optional<Long> timerMillis() {
    return millis().map(millis -> Math.min(MAX_SECONDS * 1000, millis + (millis >> 20)));
  }

  /** Returns whether the time is above this many nanoseconds, or never comes. */
  boolean isBeyond(long mostNanos) {
    return never || nanos > mostNanos;
  }
}
