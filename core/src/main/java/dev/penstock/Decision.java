package dev.penstock;

import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * A rate limiter's answer: whether the request may pass, and how each bucket stands that it
 * concerns.
 *
 * <p>A permitted request has taken its cost from every bucket, a denied one from none. Immutable
 * and thread-safe.
 */
public final class Decision {

  private final boolean permitted;
  private final List<BucketState> buckets;

  private Decision(List<BucketState> buckets) {
    this.buckets = List.copyOf(buckets);
    this.permitted = this.buckets.stream().allMatch(BucketState::permitted);
  }

  /**
   * Returns the decision that these answers make: permitted exactly if every bucket could pay.
   *
   * @param buckets one answer for each bucket, at least one, in the policy's order
   * @return the decision
   * @throws IllegalArgumentException if there is no answer
   */
  public static Decision of(List<BucketState> buckets) {
    Objects.requireNonNull(buckets, "buckets");
    if (buckets.isEmpty()) {
      throw new IllegalArgumentException("buckets must not be empty");
    }
    return new Decision(buckets);
  }

  /** {@return whether the request may pass} */
  public boolean permitted() {
    return permitted;
  }

  /** {@return what each bucket said, in the policy's order} */
  public List<BucketState> buckets() {
    return buckets;
  }

  /** {@return the buckets that said no, in the policy's order; empty where permitted} */
  public List<BucketState> deniedBy() {
    return permitted ? List.of() : buckets.stream().filter(b -> !b.permitted()).toList();
  }

  /**
   * {@return whether the cost is above the capacity of a bucket, so that waiting does not help;
   * false where permitted}
   */
  public boolean never() {
    return retryAfterNanos() == BucketState.NEVER;
  }

  /**
   * {@return the time until this cost could be permitted if nobody else came, the largest over all
   * buckets that said no: zero where permitted, empty where it never can}
   */
  public Optional<Duration> retryAfter() {
    long nanos = retryAfterNanos();
    return nanos == BucketState.NEVER ? Optional.empty() : Optional.of(Duration.ofNanos(nanos));
  }

  /**
   * {@return {@link #retryAfter} in nanoseconds: 0 where permitted, {@link BucketState#NEVER} where
   * it never can}
   */
  public long retryAfterNanos() {
    long longest = 0;
    for (BucketState bucket : buckets) {
      longest = Math.max(longest, bucket.retryAfterNanos());
    }
    return longest;
  }

  @Override
  public String toString() {
    return "Decision[permitted=" + permitted + ", buckets=" + buckets + "]";
  }
}
