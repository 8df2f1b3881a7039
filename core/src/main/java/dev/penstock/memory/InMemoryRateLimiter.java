package dev.penstock.memory;

import dev.penstock.Decision;
import dev.penstock.Identity;
import dev.penstock.Limit;
import dev.penstock.LimitPolicy;
import dev.penstock.LimiterArguments;
import dev.penstock.PartitionedLimit;
import dev.penstock.RateLimiter;
import java.util.List;
import java.util.Objects;
import java.util.function.LongSupplier;

/**
 * A rate limiter that keeps its buckets in this process.
 *
 * <p>Use it where one process serves all requests, or where each may have a limit of its own. Time
 * is monotonic ({@link System#nanoTime}); the wall clock takes no part.
 *
 * <p>Lock-free: no thread ever waits for another, and there is no background thread. A decision
 * over several buckets looks at all of them first, so a denied request writes nothing; it then
 * takes from one after the other, and gives back what it took if another request was faster at a
 * later one.
 *
 * <p>Memory is bounded by a number of buckets, which is never exceeded. A bucket that has become
 * full again is forgotten, since it is as good as an absent one; one that is not full never is, so
 * a flood of new names cannot refill an old one. A newcomer whose kind finds no room shares one
 * bucket with the others of that kind for each limit's name, the overflow bucket, until there is
 * room; whoever gets a bucket then starts with it at the level of the overflow bucket, since what
 * they spent there is not known otherwise. A refund goes to a bucket of one's own only: whoever
 * paid from the overflow bucket, and has none since, gets nothing back, as it would go to others.
 *
 * <p>Client addresses find room while less than three quarters of the bound are taken, verified
 * users while any is left: so whoever sends from many addresses without a token cannot lock out
 * those who have one. {@link InMemoryRateLimiterBuilder#share} says other shares.
 *
 * <p>Two identities share a bucket by accident at most once in 10^12 lookups at a million buckets:
 * buckets are told apart by 63 bits of a keyed hash. A decision of one bucket takes one reading of
 * the clock and one compare-and-set, and no object if only {@link Decision#permitted} is read; one
 * of several takes a compare-and-set for each, and an array of as many numbers.
 */
public final class InMemoryRateLimiter implements RateLimiter {

  /** The bound of {@link #create()}: 100,000 buckets, at most about 4 MB. */
  public static final int DEFAULT_MAX_BUCKETS = 100_000;

  private static final int MAX_MAX_BUCKETS = 1 << 28;

  private final BucketStore store;
  private final AllOrNothing several;

  /**
   * @param clock nanoseconds, above 0
   */
  private InMemoryRateLimiter(int maxBuckets, Rooms rooms, LongSupplier clock, boolean standsIn) {
    this.store = new BucketStore(requireBound(maxBuckets), rooms, clock);
    this.several = new AllOrNothing(store, standsIn);
  }

  /** {@return a limiter with room for {@link #DEFAULT_MAX_BUCKETS} buckets} */
  public static InMemoryRateLimiter create() {
    return create(DEFAULT_MAX_BUCKETS);
  }

  /**
   * Returns a limiter with room for this many buckets: one for each identity and limit that is not
   * full, and so at most this many identities.
   *
   * @param maxBuckets 1 to 268,435,456; a bucket takes 21 to 32 bytes, taken as buckets come
   * @return the limiter
   * @throws IllegalArgumentException if {@code maxBuckets} is out of range
   */
  public static InMemoryRateLimiter create(int maxBuckets) {
    return builder().maxBuckets(maxBuckets).build();
  }

  /**
   * Returns a limiter on another clock, for tests and simulations.
   *
   * @param maxBuckets 1 to 268,435,456
   * @param nanoClock nanoseconds from any origin, thread-safe; where it goes back, time stands
   *     still until it has caught up
   * @return the limiter
   * @throws IllegalArgumentException if {@code maxBuckets} is out of range
   */
  public static InMemoryRateLimiter create(int maxBuckets, LongSupplier nanoClock) {
    return builder().maxBuckets(maxBuckets).clock(nanoClock).build();
  }

  /** {@return a builder of a limiter like that of {@link #create()}} */
  public static InMemoryRateLimiterBuilder builder() {
    return new InMemoryRateLimiterBuilder();
  }

  /**
   * Returns a limiter that stands in for another store: see {@link #follow}. A bucket that is
   * further from full than its limit allows stays so, since it is the other store that says what
   * becomes of that.
   *
   * @param maxBuckets 1 to 268,435,456
   * @param rooms how much of that each kind of identity may fill
   * @param nanoClock nanoseconds from any origin, thread-safe
   * @return the limiter
   * @throws IllegalArgumentException if {@code maxBuckets} is out of range
   */
  public static InMemoryRateLimiter standIn(int maxBuckets, Rooms rooms, LongSupplier nanoClock) {
    return onClock(maxBuckets, rooms, nanoClock, true);
  }

  static InMemoryRateLimiter onSystemClock(int maxBuckets, Rooms rooms) {
    long beforeFirst = System.nanoTime() - 1;
    return new InMemoryRateLimiter(maxBuckets, rooms, () -> System.nanoTime() - beforeFirst, false);
  }

  static InMemoryRateLimiter onClock(
      int maxBuckets, Rooms rooms, LongSupplier nanoClock, boolean standsIn) {
    LongSupplier monotonic = MonotonicClock.of(nanoClock);
    long beforeFirst = monotonic.getAsLong() - 1;
    return new InMemoryRateLimiter(
        maxBuckets, rooms, () -> monotonic.getAsLong() - beforeFirst, standsIn);
  }

