package dev.penstock.redis;

import dev.penstock.Cost;
import dev.penstock.Decision;
import dev.penstock.redis.wire.SharedBucket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Decides while Redis is away, by the mode of each limit. */
final class Failover {

  private final FailoverMode mode;
  private final Map<String, FailoverMode> modes;
  private final Duration retryAfter;
  private final Ledger ledger;

  /**
   * @param mode of every limit that has none of its own
   * @param modes by the names of limits
   * @param retryAfter when a request that is rejected may come again
   * @param ledger who decides in {@link FailoverMode#LOCAL}
   */
  Failover(FailoverMode mode, Map<String, FailoverMode> modes, Duration retryAfter, Ledger ledger) {
    this.mode = mode;
    this.modes = Map.copyOf(modes);
    this.retryAfter = retryAfter;
    this.ledger = ledger;
  }

  /**
   * Decides. One limit that rejects requests rejects this one; limits that let them proceed take no
   * part.
   */
  Decision decide(List<SharedBucket> buckets, Cost cost, boolean take) {
    List<SharedBucket> local = new ArrayList<>(buckets.size());
    for (SharedBucket bucket : buckets) {
      FailoverMode chosen = modes.getOrDefault(bucket.limit().name(), mode);
      if (chosen == FailoverMode.CLOSED) {
        return Decision.closed(retryAfter);
      }
      if (chosen == FailoverMode.LOCAL) {
        local.add(bucket);
      }
    }
    return local.isEmpty() ? Decision.open() : ledger.decide(local, cost, take);
  }
}
