package dev.penstock.redis;

import dev.penstock.redis.wire.PlaceInLine;
import dev.penstock.redis.wire.ScriptCall;
import dev.penstock.redis.wire.SharedBucket;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Settlements that Redis has not carried out yet, in the order in which they were asked for; at
 * most so many. Those of the same buckets under the same limits are one, unless Redis may have
 * carried out the first.
 *
 * <p>Thread-safe: a lock is held for some steps in memory, and not taken while nothing is owed.
 */
final class OwedSettlements {

  /** What makes two of them one. */
  private record Same(
      ScriptCall.Operation operation,
      List<Long> buckets,
      List<Long> fillNanos,
      List<Long> windowEnds,
      List<PlaceInLine> places) {

    static Same of(Settlement settlement) {
      List<Long> fills = settlement.dues().stream().map(Settlement.Due::nanosToFill).toList();
      List<Long> ends = settlement.dues().stream().map(Settlement.Due::windowEnd).toList();
      List<PlaceInLine> places = settlement.dues().stream().map(Settlement.Due::place).toList();
      return new Same(settlement.operation(), settlement.hashes(), fills, ends, places);
    }
  }

  private final int most;

  /** By their receipts. */
  private final Map<String, Settlement> owed = new LinkedHashMap<>();

  /** The receipts of those that have not been sent. */
  private final Map<Same, String> unsent = new HashMap<>();

  /** How many are owed to each bucket. */
  private final Map<Long, Integer> byBucket = new HashMap<>();

  private volatile boolean empty = true;

  /**
   * Owes nothing yet.
   *
   * @param most at least 1
   */
  OwedSettlements(int most) {
    this.most = most;
  }

  boolean isEmpty() {
    return empty;
  }

  /** Returns whether anything is owed to any of these buckets. */
  boolean owes(List<SharedBucket> buckets) {
    if (empty) {
      return false;
    }
    synchronized (this) {
      return buckets.stream().anyMatch(bucket -> byBucket.containsKey(bucket.hash()));
    }
  }

  /** Takes another; returns whether there was room. */
  synchronized boolean add(Settlement settlement) {
    Same same = Same.of(settlement);
    @Nullable String receipt = unsent.get(same);
    @Nullable Settlement earlier = receipt == null ? null : owed.get(receipt);
    if (earlier != null && !settlement.sent()) {
      owed.put(earlier.receipt(), earlier.with(settlement));
      return true;
    }
    if (owed.size() >= most) {
      return false;
    }
    owed.put(settlement.receipt(), settlement);
    if (!settlement.sent()) {
      unsent.put(same, settlement.receipt());
    }
    settlement.hashes().forEach(hash -> byBucket.merge(hash, 1, Integer::sum));
    empty = false;
    return true;
  }

  /** Returns the receipts of all in their order. */
  synchronized List<String> inOrder() {
    return List.copyOf(owed.keySet());
  }

  @Nullable
  synchronized Settlement find(String receipt) {
    return owed.get(receipt);
  }

  /** Says that one is about to be sent: nothing is added to it any more. */
  synchronized void sending(Settlement settlement) {
    unsent.remove(Same.of(settlement), settlement.receipt());
    owed.put(settlement.receipt(), settlement.asSent());
  }

  /** Says that one is carried out, or not worth it any more. */
  synchronized void done(Settlement settlement) {
    unsent.remove(Same.of(settlement), settlement.receipt());
    owed.remove(settlement.receipt());
    settlement
        .hashes()
        .forEach(hash -> byBucket.computeIfPresent(hash, (b, n) -> n == 1 ? null : n - 1));
    empty = owed.isEmpty();
  }
}
