package dev.penstock.memory;

import dev.penstock.Decision;
import dev.penstock.Identity;
import dev.penstock.LimitPolicy;
import dev.penstock.LimiterArguments;
import dev.penstock.PartitionedLimit;
import dev.penstock.RateLimiter;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.LongSupplier;

/**
 * A rate limiter that keeps its buckets in this process.
 *
 * <p>Use it where one process serves all requests, or where each may have a limit of its own.
 *
 * <p>Lock-free: no thread ever waits for another, and there is no background thread. A decision
 * over several buckets looks at all of them first, so a denied request writes nothing; it then
 * takes from one after the other, and gives back what it took if another request was faster at a
 * later one.
 *
 * <p>Memory is bounded by a number of buckets, which is never exceeded. A bucket that has become
 * full again is forgotten, since it is as good as an absent one; one that is not full never is, so
 * a flood of new names cannot refill an old one. When all buckets are in use, newcomers share one
 * bucket for each limit's name, the overflow bucket, until there is room; whoever gets a bucket
 * then starts with it at the level of the overflow bucket, since what they spent there is not known
 * otherwise.
 *
 * <p>A refund goes to a bucket of one's own only: whoever paid from the overflow bucket, and has
 * none since, gets nothing back, as it would go to others.
 *
 * <p>Time is monotonic ({@link System#nanoTime}); the wall clock takes no part.
 */
public final class InMemoryRateLimiter implements RateLimiter {

  /** The bound of {@link #create()}: 100,000 buckets, at most about 20 MB. */
  public static final int DEFAULT_MAX_BUCKETS = 100_000;

  private static final int MAX_MAX_BUCKETS = 1 << 28;

  /** How often a decision starts anew when another was faster at a later bucket. */
  private static final int MAX_ATTEMPTS = 8;

  private final BucketStore store;
  private final boolean standsIn;

  private InMemoryRateLimiter(int maxBuckets, LongSupplier nanoClock, boolean standsIn) {
    if (maxBuckets < 1 || maxBuckets > MAX_MAX_BUCKETS) {
      throw new IllegalArgumentException(
          "maxBuckets must be from 1 to " + MAX_MAX_BUCKETS + ": " + maxBuckets);
    }
    this.standsIn = standsIn;
    long origin = nanoClock.getAsLong();
    this.store = new BucketStore(maxBuckets, () -> nanoClock.getAsLong() - origin);
  }

  /** {@return a limiter with room for {@link #DEFAULT_MAX_BUCKETS} buckets} */
  public static InMemoryRateLimiter create() {
    return create(DEFAULT_MAX_BUCKETS);
  }

  /**
   * Returns a limiter with room for this many buckets: one for each identity and limit that is not
   * full, and so at most this many identities.
   *
   * @param maxBuckets 1 to 268,435,456; a bucket takes about 200 bytes, its key included
   * @return the limiter
   * @throws IllegalArgumentException if {@code maxBuckets} is out of range
   */
  public static InMemoryRateLimiter create(int maxBuckets) {
    return new InMemoryRateLimiter(maxBuckets, System::nanoTime, false);
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
    return new InMemoryRateLimiter(maxBuckets, MonotonicClock.of(nanoClock), false);
  }

  /**
   * Returns a limiter that stands in for another store: see {@link #follow}. A bucket that is
   * further from full than its limit allows stays so, since it is the other store that says what
   * becomes of that.
   *
   * @param maxBuckets 1 to 268,435,456
   * @param nanoClock nanoseconds from any origin, thread-safe
   * @return the limiter
   * @throws IllegalArgumentException if {@code maxBuckets} is out of range
   */
  public static InMemoryRateLimiter standIn(int maxBuckets, LongSupplier nanoClock) {
    return new InMemoryRateLimiter(maxBuckets, MonotonicClock.of(nanoClock), true);
  }

  @Override
  public Decision tryAcquire(Identity identity, LimitPolicy policy, long cost) {
    List<Charge> charges = charges(identity, policy);
    LimiterArguments.requireTokens("cost", cost);
    for (int attempt = 1; ; attempt++) {
      long now = store.now();
      if (!lookAtAll(charges, now, cost)) {
        return unpaid(charges, now, cost);
      }
      if (takeAll(charges, now, cost)) {
        return Decision.of(Decision.Source.MEMORY, charges.stream().map(Charge::paid).toList());
      }
      if (attempt >= MAX_ATTEMPTS) {
        Decision last = unpaid(charges, now, cost);
        // Tokens that came back since would make an unpaid yes of it.
        if (!last.permitted()) {
          return last;
        }
      }
    }
  }

  @Override
  public Decision peek(Identity identity, LimitPolicy policy, long cost) {
    List<Charge> charges = charges(identity, policy);
    LimiterArguments.requireTokens("cost", cost);
    charges.forEach(Charge::look);
    return unpaid(charges, store.now(), cost);
  }

  @Override
  public void refund(Identity identity, LimitPolicy policy, long tokens) {
    LimiterArguments.requireTokens("tokens", tokens);
    charges(identity, policy).forEach(charge -> charge.refund(tokens));
  }

  @Override
  public void reset(Identity identity, LimitPolicy policy) {
    charges(identity, policy).forEach(Charge::fill);
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
    charge(identity, limit).follow(fromNanos, toNanos);
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
    return charge(identity, limit).resetAfterNanos();
  }

  /** {@return the number of buckets that are held now, at most the bound} */
  public int size() {
    return store.size();
  }

  private List<Charge> charges(Identity identity, LimitPolicy policy) {
    List<PartitionedLimit> limits = LimiterArguments.requireLimits(identity, policy);
    List<Charge> charges = new ArrayList<>(limits.size());
    for (PartitionedLimit limit : limits) {
      charges.add(charge(identity, limit));
    }
    return charges;
  }

  private Charge charge(Identity identity, PartitionedLimit limit) {
    return new Charge(store, limit, identity.partitionKey(limit.partition()));
  }

  private boolean lookAtAll(List<Charge> charges, long now, long cost) {
    boolean all = true;
    for (Charge charge : charges) {
      charge.look();
      if (!standsIn && charge.exceedsLimit(now)) {
        charge.clamp();
      }
      all &= charge.holds(now, cost);
    }
    return all;
  }

  private static boolean takeAll(List<Charge> charges, long now, long cost) {
    for (int i = 0; i < charges.size(); i++) {
      if (!charges.get(i).take(now, cost)) {
        for (Charge taken : charges.subList(0, i)) {
          taken.giveBack(cost);
          taken.look();
        }
        return false;
      }
    }
    return true;
  }

  private static Decision unpaid(List<Charge> charges, long now, long cost) {
    return Decision.of(
        Decision.Source.MEMORY, charges.stream().map(charge -> charge.unpaid(now, cost)).toList());
  }
}
