package dev.penstock.redis;

import dev.penstock.BucketState;
import dev.penstock.Cost;
import dev.penstock.Decision;
import dev.penstock.FailoverMode;
import dev.penstock.MetricFamily;
import dev.penstock.redis.SharedSlots.Counted;
import dev.penstock.redis.wire.SharedBucket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;

/** Decides while Redis is away, by the mode of each limit. */
final class Failover {

  private final FailoverMode mode;
  private final Duration retryAfter;
  private final Ledger ledger;
  private final SharedSlots slots;

  /**
   * @param mode of every limit that has none of its own
   * @param retryAfter when a request that is rejected may come again
   * @param ledger who decides in {@link FailoverMode#LOCAL}
   * @param slots who does so over slots
   */
  Failover(FailoverMode mode, Duration retryAfter, Ledger ledger, SharedSlots slots) {
    this.mode = mode;
    this.retryAfter = retryAfter;
    this.ledger = ledger;
    this.slots = slots;
  }

  /** {@return what is kept in this process: buckets while Redis is away, and slots} */
  List<MetricFamily> metrics() {
    List<MetricFamily> families = new ArrayList<>(ledger.metrics());
    families.add(slots.metrics());
    return families;
  }

  /**
   * Decides. One limit that rejects requests rejects this one; limits that let them proceed take no
   * part. Where nobody decides, nothing is tried.
   */
  Decision decide(DecisionBuckets buckets, Cost cost, boolean take) {
    List<SharedBucket> enforced = buckets.enforced();
    List<SharedBucket> local = new ArrayList<>(enforced.size());
    for (SharedBucket bucket : enforced) {
      FailoverMode chosen = mode(bucket);
      if (chosen == FailoverMode.CLOSED) {
        return Decision.closed(retryAfter);
      }
      if (chosen == FailoverMode.LOCAL) {
        local.add(bucket);
      }
    }
    if (local.isEmpty() && !enforced.isEmpty()) {
      return Decision.open();
    }
    Decision decision =
        local.isEmpty()
            ? Decision.ofNoBucket(Decision.Source.LOCAL)
            : decideHere(local, cost, take);
    return withShadow(decision, buckets.shadow(), cost, take);
  }

  /**
   * Returns the decision for whoever is willing to wait, if that is known at once: no limit is kept
   * here, or one rejects requests.
   */
  Optional<Decision> decideWaiter(List<SharedBucket> enforced) {
    if (enforced.stream().anyMatch(bucket -> mode(bucket) == FailoverMode.CLOSED)) {
      return Optional.of(Decision.closed(retryAfter));
    }
    return local(enforced).isEmpty() ? Optional.of(Decision.open()) : Optional.empty();
  }

  /** Returns those buckets that are kept here. */
  List<SharedBucket> local(List<SharedBucket> buckets) {
    return buckets.stream().filter(bucket -> mode(bucket) == FailoverMode.LOCAL).toList();
  }

  private FailoverMode mode(SharedBucket bucket) {
    return bucket.limit().limit().failover().orElse(mode);
  }

  /**
   * Returns a decision with that of limits which are only tried, by this instance's share of them.
   */
  Decision withShadow(Decision decision, List<SharedBucket> shadow, Cost cost, boolean take) {
    if (!decision.permitted() || shadow.isEmpty()) {
      return decision;
    }
    List<SharedBucket> local = local(shadow);
    return local.isEmpty() ? decision : decision.withShadow(decideHere(local, cost, take));
  }

  private Decision decideHere(List<SharedBucket> local, Cost cost, boolean take) {
    return local.stream().anyMatch(SharedBucket::isInFlight)
        ? decideWithSlots(local, cost, take)
        : ledger.decide(local, cost, take);
  }

  /** Slots are counted first, and not at all if the tokens are denied. */
  private Decision decideWithSlots(List<SharedBucket> local, Cost cost, boolean take) {
    List<SharedBucket> inFlight = local.stream().filter(SharedBucket::isInFlight).toList();
    List<SharedBucket> tokens = local.stream().filter(bucket -> !bucket.isInFlight()).toList();
    Counted counted =
        take ? slots.tryCountOfShare(inFlight, cost) : new Counted(false, slots.held(inFlight));
    Optional<Decision> ofTokens =
        tokens.isEmpty()
            ? Optional.empty()
            : Optional.of(ledger.decide(tokens, cost, counted.all()));
    boolean paid = counted.all() && ofTokens.map(Decision::permitted).orElse(true);
    if (counted.all() && !paid) {
      slots.uncount(inFlight, cost);
    }
    Iterator<Long> held = counted.held().iterator();
    Iterator<BucketState> said = ofTokens.map(Decision::buckets).orElse(List.of()).iterator();
    List<BucketState> states = new ArrayList<>(local.size());
    for (SharedBucket bucket : local) {
      states.add(
          bucket.isInFlight() ? slots.stateOfShare(bucket, held.next(), cost, paid) : said.next());
    }
    return Decision.of(Decision.Source.LOCAL, states);
  }
}
