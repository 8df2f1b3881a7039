package dev.penstock.bucket;

import dev.penstock.Cost;
import dev.penstock.Identity;
import dev.penstock.InFlightLimit;
import dev.penstock.PartitionedLimit;
import java.util.List;

/**
 * One bucket's part in one decision, whatever its kind: look at it, take from it, give back. For
 * one thread.
 */
sealed interface BucketPart permits ChargedBucket, ChargedSlots {

  static BucketPart[] ofEach(
      BucketStore store, Identity identity, List<PartitionedLimit> limits, Cost cost) {
    BucketPart[] parts = new BucketPart[limits.size()];
    for (int i = 0; i < parts.length; i++) {
      PartitionedLimit limit = limits.get(i);
      long amount = cost.amount(limit.limit());
      parts[i] =
          limit.limit() instanceof InFlightLimit
              ? new ChargedSlots(store, identity, limit, amount)
              : new ChargedBucket(store, identity, limit, amount);
    }
    return parts;
  }

  /** Reads the bucket as it stands. */
  void look();

  /** Returns whether the bucket holds its part of the cost, as this decision last saw it. */
  boolean holds(long now);

  /**
   * Takes the bucket's part of the cost, from the overflow bucket where there is no room for one of
   * its own; if that is nothing, the bucket need not be there.
   */
  boolean take(long now);

  /** Gives back what {@link #take} took. */
  void giveBack();

  /**
   * Returns how far from full the bucket is, as this decision last saw or made it: in nanoseconds,
   * or how many slots are held.
   *
   * @param now the time of the decision, unless it has paid
   */
  long level(boolean paid, long now);

  /**
   * Returns what {@link #take} took, to be settled later.
   *
   * @param reservation becomes unreachable with the reservation
   */
  ReservedPart reserved(Object reservation);
}
