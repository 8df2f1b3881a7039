package dev.penstock;

import java.time.Duration;
import java.util.Objects;
import java.util.Optional;

/**
 * What one bucket said to a request, and how it stands after the decision.
 *
 * @param name the name of the limit, as its policy gave it
 * @param limit the numbers of the bucket
 * @param permitted whether this bucket could pay
 * @param remaining whole tokens left, or free slots, from 0 to the capacity
 * @param retryAfterNanos nanoseconds until this bucket could pay if nobody else came: 0 where it
 *     can, {@link #NEVER} where the cost is above its capacity, {@link #UNKNOWN} where it can later
 *     but the time is not known
 * @param resetAfterNanos nanoseconds until the bucket is full, 0 where it is, {@link #UNKNOWN}
 *     where that is not known
 */
public record BucketState(
    String name,
    Limit limit,
    boolean permitted,
    long remaining,
    long retryAfterNanos,
    long resetAfterNanos) {

  /** The retry-after of a cost that no full bucket could pay. */
  public static final long NEVER = Long.MAX_VALUE;

  /** The time of what will come, but nobody knows when: a free slot, a store that is away. */
  public static final long UNKNOWN = Long.MAX_VALUE - 1;

  /**
   * Checks the parts.
   *
   * @param name the name of the limit
   * @param limit the numbers of the bucket
   * @param permitted whether this bucket could pay
   * @param remaining 0 to the capacity
   * @param retryAfterNanos 0 if permitted, above 0 if denied
   * @param resetAfterNanos at least 0
   * @throws IllegalArgumentException if a number is out of range
   */
  public BucketState {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(limit, "limit");
    if (remaining < 0 || remaining > limit.capacity()) {
      throw new IllegalArgumentException(
          "remaining must be from 0 to " + limit.capacity() + ": " + remaining);
    }
    if (permitted ? retryAfterNanos != 0 : retryAfterNanos <= 0) {
      throw new IllegalArgumentException(
          "retryAfterNanos must be 0 if permitted and above 0 if denied: " + retryAfterNanos);
    }
    if (resetAfterNanos < 0) {
      throw new IllegalArgumentException(
          "resetAfterNanos must not be negative: " + resetAfterNanos);
    }
  }

  /** {@return whether the cost is above the capacity, so that this bucket can never pay it} */
  public boolean never() {
    return retryAfterNanos == NEVER;
  }

  /**
   * {@return the time until this bucket could pay if nobody else came: zero where it can, empty
   * where it never can, and where the time is not known}
   */
  public Optional<Duration> retryAfter() {
    return retryAfterNanos >= UNKNOWN
        ? Optional.empty()
        : Optional.of(Duration.ofNanos(retryAfterNanos));
  }

  /**
   * {@return the time until the bucket is full, zero where it is; empty where that is not known, as
   * of slots that are held}
   */
  public Optional<Duration> resetAfter() {
    return resetAfterNanos >= UNKNOWN
        ? Optional.empty()
        : Optional.of(Duration.ofNanos(resetAfterNanos));
  }
}