  static int requireBound(int maxBuckets) {
    if (maxBuckets < 1 || maxBuckets > MAX_MAX_BUCKETS) {
      throw new IllegalArgumentException(
          "maxBuckets must be from 1 to " + MAX_MAX_BUCKETS + ": " + maxBuckets);
    }
    return maxBuckets;
  }

  @Override
  public Decision tryAcquire(Identity identity, LimitPolicy policy, long cost) {
    List<PartitionedLimit> limits = LimiterArguments.requireLimits(identity, policy, "cost", cost);
    long now = store.now();
    long[] ofEach = limits.size() == 1 ? null : new long[limits.size()];
    long answer =
        ofEach == null
            ? acquire(identity, limits, cost, now)
            : several.acquire(identity, limits, cost, now, ofEach) ? 0 : -1;
    // One place for both: where two meet, the compiler could not leave the objects out.
    return Decision.of(
        Decision.Source.MEMORY, answer >= 0, new Answer(limits, cost, answer, ofEach));
  }

  @Override
  public Decision peek(Identity identity, LimitPolicy policy, long cost) {
    List<PartitionedLimit> limits = LimiterArguments.requireLimits(identity, policy, "cost", cost);
    Charge[] charges = Charge.ofEach(store, identity, limits);
    for (Charge charge : charges) {
      charge.look();
    }
    long now = store.now();
    boolean permitted = true;
    long[] ofEach = new long[charges.length];
    for (int i = 0; i < charges.length; i++) {
      permitted &= charges[i].holds(now, cost);
      ofEach[i] = charges[i].resetAfterNanos(false, now);
    }
    return Decision.of(Decision.Source.MEMORY, permitted, new Answer(limits, cost, -1, ofEach));
  }

  @Override
  public void refund(Identity identity, LimitPolicy policy, long tokens) {
    List<PartitionedLimit> limits =
        LimiterArguments.requireLimits(identity, policy, "tokens", tokens);
    for (Charge charge : Charge.ofEach(store, identity, limits)) {
      charge.refund(tokens);
    }
  }

  @Override
  public void reset(Identity identity, LimitPolicy policy) {
    List<PartitionedLimit> limits = LimiterArguments.requireLimits(identity, policy);
    for (Charge charge : Charge.ofEach(store, identity, limits)) {
      charge.fill();
    }
  }

  /**
   * Moves the level of a bucket along with that of the bucket in another store for which it stands
   * in. The bucket counts as standing at {@code from} at least; what was spent here beyond that
   * stays on top. So {@code follow(identity, limit, x, x)} empties the bucket to {@code x} at
   * least, and {@code follow(identity, limit, x, 0)} takes {@code x} off, which has been charged
   * elsewhere. For a limiter that keeps its buckets in another store and falls back on this one.
   *
   * @param identity whose bucket
   * @param limit the limit
   * @param fromNanos the level elsewhere that this bucket goes by so far: nanoseconds until it is
   *     full, negative where it has been for so long
   * @param toNanos the level that it goes by from now on
   */
  public void follow(Identity identity, PartitionedLimit limit, long fromNanos, long toNanos) {
    Objects.requireNonNull(identity, "identity");
    Objects.requireNonNull(limit, "limit");
    new Charge(store, identity, limit).follow(fromNanos, toNanos);
  }

  /**
   * Returns how far from full a bucket of its own is: what was spent here is to be charged
   * elsewhere.
   *
   * @param identity whose bucket
   * @param limit the limit
   * @return nanoseconds until the bucket is full, 0 where it is
   */
  public long resetAfterNanos(Identity identity, PartitionedLimit limit) {
    Objects.requireNonNull(identity, "identity");
    Objects.requireNonNull(limit, "limit");
    return new Charge(store, identity, limit).ownResetAfterNanos();
  }

  /** {@return the number of buckets that are held now, at most the bound} */
  public int size() {
    return store.own.size();
  }

  /**
   * {@return whether a newcomer of this kind finds room now} If not, it shares the overflow bucket
   * of its kind, unless a bucket that is full again is found to take its place. For a gauge.
   *
   * @param kind the kind of the key that a limit charges: under a limit per workspace, a user's is
   *     the workspace
   */
  public boolean hasRoom(Identity.Kind kind) {
    Objects.requireNonNull(kind, "kind");
    return size() < store.room(kind).most;
  }

  /**
   * Takes the cost from one bucket: with one compare-and-set and no object, unless the bucket is
   * absent or was filled by a larger limit.
   *
   * @return nanoseconds until the bucket is full; their complement if it said no
   */
  private long acquire(Identity identity, List<PartitionedLimit> limits, long cost, long now) {
    PartitionedLimit partitioned = limits.get(0);
    Limit limit = partitioned.limit();
    long taken = store.tryTake(BucketStore.hash(identity, partitioned), now, cost, limit);
    if (taken > 0) {
      return taken - now;
    }
    if (taken < 0 && !Gcra.exceeds(~taken, now, limit)) {
      return ~Gcra.resetAfterNanos(~taken, now, limit);
    }
    return acquireAtLength(identity, limits, cost);
  }

  private long acquireAtLength(Identity identity, List<PartitionedLimit> limits, long cost) {
    long[] resetAfterNanos = new long[1];
    boolean paid = several.atLength(identity, limits, cost, resetAfterNanos);
    return paid ? resetAfterNanos[0] : ~resetAfterNanos[0];
  }
}
