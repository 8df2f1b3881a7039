package dev.penstock.memory;

import dev.penstock.Cost;
import dev.penstock.Decision;
import dev.penstock.Identity;
import dev.penstock.LimitPolicy;
import dev.penstock.LimiterArguments;
import dev.penstock.Metered;
import dev.penstock.MetricFamily;
import dev.penstock.PartitionedLimit;
import dev.penstock.RateLimiter;
import dev.penstock.Reservation;
import dev.penstock.base.Timer;
import dev.penstock.bucket.Buckets;
import dev.penstock.bucket.Trial;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongSupplier;

/**
 * A rate limiter that keeps its buckets in this process.
 *
 * <p>Use it where one process serves all requests, or where each may have a limit of its own. Time
 * is monotonic ({@link System#nanoTime}); the wall clock takes part in {@linkplain
 * dev.penstock.WindowLimit windows} alone.
 *
 * <p>Lock-free: no thread ever waits for another, but for one that settles the same reservation,
 * and those who are willing to wait ({@link #acquire}, {@link #acquireAsync}) take a lock to stand
 * in line. There is no background thread, but a timer while somebody waits for a future. A decision
 * over several buckets looks at all of them first, so a denied request writes nothing; it then
 * takes from one after the other, and gives back what it took if another request was faster at a
 * later one.
 *
 * <p>Memory is bounded by a number of buckets, which is never exceeded. A bucket that has become
 * full again is forgotten, since it is as good as an absent one; one that is not full never is, so
 * a flood of new names cannot refill an old one. A newcomer whose kind finds no room shares one
 * bucket with the others of that kind for each limit's name, the overflow bucket, until there is
 * room; whoever gets a bucket then starts with it at the level of the overflow bucket, since what
 * they spent there is not known otherwise. A reservation puts back into the bucket that paid, and
 * into no other: what the overflow bucket paid never comes back into a bucket of one's own.
 *
 * <p>Client addresses find room while less than three quarters of the bound are taken, verified
 * users while any is left: so whoever sends from many addresses without a token cannot lock out
 * those who have one. {@link InMemoryRateLimiterBuilder#share} says other shares.
 *
 * <p>Two identities share a bucket by accident at most once in 10^12 lookups at a million buckets:
 * buckets are told apart by 63 bits of a keyed hash. A decision of one bucket takes one reading of
 * the clock and one compare-and-set, and no object if only {@link Decision#permitted} is read (of a
 * window two readings and two small objects); one of several takes a compare-and-set for each, and
 * an array of as many numbers, where windows are among them also what says how these stand.
 */
public final class InMemoryRateLimiter implements RateLimiter, Metered {

  /** The bound of {@link #create()}: 100,000 buckets, at most about 4 MB. */
  public static final int DEFAULT_MAX_BUCKETS = 100_000;

  private static final int MAX_MAX_BUCKETS = 1 << 28;

  private final Buckets buckets;
  private final Timer timer = new Timer("penstock-waits");

  InMemoryRateLimiter(Buckets buckets) {
    this.buckets = buckets;
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

  static int requireBound(int maxBuckets) {
    if (maxBuckets < 1 || maxBuckets > MAX_MAX_BUCKETS) {
      throw new IllegalArgumentException(
          "maxBuckets must be from 1 to " + MAX_MAX_BUCKETS + ": " + maxBuckets);
    }
    return maxBuckets;
  }

  @Override
  public Decision tryAcquire(Identity identity, LimitPolicy policy) {
    return take(identity, LimiterArguments.requireNoSlots(identity, policy), Cost.ONE_REQUEST);
  }

  @Override
  public Decision tryAcquire(Identity identity, LimitPolicy policy, Cost cost) {
    return take(identity, LimiterArguments.requireNoSlots(identity, policy, cost), cost);
  }

  private Decision take(Identity identity, List<PartitionedLimit> limits, Cost cost) {
    return LimiterArguments.haveShadow(limits)
        ? Trial.decide(Decision.Source.MEMORY, limits, some -> buckets.take(identity, some, cost))
        : buckets.take(identity, limits, cost);
  }

  @Override
  public Reservation reserve(Identity identity, LimitPolicy policy, Cost cost) {
    return reserve(identity, LimiterArguments.requireLimits(identity, policy, cost), cost);
  }

  private Reservation reserve(Identity identity, List<PartitionedLimit> limits, Cost cost) {
    return LimiterArguments.haveShadow(limits)
        ? Trial.reserve(limits, some -> buckets.reserve(identity, some, cost))
        : buckets.reserve(identity, limits, cost);
  }

  @Override
  public Reservation acquire(Identity identity, LimitPolicy policy, Cost cost, Duration maxWait)
      throws InterruptedException {
    List<PartitionedLimit> limits = LimiterArguments.requireLimits(identity, policy, cost);
    long nanos = LimiterArguments.requireMaxWait(maxWait);
    if (!Buckets.canAwait(limits)) {
      return RateLimiter.super.acquire(identity, policy, cost, maxWait);
    }
    if (Thread.interrupted()) {
      throw new InterruptedException();
    }
    Reservation reservation = reserve(identity, limits, cost);
    return isFinal(reservation, nanos)
        ? reservation
        : buckets.await(identity, limits, cost, nanos).await();
  }

  @Override
  public CompletableFuture<Reservation> acquireAsync(
      Identity identity, LimitPolicy policy, Cost cost, Duration maxWait) {
    List<PartitionedLimit> limits = LimiterArguments.requireLimits(identity, policy, cost);
    long nanos = LimiterArguments.requireMaxWait(maxWait);
    if (!Buckets.canAwait(limits)) {
      return RateLimiter.super.acquireAsync(identity, policy, cost, maxWait);
    }
    Reservation reservation = reserve(identity, limits, cost);
    return isFinal(reservation, nanos)
        ? CompletableFuture.completedFuture(reservation)
        : buckets.await(identity, limits, cost, nanos).future(timer, true);
  }

  private static boolean isFinal(Reservation reservation, long maxWaitNanos) {
    return reservation.permitted() || maxWaitNanos == 0 || reservation.decision().never();
  }

  @Override
  public Decision peek(Identity identity, LimitPolicy policy, Cost cost) {
    return Trial.decide(
        Decision.Source.MEMORY,
        LimiterArguments.requireLimits(identity, policy, cost),
        some -> buckets.look(identity, some, cost));
  }

  @Override
  public void reset(Identity identity, LimitPolicy policy) {
    buckets.fill(identity, LimiterArguments.requireLimits(identity, policy));
  }

  /**
   * {@return how many buckets and slots are held, how many callers wait for slots, for how many
   * buckets there is room, and how many requests found none, by kind of identity}
   */
  @Override
  public List<MetricFamily> metrics() {
    List<MetricFamily> families = new ArrayList<>(buckets.metrics());
    families.add(buckets.slots());
    families.add(buckets.slotsAwaited());
    return families;
  }

  /** {@return the number of buckets that are held now, at most the bound} */
  public int size() {
    return buckets.size();
  }

  /**
   * {@return whether a newcomer of this kind finds room now} If not, it shares the overflow bucket
   * of its kind, unless a bucket that is full again is found to take its place. For a gauge.
   *
   * @param kind the kind of the key that a limit charges: under a limit per workspace, a user's is
   *     the workspace
   */
  public boolean hasRoom(Identity.Kind kind) {
    return buckets.hasRoom(Objects.requireNonNull(kind, "kind"));
  }
}
