package dev.penstock.redis;

import dev.penstock.BucketState;
import dev.penstock.Limit;
import dev.penstock.PartitionedLimit;
import dev.penstock.memory.Gcra;
import dev.penstock.redis.KnownBuckets.Known;
import org.jspecify.annotations.Nullable;

/** One bucket of a decision, and what is known of it. */
record Question(PartitionedLimit limit, String key, @Nullable Known known) {

  long resetAfterNanos(long now) {
    return known == null ? 0 : known.resetAfterNanos(now);
  }

  /** Returns how far from full Redis has to take the bucket for, should it have lost it. */
  long leastNanos(Asked asked) {
    return known == null || known.epoch() == asked.epoch()
        ? 0
        : known.resetAfterNanosAtMost(asked.at());
  }

  BucketState asKnown(long cost, long now) {
    return state(resetAfterNanos(now), cost);
  }

  /** A cost of 0 is paid already. */
  BucketState state(long resetAfterNanos, long cost) {
    Limit numbers = limit.limit();
    long retryAfter = cost == 0 ? 0 : Gcra.retryAfterNanos(resetAfterNanos, 0, cost, numbers);
    if (retryAfter > 0 && retryAfter != BucketState.NEVER) {
      long beyondEmpty = Math.max(0, resetAfterNanos - numbers.nanosToFill());
      retryAfter = wholeMicros(retryAfter + beyondEmpty);
    }
    return new BucketState(
        limit.name(),
        numbers,
        retryAfter == 0,
        Gcra.remaining(resetAfterNanos, 0, numbers),
        retryAfter,
        wholeMicros(resetAfterNanos));
  }

  /** Redis's clock has whole microseconds: what falls between two comes true at the later. */
  static long wholeMicros(long nanos) {
    return (nanos + 999) / 1000 * 1000;
  }
}
