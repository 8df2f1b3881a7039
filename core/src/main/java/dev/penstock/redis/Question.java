package dev.penstock.redis;

import dev.penstock.BucketState;
import dev.penstock.Identity;
import dev.penstock.Limit;
import dev.penstock.PartitionedLimit;
import dev.penstock.memory.Gcra;
import dev.penstock.memory.Rooms;
import dev.penstock.redis.KnownBuckets.Known;
import org.jspecify.annotations.Nullable;

/**
 * One bucket of a decision, and what is known of it.
 *
 * @param bucket what the bucket is called in this process: keyed hashes, as in memory, marked with
 *     its kind ({@link Rooms#mark})
 */
record Question(
    PartitionedLimit limit, Identity identity, RedisKeys keys, long bucket, @Nullable Known known) {

  /** Returns a question with what is known of its bucket. */
  static Question of(
      PartitionedLimit limit, Identity identity, RedisKeys keys, KnownBuckets known) {
    long hash = identity.partitionHash(limit.partition()) ^ limit.nameHash();
    long bucket = Rooms.mark(hash, identity, limit.partition());
    return new Question(limit, identity, keys, bucket, known.find(bucket));
  }

  /** Returns what the bucket is called in Redis. */
  String key() {
    return keys.key(limit, identity);
  }

  long resetAfterNanos(long now) {
    return known == null ? 0 : known.resetAfterNanos(now);
  }

  /** Returns whether the bucket holds the cost, as far as is known. */
  boolean holdsAsKnown(long cost, long now) {
    return Gcra.retryAfterNanos(resetAfterNanos(now), 0, cost, limit.limit()) == 0;
  }

  BucketState asKnown(long cost, long now) {
    return state(limit, resetAfterNanos(now), cost);
  }

  /** Returns how a bucket stands. A cost of 0 is paid already. */
  static BucketState state(PartitionedLimit limit, long resetAfterNanos, long cost) {
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
