package dev.penstock.http;

import dev.penstock.BucketState;
import dev.penstock.Limit;
import dev.penstock.TokenBucketLimit;
import dev.penstock.WindowLimit;
import java.time.Duration;
import java.util.List;

/**
 * The header fields of a decision: {@code RateLimit-Policy} and {@code RateLimit} as
 * draft-ietf-httpapi-ratelimit-headers-10 has them, structured field Lists of String items (RFC
 * 9651).
 */
final class RateLimitFields {

  private static final long NANOS_PER_SECOND = 1_000_000_000;

  /** Of the item of one bucket, in characters. */
  private static final int USUAL_LENGTH = 40;

  private RateLimitFields() {}

  /**
   * Returns the fields of a decision that asked these buckets: all policies, and how those stand
   * that matter, which are all of a permitted request and those that said no to a denied one.
   */
  static List<HeaderField> of(List<BucketState> buckets) {
    boolean permitted = true;
    for (int i = 0; i < buckets.size(); i++) {
      permitted &= buckets.get(i).permitted();
    }
    return List.of(policyField(buckets), stateField(buckets, permitted));
  }

  /** {@return whole seconds, rounded up, at least 1} */
  static long retrySeconds(long nanos) {
    return Math.max(1, ceilDivide(nanos, NANOS_PER_SECOND));
  }

  /** {@return whole seconds of the window, rounded up; 0 where it is shorter than one, or none} */
  static long windowSeconds(Limit limit) {
    if (limit instanceof TokenBucketLimit bucket) {
      return seconds(bucket.window());
    }
    return limit instanceof WindowLimit window ? seconds(window.window()) : 0;
  }

  private static long seconds(Duration window) {
    long seconds = window.toSeconds();
    return seconds == 0 || window.toNanosPart() == 0 ? seconds : seconds + 1;
  }

  private static HeaderField policyField(List<BucketState> buckets) {
    HeaderField first = LimitText.of(buckets.get(0)).policy();
    if (buckets.size() == 1) {
      return first;
    }
    StringBuilder value = new StringBuilder(USUAL_LENGTH * buckets.size()).append(first.value());
    for (int i = 1; i < buckets.size(); i++) {
      value.append(", ").append(LimitText.of(buckets.get(i)).policy().value());
    }
    return new HeaderField(first.name(), value.toString());
  }

  private static HeaderField stateField(List<BucketState> buckets, boolean permitted) {
    if (buckets.size() == 1) {
      return new HeaderField("RateLimit", state(buckets.get(0)));
    }
    StringBuilder value = new StringBuilder(USUAL_LENGTH * buckets.size());
    for (BucketState bucket : buckets) {
      if (bucket.permitted() == permitted) {
        value.append(value.length() > 0 ? ", " : "").append(state(bucket));
      }
    }
    return new HeaderField("RateLimit", value.toString());
  }

  private static String state(BucketState bucket) {
    LimitText text = LimitText.of(bucket);
    boolean tellsTime =
        bucket.retryAfterNanos() < BucketState.UNKNOWN
            && bucket.resetAfterNanos() < BucketState.UNKNOWN;
    return tellsTime
        ? text.item() + ";r=" + bucket.remaining() + ";t=" + seconds(bucket, text.window())
        : text.item() + ";r=" + bucket.remaining();
  }

  /**
   * Returns what {@code t} says: of a denied bucket the time until it can pay, of a permitted one
   * the time until it is full, and at least so long that the remaining tokens, spread over it, stay
   * within the policy's own rate; of a window the time until it ends.
   */
  private static long seconds(BucketState bucket, long window) {
    if (!bucket.permitted()) {
      return retrySeconds(bucket.retryAfterNanos());
    }
    if (bucket.limit() instanceof WindowLimit) {
      return ceilDivide(bucket.resetAfterNanos(), NANOS_PER_SECOND);
    }
    return Math.max(
        ceilDivide(bucket.resetAfterNanos(), NANOS_PER_SECOND), spreadSeconds(bucket, window));
  }

  private static long spreadSeconds(BucketState bucket, long window) {
    long capacity = bucket.limit().capacity();
    long product = bucket.remaining() * window;
    boolean overflows = Math.multiplyHigh(bucket.remaining(), window) != 0 || product < 0;
    return overflows ? window : ceilDivide(product, capacity);
  }

  /** {@return the quotient, rounded up} */
  static long ceilDivide(long dividend, long divisor) {
    return -Math.floorDiv(-dividend, divisor);
  }
}
