package dev.penstock.redis;

import dev.penstock.BucketState;
import dev.penstock.Cost;
import dev.penstock.Decision;
import dev.penstock.redis.wire.RedisStore;
import dev.penstock.redis.wire.SharedBucket;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Function;

/**
 * The way of a decision: by tokens taken ahead, by what Redis has just said, by Redis, or without
 * it.
 */
final class SharedDecisions {

  private final RedisStore store;
  private final Leases leases;
  private final CheapDenials cheapDenials;
  private final SharedBuckets shared;
  private final Settlements settlements;
  private final Failover failover;
  private final LongAdder leased = new LongAdder();
  private final LongAdder withoutRedis = new LongAdder();

  SharedDecisions(
      RedisStore store,
      Leases leases,
      CheapDenials cheapDenials,
      SharedBuckets shared,
      Settlements settlements,
      Failover failover) {
    this.store = store;
    this.leases = leases;
    this.cheapDenials = cheapDenials;
    this.shared = shared;
    this.settlements = settlements;
    this.failover = failover;
  }

  /** Returns how many were permitted by tokens taken ahead. */
  long leased() {
    return leased.sum();
  }

  /** Returns how many were made without Redis. */
  long withoutRedis() {
    return withoutRedis.sum();
  }

  /**
   * Decides.
   *
   * @param holder the name of whoever is to hold slots
   */
  Decision decide(DecisionBuckets buckets, Cost cost, String holder, boolean take) {
    return decideByRedis(buckets, cost, holder, take)
        .orElseGet(() -> decideWithout(buckets, cost, take));
  }

  /** Likewise, and not at all where Redis does not say. */
  Optional<Decision> decideByRedis(
      DecisionBuckets buckets, Cost cost, String holder, boolean take) {
    long now = System.nanoTime();
    List<SharedBucket> enforced = buckets.enforced();
    if (leases.mayServe(enforced, cost, now)) {
      if (take && leases.take(enforced, cost, now)) {
        leased.increment();
        Decision decision = paidFromLease(enforced, now);
        List<SharedBucket> bans = enforced.stream().filter(SharedBucket::isBan).toList();
        enforced.forEach(bucket -> shared.fillUp(bucket, bans, now));
        return Optional.of(failover.withShadow(decision, buckets.shadow(), cost, true));
      }
      if (!take && leases.hold(enforced, cost, now)) {
        Decision decision = heldByLease(enforced, cost, now);
        return Optional.of(failover.withShadow(decision, buckets.shadow(), cost, false));
      }
    }
    boolean mayTake = take && isWithinCapacity(enforced, cost);
    if (mayTake) {
      Optional<Decision> denial = cheapDenials.asKnown(enforced, cost, now, 0);
      if (denial.isPresent()) {
        return denial;
      }
    }
    if (!store.isAvailable(buckets.first())) {
      return Optional.empty();
    }
    Optional<Decision> decision = ask(buckets, cost, holder, mayTake, now);
    if (decision.isEmpty()) {
      store.decidedWithout(buckets.first());
    }
    return decision;
  }

  private Optional<Decision> ask(
      DecisionBuckets buckets, Cost cost, String holder, boolean take, long now) {
    if (!settlements.areSettled(buckets.all())) {
      return Optional.empty();
    }
    return take ? shared.take(buckets, cost, holder, now) : shared.look(buckets, cost, now);
  }

  /** Counts a decision without Redis. */
  void countWithout() {
    withoutRedis.increment();
  }

  Decision decideWithout(DecisionBuckets buckets, Cost cost, boolean take) {
    countWithout();
    return failover.decide(buckets, cost, take);
  }

  /**
   * Returns what can be decided without asking Redis, and without a lease: a denial of which it has
   * just told, and what is to be decided while it is away.
   */
  Optional<Decision> decideAtOnce(DecisionBuckets buckets, Cost cost, long now) {
    if (isWithinCapacity(buckets.enforced(), cost)) {
      Optional<Decision> denial = cheapDenials.asKnown(buckets.enforced(), cost, now, 0);
      if (denial.isPresent()) {
        return denial;
      }
    }
    return store.isAvailable(buckets.first())
        ? Optional.empty()
        : Optional.of(decideWithout(buckets, cost, true));
  }

  /**
   * Returns whether one call of the script decides, and nothing has to be asked before or after it.
   */
  boolean isOneCall(DecisionBuckets buckets, Cost cost, long now) {
    List<SharedBucket> all = buckets.all();
    return all.stream().noneMatch(SharedBucket::isInFlight)
        && !leases.mayServe(buckets.enforced(), cost, now)
        && isWithinCapacity(buckets.enforced(), cost)
        && !settlements.owes(all);
  }

  static boolean isWithinCapacity(List<SharedBucket> buckets, Cost cost) {
    for (SharedBucket bucket : buckets) {
      long amount = bucket.isInFlight() ? SharedSlots.amount(bucket, cost) : bucket.amount(cost);
      if (amount > bucket.limit().limit().capacity()) {
        return false;
      }
    }
    return true;
  }

  private Decision paidFromLease(List<SharedBucket> buckets, long now) {
    return byLease(
        buckets, bucket -> SharedBucket.paid(bucket.limit(), leases.levelNanos(bucket, now)));
  }

  /** Tells how buckets stand together with what is in hand. */
  private Decision heldByLease(List<SharedBucket> buckets, Cost cost, long now) {
    return byLease(
        buckets,
        bucket ->
            SharedBucket.state(
                bucket.limit(), leases.levelNanos(bucket, now), bucket.amount(cost)));
  }

  private static Decision byLease(
      List<SharedBucket> buckets, Function<SharedBucket, BucketState> state) {
    return Decision.of(Decision.Source.REDIS, buckets.stream().map(state).toList());
  }
}
