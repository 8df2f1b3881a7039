package dev.penstock.redis.wire;

import dev.penstock.BucketState;
import dev.penstock.Cost;
import dev.penstock.Identity;
import dev.penstock.InFlightLimit;
import dev.penstock.Limit;
import dev.penstock.PartitionedLimit;
import dev.penstock.WindowLimit;
import dev.penstock.base.Inside;
import dev.penstock.bucket.BucketHash;
import dev.penstock.bucket.Gcra;
import dev.penstock.bucket.Rooms;
import dev.penstock.bucket.WindowUse;
import org.jspecify.annotations.Nullable;

/**
 * One bucket of a decision, and what is known of it.
 *
 * @param hash what the bucket is called in this process: keyed hashes, as in memory, marked with
 *     its kind ({@link Rooms#mark})
 */
public record SharedBucket(
    PartitionedLimit limit,
    Identity identity,
    RedisKeys keys,
    long hash,
    @Nullable KnownLevel known) {

  /** Returns the bucket with what is known of it. */
  public static SharedBucket of(
      PartitionedLimit limit, Identity identity, RedisKeys keys, KnownBuckets known) {
    long hash = Rooms.mark(BucketHash.of(identity, limit), identity, limit.partition());
    return new SharedBucket(limit, identity, keys, hash, known.find(hash));
  }

  /** Returns whether it has slots, and not tokens. */
  public boolean isInFlight() {
    return limit.limit() instanceof InFlightLimit;
  }

  /** Returns whether it is a window, of which each nanosecond stands for a token. */
  public boolean isWindow() {
    return limit.limit() instanceof WindowLimit;
  }

  /** Returns whether it is one of those that a ban is made of. */
  public boolean isBan() {
    return Inside.isBan(limit);
  }

  /** Returns what the bucket is called in Redis. */
  public String key() {
    return keys.key(limit, identity);
  }

  public long levelNanos(long now) {
    return known == null ? 0 : known.levelNanos(now, limit.limit());
  }

  /** Returns the bucket's part of a cost, in its limit's unit. */
  public long amount(Cost cost) {
    return cost.amount(limit.limit());
  }

  /**
   * Returns whether the bucket holds its part of a cost within the capacity, or will soon, as far
   * as is known.
   *
   * @param nanos how soon, for whoever waits for it; 0 for a window
   */
  public boolean holdsAsKnown(Cost cost, long now, long nanos) {
    return isWindow()
        ? windowAsKnown(now).fits(amount(cost))
        : Gcra.waitNanos(levelNanos(now), amount(cost), limit.limit()) <= patienceNanos(nanos);
  }

  /** Returns for how long somebody waits for it who would wait for so long; nobody for a ban. */
  public long patienceNanos(long nanos) {
    return isBan() ? 0 : Math.min(nanos, Gcra.longestWait(limit.limit()));
  }

  public BucketState asKnown(Cost cost, long now) {
    return isWindow()
        ? state(limit, windowAsKnown(now), amount(cost), false)
        : state(limit, levelNanos(now), amount(cost));
  }

  private WindowUse windowAsKnown(long now) {
    @Nullable WindowUse window = known == null ? null : known.windowAt(now, limit.limit());
    return window == null ? WindowUse.unused(limit.limit()) : window;
  }

  /**
   * Returns how a window stands.
   *
   * @param amount that is asked for
   * @param paid whether it has been taken
   */
  public static BucketState state(
      PartitionedLimit limit, WindowUse window, long amount, boolean paid) {
    BucketState state = window.state(limit.name(), amount, paid);
    long retryAfter = state.retryAfterNanos();
    return retryAfter <= 0 || state.never()
        ? state
        : new BucketState(
            state.name(),
            state.limit(),
            false,
            state.remaining(),
            Micros.whole(retryAfter),
            state.resetAfterNanos());
  }

  /** Returns how a bucket stands that has paid. */
  public static BucketState paid(PartitionedLimit limit, long levelNanos) {
    return state(limit, levelNanos, 0L, true);
  }

  /** Returns how a bucket stands that is asked for so many tokens. */
  public static BucketState state(PartitionedLimit limit, long levelNanos, long amount) {
    return state(limit, levelNanos, amount, false);
  }

  private static BucketState state(
      PartitionedLimit limit, long levelNanos, long amount, boolean paid) {
    Limit numbers = limit.limit();
    long retryAfter = paid ? 0 : Gcra.retryAfterNanos(levelNanos, amount, numbers);
    if (retryAfter > 0 && retryAfter != BucketState.NEVER) {
      long beyondEmpty = Math.max(0, levelNanos - Gcra.most(numbers));
      // What falls between two microseconds of Redis's clock comes true at the later.
      retryAfter = Micros.whole(retryAfter + beyondEmpty);
    }
    return new BucketState(
        limit.name(),
        numbers,
        retryAfter == 0,
        Gcra.remaining(levelNanos, numbers),
        retryAfter,
        Micros.whole(levelNanos));
  }
}
