package dev.penstock.redis;

import dev.penstock.BucketState;
import dev.penstock.Cost;
import dev.penstock.Decision;
import dev.penstock.FailoverMode;
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

  /**
   * Decides. One limit that rejects requests rejects this one; limits that let them proceed take no
   * part.
   */
  Decision decide(List<SharedBucket> buckets, Cost cost, boolean take) {
    List<SharedBucket> local = new ArrayList<>(buckets.size());
    for (SharedBucket bucket : buckets) {
      FailoverMode chosen = bucket.limit().limit().failover().orElse(mode);
      if (chosen == FailoverMode.CLOSED) {
        return Decision.closed(retryAfter);
      }
      if (chosen == FailoverMode.LOCAL) {
        local.add(bucket);
      }
    }
    if (local.stream().anyMatch(SharedBucket::isInFlight)) {
      return decideWithSlots(local, cost, take);
    }
    return local.isEmpty() ? Decision.open() : ledger.decide(local, cost, take);
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
