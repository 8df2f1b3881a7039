package dev.penstock.redis;

import dev.penstock.PartitionedLimit;
import dev.penstock.base.Inside;
import dev.penstock.bucket.Buckets;
import dev.penstock.bucket.Gcra;
import dev.penstock.bucket.Rooms;
import dev.penstock.redis.wire.KnownBuckets;
import dev.penstock.redis.wire.KnownLevel;
import dev.penstock.redis.wire.LiveEntries;
import dev.penstock.redis.wire.SharedBucket;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The buckets of tokens in Redis as the levels of the {@link Ledger} go by them: what Redis says of
 * a bucket moves its base here, and the level in memory by as much. One caller at a time moves a
 * base.
 */
final class FollowedBases {

  /**
   * The bucket in Redis as the level here goes by it.
   *
   * @param word when it is full
   * @param fillNanos in which the share filled under which it was told
   */
  private record Base(long word, long fillNanos) {

    static Base of(long level, long now, PartitionedLimit share) {
      return new Base(now + level, Inside.nanosToFill(share.limit()));
    }

    /** Returns how far from full it is, scaled as the level of a share is; negative where full. */
    long levelNanos(long now, PartitionedLimit share) {
      long level = word - now;
      boolean same = Inside.nanosToFill(share.limit()) == fillNanos;
      return level <= 0 || same ? level : Gcra.carriedOver(level, fillNanos, share.limit());
    }
  }

  private final KnownBuckets known;
  private final FleetShare shares;
  private final Buckets spent;
  private final LongSupplier nanoClock;

  /** When each bucket in Redis is full, as the level here goes by; absent if full by now. */
  private final LiveEntries<Base> bases;

  /** Goes by nothing yet. */
  FollowedBases(
      KnownBuckets known,
      FleetShare shares,
      Buckets spent,
      int maxBuckets,
      Rooms rooms,
      LongSupplier nanoClock) {
    this.known = known;
    this.shares = shares;
    this.spent = spent;
    this.nanoClock = nanoClock;
    this.bases = new LiveEntries<>(bucket -> rooms.most(bucket, maxBuckets), Base::word);
  }

  void forget(SharedBucket bucket) {
    bases.remove(bucket.hash());
  }

  /** Returns whether somebody waits here for a bucket. */
  boolean isAwaited(SharedBucket bucket) {
    return !bucket.isWindow() && spent.isAwaited(bucket.identity(), shares.of(bucket.limit()));
  }

  /** Returns the level here. */
  long levelNanos(SharedBucket bucket) {
    return spent.levelNanos(bucket.identity(), shares.of(bucket.limit()));
  }

  /** Returns what of it was spent here, and is not refilled yet. */
  long owedLevelNanos(SharedBucket bucket) {
    follow(bucket);
    long now = nanoClock.getAsLong();
    @Nullable Base base = bases.find(bucket.hash());
    long level = levelNanos(bucket);
    return base == null
        ? level
        : level - Math.max(0, base.levelNanos(now, shares.of(bucket.limit())));
  }

  /** Moves base and level along with what is known of the bucket in Redis. */
  void follow(SharedBucket bucket) {
    if (bucket.isWindow()) {
      return;
    }
    long hash = bucket.hash();
    long now = nanoClock.getAsLong();
    boolean hasRoom = bases.compute(hash, now, base -> follow(bucket, base));
    @Nullable KnownLevel last = known.find(hash);
    if (!hasRoom && last != null) {
      long level = last.levelNanosAtMost(now, bucket.limit().limit());
      spent.follow(bucket.identity(), shares.of(bucket.limit()), level, level);
    }
  }

  private @Nullable Base follow(SharedBucket bucket, @Nullable Base base) {
    @Nullable KnownLevel last = known.find(bucket.hash());
    long now = nanoClock.getAsLong();
    long to = last == null ? 0 : last.levelOrSinceAtMost(now, bucket.limit().limit());
    if (base == null && to <= 0) {
      return null;
    }
    PartitionedLimit share = shares.of(bucket.limit());
    long since = last == null ? 0 : last.saidAt() - now;
    long from = base == null ? since : Math.max(base.levelNanos(now, share), since);
    if (base != null && from > to && isAwaited(bucket)) {
      return base; // or others would pass with those who wait
    }
    if (base == null || from != to) {
      spent.follow(bucket.identity(), share, from, to);
    }
    return to > 0 ? Base.of(to, now, share) : null;
  }
}
