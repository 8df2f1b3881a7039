package dev.penstock.bucket;

import dev.penstock.Cost;
import dev.penstock.Identity;
import dev.penstock.PartitionedLimit;
import dev.penstock.WindowLimit;
import java.util.List;

/**
 * A decision that takes its cost from all buckets or from none.
 *
 * <p>It looks at all of them first, so a denied request writes nothing; it then takes from one
 * after the other, and gives back what it took if another request was faster at a later one. A
 * bucket that is charged nothing is only looked at.
 *
 * <p>Token buckets that are there are charged without an object ({@code SeveralBucketsBenchmark}).
 * Where one is absent, or another request was faster, the decision starts anew {@linkplain
 * #atLength at length}.
 */
final class AllOrNothing {

  /** How often a decision starts anew when another was faster at a later bucket. */
  private static final int MAX_ATTEMPTS = 8;

  /** Instead of an answer: windows are concerned, and decided about at length. */
  static final long WINDOWS = Long.MIN_VALUE;

  private final BucketStore store;

  AllOrNothing(BucketStore store) {
    this.store = store;
  }

  /**
   * Takes the cost from the bucket of each limit, or from none.
   *
   * @param now the time, read before
   * @param levelNanos is set to the nanoseconds until each bucket is full
   * @return 0 if each has paid, and -1 if not; {@link #WINDOWS} where that is to be found out
   */
  long acquire(
      Identity identity, List<PartitionedLimit> limits, Cost cost, long now, long[] levelNanos) {
    boolean allHold = true;
    int cuts = 0;
    for (int i = 0; i < levelNanos.length; i++) {
      PartitionedLimit limit = limits.get(i);
      long hash = BucketStore.hash(identity, limit);
      cuts += store.cuts(hash);
      long word = store.own.word(hash);
      if (word <= 0 || BucketWord.exceeds(word, now, limit)) {
        return acquireAtLength(identity, limits, cost, levelNanos);
      }
      levelNanos[i] = BucketWord.level(word, now, limit);
      long amount = cost.amount(limit.limit());
      allHold &= Gcra.take(levelNanos[i], amount, limit.limit()) != Gcra.DENIED;
    }
    for (int i = 0; allHold && i < levelNanos.length; i++) {
      PartitionedLimit limit = limits.get(i);
      long amount = cost.amount(limit.limit());
      if (amount == 0) {
        continue;
      }
      long taken = store.tryTake(BucketStore.hash(identity, limit), now, amount, limit);
      if (taken <= 0) {
        giveBack(identity, limits, i, cost, now, cuts);
        return acquireAtLength(identity, limits, cost, levelNanos);
      }
      levelNanos[i] = BucketWord.level(taken, now, limit);
    }
    return allHold ? 0 : -1;
  }

  private long acquireAtLength(
      Identity identity, List<PartitionedLimit> limits, Cost cost, long[] levelNanos) {
    if (haveWindow(limits)) {
      return WINDOWS;
    }
    return atLength(BucketPart.ofEach(store, identity, limits, cost), levelNanos) ? 0 : -1;
  }

  static boolean haveWindow(List<PartitionedLimit> limits) {
    for (int i = 0; i < limits.size(); i++) { // no iterator: it would be an object
      if (limits.get(i).limit() instanceof WindowLimit) {
        return true;
      }
    }
    return false;
  }

  /**
   * Gives back what the first buckets have paid, unless any bucket of the decision was cut since
   * {@code cuts} was read: each number only grows, so their sum tells.
   */
  private void giveBack(
      Identity identity, List<PartitionedLimit> limits, int paid, Cost cost, long now, int cuts) {
    for (int i = 0; i < paid; i++) {
      PartitionedLimit limit = limits.get(i);
      new ChargedBucket(store, identity, limit, cost.amount(limit.limit()))
          .giveBack(now, () -> cuts(identity, limits) == cuts);
    }
  }

  private int cuts(Identity identity, List<PartitionedLimit> limits) {
    int cuts = 0;
    for (PartitionedLimit limit : limits) {
      cuts += store.cuts(BucketStore.hash(identity, limit));
    }
    return cuts;
  }

  /**
   * Does the same as {@link #acquire}, however the buckets stand, with one object for each bucket,
   * which then says what was taken.
   */
  boolean atLength(BucketPart[] charges, long[] levels) {
    for (int attempt = 1; ; attempt++) {
      long now = store.now();
      boolean allHold = lookAtAll(charges, now);
      boolean paid = allHold && takeAll(charges, now);
      if (paid || !allHold || attempt >= MAX_ATTEMPTS) {
        for (int i = 0; i < charges.length; i++) {
          levels[i] = charges[i].level(paid, now);
        }
        return paid;
      }
    }
  }

  private boolean lookAtAll(BucketPart[] charges, long now) {
    boolean all = true;
    for (BucketPart charge : charges) {
      charge.look();
      all &= charge.holds(now);
    }
    return all;
  }

  private static boolean takeAll(BucketPart[] charges, long now) {
    for (int i = 0; i < charges.length; i++) {
      if (!charges[i].take(now)) {
        for (int taken = 0; taken < i; taken++) {
          charges[taken].giveBack();
          charges[taken].look();
        }
        return false;
      }
    }
    return true;
  }
}
