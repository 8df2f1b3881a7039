package dev.penstock.redis;

import dev.penstock.Cost;
import dev.penstock.Decision;
import dev.penstock.Reservation;
import dev.penstock.bucket.DeniedReservation;
import dev.penstock.redis.SharedSlots.Counted;
import dev.penstock.redis.wire.RedisStore;
import dev.penstock.redis.wire.SharedBucket;
import java.util.List;
import java.util.Optional;

/** Makes reservations: decides, holds the slots that were given, and keeps what was taken. */
final class SharedReservations {

  private final RedisStore store;
  private final Leases leases;
  private final CheapDenials cheapDenials;
  private final SharedDecisions decisions;
  private final SharedSlots slots;
  private final Settlements settlements;

  SharedReservations(
      RedisStore store,
      Leases leases,
      CheapDenials cheapDenials,
      SharedDecisions decisions,
      SharedSlots slots,
      Settlements settlements) {
    this.store = store;
    this.leases = leases;
    this.cheapDenials = cheapDenials;
    this.decisions = decisions;
    this.slots = slots;
    this.settlements = settlements;
  }

  Reservation reserve(DecisionBuckets buckets, Cost cost) {
    long now = System.nanoTime();
    boolean mayBeLeased = leases.mayServe(buckets.enforced(), cost, now);
    boolean holdsSlots = buckets.all().stream().anyMatch(SharedBucket::isInFlight);
    String holder = holdsSlots ? slots.nextHolder() : "";
    Decision decision =
        holdsSlots
            ? decideWithSlots(buckets, cost, holder)
            : decisions.decide(buckets, cost, holder, true);
    return of(buckets, cost, holder, decision, mayBeLeased ? now - Lease.LIFE_NANOS : now);
  }

  /** Likewise without Redis, at once. */
  Reservation reserveWithout(DecisionBuckets buckets, Cost cost) {
    boolean holdsSlots = buckets.all().stream().anyMatch(SharedBucket::isInFlight);
    return of(
        buckets,
        cost,
        holdsSlots ? slots.nextHolder() : "",
        holdsSlots ? countedWithout(buckets, cost) : decisions.decideWithout(buckets, cost, true),
        System.nanoTime());
  }

  /**
   * Returns what was taken by a decision.
   *
   * @param holder the name of whoever holds the slots that were counted here
   * @param takenAt when it was taken, at the soonest
   */
  Reservation of(
      DecisionBuckets buckets, Cost cost, String holder, Decision decision, long takenAt) {
    if (!decision.permitted()) {
      return new DeniedReservation(decision);
    }
    SharedReservation reservation =
        SharedReservation.of(
            settlements,
            buckets.all().stream()
                .filter(bucket -> !bucket.isInFlight())
                .filter(
                    bucket ->
                        !bucket.limit().isShadow() || DecisionBuckets.tookPart(bucket, decision))
                .toList(),
            cost,
            decision,
            takenAt,
            buckets.windowEnds());
    hold(buckets.inFlight(), cost, holder, decision, reservation);
    decision
        .shadow()
        .filter(Decision::permitted)
        .ifPresent(
            tried ->
                hold(
                    buckets.shadowInFlight().stream()
                        .filter(bucket -> DecisionBuckets.tookPart(bucket, decision))
                        .toList(),
                    cost,
                    holder,
                    tried,
                    reservation));
    return reservation;
  }

  private void hold(
      List<SharedBucket> inFlight,
      Cost cost,
      String holder,
      Decision decision,
      SharedReservation reservation) {
    boolean known = decision.source() == Decision.Source.REDIS;
    for (SharedBucket bucket : inFlight) {
      if (bucket.amount(cost) > 0) {
        reservation.hold(slots.hold(bucket, bucket.amount(cost), holder, known, reservation));
      }
    }
  }

  /**
   * Decides over slots: what is permitted has been counted here. They are counted before Redis is
   * asked, so that this process alone never holds more than the limit; those that are only tried,
   * once Redis has given them.
   */
  private Decision decideWithSlots(DecisionBuckets buckets, Cost cost, String holder) {
    List<SharedBucket> inFlight = buckets.inFlight();
    if (!store.isAvailable(buckets.first())) {
      return countedWithout(buckets, cost);
    }
    Counted counted = slots.tryCount(inFlight, cost);
    if (!counted.all()) {
      return cheapDenials.fullHere(buckets.enforced(), counted.held(), cost);
    }
    Optional<Decision> decision = decisions.decideByRedis(buckets, cost, holder, true);
    if (decision.isPresent() && decision.get().permitted()) {
      decision
          .get()
          .shadow()
          .filter(tried -> tried.permitted() && tried.source() == Decision.Source.REDIS)
          .ifPresent(tried -> slots.count(buckets.shadowInFlight(), cost));
      return decision.get();
    }
    slots.uncount(inFlight, cost);
    if (decision.isPresent()) {
      return decision.get();
    }
    Decision without = countedWithout(buckets, cost);
    if (!without.permitted()) {
      slots.giveBackLater(inFlight, cost, holder);
    }
    if (!DecisionBuckets.isTried(without)) {
      slots.giveBackLater(buckets.shadowInFlight(), cost, holder);
    }
    return without;
  }

  /**
   * Decides without Redis; a limit that lets requests proceed meanwhile is counted all the same.
   */
  private Decision countedWithout(DecisionBuckets buckets, Cost cost) {
    Decision decision = decisions.decideWithout(buckets, cost, true);
    if (decision.permitted()) {
      slots.count(
          buckets.inFlight().stream()
              .filter(each -> !DecisionBuckets.tookPart(each, decision))
              .toList(),
          cost);
    }
    return decision;
  }
}
