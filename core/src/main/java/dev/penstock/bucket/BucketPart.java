package dev.penstock.bucket;

import dev.penstock.BucketState;
import dev.penstock.Cost;
import dev.penstock.Identity;
import dev.penstock.InFlightLimit;
import dev.penstock.PartitionedLimit;
import dev.penstock.WindowLimit;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One bucket's part in one decision, whatever its kind: look at it, take from it, give back. For
 * one thread.
 */
sealed interface BucketPart permits ChargedBucket, ChargedWindow, ChargedSlots {

  static BucketPart[] ofEach(
      BucketStore store, Identity identity, List<PartitionedLimit> limits, Cost cost) {
    return ofEach(store, identity, limits, cost, null);
  }

  /** Likewise, for someone who waits. */
  static BucketPart[] ofEach(
      BucketStore store,
      Identity identity,
      List<PartitionedLimit> limits,
      Cost cost,
      @Nullable Patience patience) {
    BucketPart[] parts = new BucketPart[limits.size()];
    for (int i = 0; i < parts.length; i++) {
      PartitionedLimit limit = limits.get(i);
      long amount = cost.amount(limit.limit());
      parts[i] =
          limit.limit() instanceof InFlightLimit
              ? new ChargedSlots(store, identity, limit, amount, patience != null)
              : limit.limit() instanceof WindowLimit
                  ? new ChargedWindow(store, identity, limit, amount)
                  : new ChargedBucket(store, identity, limit, amount, patience);
    }
    return parts;
  }

  /**
   * Returns how the buckets stand. A window needs more than one number for that, so where there is
   * one it is worked out at once.
   *
   * @param levels as {@link #level} says
   */
  static Supplier<List<BucketState>> states(
      BucketPart[] parts, List<PartitionedLimit> limits, Cost cost, boolean paid, long[] levels) {
    boolean hasWindow = false;
    for (BucketPart part : parts) {
      hasWindow |= part instanceof ChargedWindow;
    }
    if (!hasWindow) {
      return new BucketStates(limits, cost, paid ? 0 : -1, levels);
    }
    List<BucketState> states = new ArrayList<>(parts.length);
    for (int i = 0; i < parts.length; i++) {
      states.add(parts[i].state(levels[i], paid));
    }
    List<BucketState> all = Collections.unmodifiableList(states);
    return () -> all;
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
   * or how many slots are held or tokens taken.
   *
   * @param now the time of the decision, unless it has paid
   */
  long level(boolean paid, long now);

  /**
   * Returns how the bucket stands.
   *
   * @param level as {@link #level} says
   */
  BucketState state(long level, boolean paid);

  /**
   * Returns what {@link #take} took, to be settled later.
   *
   * @param reservation becomes unreachable with the reservation
   */
  ReservedPart reserved(Object reservation);
}
