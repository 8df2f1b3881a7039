package dev.penstock.redis;

import dev.penstock.Cost;
import dev.penstock.Limit;
import dev.penstock.Partition;
import dev.penstock.TokenBucketLimit;
import dev.penstock.base.Inside;
import dev.penstock.redis.wire.KnownLevel;
import dev.penstock.redis.wire.SharedBucket;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The leases of this process, by bucket. A decision is served from them if each of its buckets is
 * under a limit that may be leased and the tokens in hand suffice; otherwise Redis is asked. The
 * bucket of a ban is in nobody's hand: of it counts what Redis said when tokens of the identity's
 * own were taken ahead, which is a second ago at most; where all that is leased is shared, Redis is
 * asked.
 *
 * <p>Once tokens have lain for a second, the whole lease is over and what is left goes back, as
 * when the limiter is closed. To put tokens back makes the time at which the bucket is full earlier
 * by as many intervals: it frees the last ones, on which others may count, for the intervals of
 * what goes back. So only tokens go back whose intervals begin when nobody can have a token any
 * more that is in anybody's hand now ({@link #keptNanos}); the rest is refilled by then. And since
 * what others give back next may be such a moved interval, a bucket whose tokens went back is not
 * leased here for a while ({@link #restNanos}). Returns of which each comes within the life of a
 * lease after the one before, and its way and as much for a late thread, are then over before the
 * intervals of the first begin: n instances that rest for 6 n seconds make up a row of at most 6 n
 * seconds with gaps of 3.
 */
final class Leases implements AutoCloseable {

  /** Gives tokens back to Redis. */
  interface Returns {
    void giveBack(SharedBucket bucket, long tokens);
  }

  /** A bucket that was asked for so lately is worth a lease. */
  private static final long HOT_NANOS = Duration.ofMillis(100).toNanos();

  /** Twice the longest gap between two returns of a row. */
  private static final long REST_NANOS_PER_INSTANCE = 6 * Lease.LIFE_NANOS;

  /** A return that takes longer than this on its way is the only one that may come too late. */
  private static final long WAY_BACK_NANOS = Duration.ofMinutes(1).toNanos();

  private final int instances;
  private final int maxLeases;
  private final LongSupplier nanoClock;
  private final LeaseTimer timer;
  private final Returns returns;
  private final Map<Long, Lease> leases = new ConcurrentHashMap<>();

  /** Resets that are under way, and how many have been. */
  private final AtomicInteger resetting = new AtomicInteger();

  private final AtomicInteger resets = new AtomicInteger();

  /**
   * Has no leases yet.
   *
   * @param instances how many share the buckets
   * @param maxLeases of how many buckets at once
   */
  Leases(int instances, int maxLeases, LongSupplier nanoClock, LeaseTimer timer, Returns returns) {
    this.instances = instances;
    this.maxLeases = maxLeases;
    this.nanoClock = nanoClock;
    this.timer = timer;
    this.returns = returns;
  }

  /** Returns how far ahead the intervals of tokens that go back begin at least. */
  private long keptNanos() {
    return WAY_BACK_NANOS + restNanos();
  }

  /** Returns for how long a bucket is not leased after tokens of it went back. */
  private long restNanos() {
    return instances * REST_NANOS_PER_INSTANCE;
  }

  /**
   * Returns whether a decision may be served from leases: what is in hand says nothing of a bucket
   * that is charged nothing.
   */
  boolean mayServe(List<SharedBucket> buckets, Cost cost, long now) {
    if (!mayLease(buckets)) {
      return false;
    }
    for (SharedBucket bucket : buckets) {
      if (bucket.isBan() ? !bucket.holdsAsKnown(cost, now, 0) : bucket.amount(cost) == 0) {
        return false;
      }
    }
    return true;
  }

  private static boolean mayLease(List<SharedBucket> buckets) {
    boolean hasBan = false;
    boolean hasOwn = false;
    for (SharedBucket bucket : buckets) {
      if (bucket.isBan()) {
        hasBan = true;
      } else if (block(bucket) == 0) {
        return false;
      }
      hasOwn |= bucket.limit().partition() == Partition.IDENTITY && !bucket.isBan();
    }
    return !buckets.isEmpty() && (hasOwn || !hasBan);
  }

  /** Returns whether every lease holds the cost. */
  boolean hold(List<SharedBucket> buckets, Cost cost, long now) {
    return buckets.stream().allMatch(bucket -> inHand(bucket, now) >= bucket.amount(cost));
  }

  /** Takes the cost from every lease, or from none if one does not hold it. */
  boolean take(List<SharedBucket> buckets, Cost cost, long now) {
    if (buckets.size() > 1 && !hold(buckets, cost, now)) {
      return false;
    }
    for (int i = 0; i < buckets.size(); i++) {
      if (buckets.get(i).isBan()) {
        continue;
      }
      @Nullable Lease lease = find(buckets.get(i));
      if (lease == null || !lease.take(buckets.get(i).amount(cost), now)) {
        putBack(buckets.subList(0, i), cost);
        return false;
      }
    }
    return true;
  }

  private void putBack(List<SharedBucket> buckets, Cost cost) {
    for (SharedBucket bucket : buckets) {
      @Nullable Lease lease = find(bucket);
      if (lease != null) {
        lease.putBack(bucket.amount(cost));
      }
    }
  }

  /** Returns how long the bucket would take to be full if what is in hand were in it. */
  long levelNanos(SharedBucket bucket, long now) {
    @Nullable Lease lease = find(bucket);
    return lease == null ? bucket.levelNanos(now) : lease.levelNanos(now);
  }

  /** Returns whether half of a lease is spent. */
  boolean isHalfSpent(SharedBucket bucket, long now) {
    @Nullable Lease lease = find(bucket);
    return lease != null && lease.isHalfSpent(now);
  }

  /**
   * Tokens that are to be taken ahead of what is asked for.
   *
   * @param tokens how many, 0 where none
   */
  record Ahead(SharedBucket bucket, long tokens) {}

  /**
   * Lets one caller at a time take tokens of these buckets ahead; {@link #endAsking} follows unless
   * there is nothing to take.
   *
   * @return how many of each bucket, of that of a ban none; nothing unless of all others
   */
  List<Ahead> beginAsking(List<SharedBucket> buckets, long now) {
    if (missing(buckets, now).isEmpty()) {
      return List.of();
    }
    for (int i = 0; i < buckets.size(); i++) {
      if (buckets.get(i).isBan()) {
        continue;
      }
      @Nullable Lease lease = begun(buckets.get(i));
      if (lease == null || !lease.beginAsking()) {
        endAsking(buckets.subList(0, i));
        return List.of();
      }
    }
    // Nobody else adds to these leases now.
    List<Ahead> missing = missing(buckets, now);
    if (missing.isEmpty()) {
      endAsking(buckets);
    }
    return missing;
  }

  void endAsking(List<SharedBucket> buckets) {
    for (SharedBucket bucket : buckets) {
      @Nullable Lease lease = leases.get(bucket.hash());
      if (lease != null) {
        lease.endAsking();
      }
    }
  }

  private List<Ahead> missing(List<SharedBucket> buckets, long now) {
    if (!mayLease(buckets)) {
      return List.of();
    }
    List<Ahead> missing =
        buckets.stream().map(bucket -> new Ahead(bucket, missing(bucket, now))).toList();
    boolean isWorthIt =
        missing.stream().allMatch(ahead -> ahead.tokens() > 0 || ahead.bucket().isBan());
    return isWorthIt ? missing : List.of();
  }

  /**
   * Returns how many tokens of a bucket are worth taking ahead: what is missing to what is wanted,
   * but at most half of what Redis has left, so that the last ones stay for everybody.
   */
  private long missing(SharedBucket bucket, long now) {
    if (bucket.isBan()) {
      return 0;
    }
    long block = block(bucket);
    @Nullable KnownLevel last = bucket.known();
    boolean asked = last != null && now - last.saidAt() < HOT_NANOS;
    @Nullable Lease lease = leases.get(bucket.hash());
    if (lease == null ? !asked || leases.size() >= maxLeases : !lease.isFor(bucket)) {
      return 0;
    }
    Limit limit = bucket.limit().limit();
    long left = (Inside.nanosToFill(limit) - bucket.levelNanos(now)) / Inside.nanosPerToken(limit);
    long wanted = lease == null ? Lease.wantedAtFirst(block) : lease.wanted(block, now);
    long missing = Math.min(wanted - inHand(bucket, now), left / 2);
    return missing > wanted / 4 ? missing : 0;
  }

  /** Returns what {@link #add} has to know of the time before Redis was asked. */
  int resets() {
    return resets.get();
  }

  /**
   * Keeps tokens that Redis has just been charged. They are void where buckets were reset
   * meanwhile, as it is not known which came first.
   *
   * @param word when the bucket in Redis is full at the soonest
   * @param saidAt when Redis was asked
   * @param resetsBefore how many there had been before Redis was asked
   */
  void add(SharedBucket bucket, long tokens, long word, long saidAt, int resetsBefore) {
    if (resetting.get() > 0 || resets.get() != resetsBefore) {
      return;
    }
    @Nullable Lease lease = find(bucket);
    if (lease == null || !lease.add(tokens, word, saidAt)) {
      Lease homeless = new Lease(bucket);
      homeless.add(tokens, word, saidAt);
      giveBack(homeless);
    }
  }

  /** Says that time of refill is about to be put back into a bucket in Redis. */
  void refunded(SharedBucket bucket, long nanos) {
    @Nullable Lease lease = leases.get(bucket.hash());
    if (lease != null) {
      lease.refunded(nanos);
    }
  }

  /** Says that buckets are about to be filled in Redis; {@link #endReset} follows. */
  void beginReset() {
    resetting.incrementAndGet();
  }

  void endReset() {
    resets.incrementAndGet();
    resetting.decrementAndGet();
  }

  /** Gives all tokens back. */
  @Override
  public void close() {
    timer.close();
    leases.values().forEach(this::giveBack);
  }

  /** Returns how many tokens are taken ahead at most; slots never are. */
  private static long block(SharedBucket bucket) {
    return bucket.limit().limit() instanceof TokenBucketLimit limit ? limit.lease() : 0;
  }

  private long inHand(SharedBucket bucket, long now) {
    @Nullable Lease lease = find(bucket);
    return lease == null ? 0 : lease.tokens(now);
  }

  private @Nullable Lease find(SharedBucket bucket) {
    @Nullable Lease lease = leases.get(bucket.hash());
    return lease == null || !lease.isFor(bucket) ? null : lease;
  }

  private @Nullable Lease begun(SharedBucket bucket) {
    Lease lease =
        leases.computeIfAbsent(
            bucket.hash(),
            hash -> {
              Lease begun = new Lease(bucket);
              lookLater(begun, Lease.LIFE_NANOS);
              return begun;
            });
    return lease.isFor(bucket) ? lease : null;
  }

  private void lookLater(Lease lease, long nanos) {
    timer.after(nanos, () -> look(lease));
  }

  /** Ends a lease of which tokens have lain for too long, or that nobody needs. */
  private void look(Lease lease) {
    long nanosLeft = lease.nanosLeft(nanoClock.getAsLong());
    if (nanosLeft > 0 && !lease.isIdle()) {
      lookLater(lease, nanosLeft);
    } else {
      timer.after(giveBack(lease), () -> forget(lease));
    }
  }

  private void forget(Lease lease) {
    leases.remove(lease.bucket().hash(), lease);
  }

  /** Ends a lease; returns for how long its bucket is not leased from now on. */
  private long giveBack(Lease lease) {
    long now = nanoClock.getAsLong();
    Lease.Left left = lease.end(now, now + keptNanos());
    if (left.back() > 0) {
      returns.giveBack(lease.bucket(), left.back());
    }
    return Math.max(left.back() > 0 ? restNanos() : 0, left.refilledAt() - now);
  }
}
