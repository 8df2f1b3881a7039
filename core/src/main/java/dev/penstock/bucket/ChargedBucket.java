package dev.penstock.bucket;

import dev.penstock.Identity;
import dev.penstock.Limit;
import dev.penstock.PartitionedLimit;
import dev.penstock.base.Inside;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.LongUnaryOperator;

/**
 * One bucket's part in one decision: look at it, take from it, give back. For one thread.
 *
 * <p>{@code word} is the bucket's word as this decision last saw or made it. Where a transition
 * reads the time, it does so after the word: by a time from before, tokens that a later request
 * took from a full bucket would count as refilled, or a later request's word as too far ahead.
 */
final class ChargedBucket {

  private final BucketStore store;
  private final Limit limit;
  private final long hash;
  private final Room room;
  private final long overflowHash;
  private long word;
  private long takenAt;
  private int cutsBefore;
  private boolean overflows;

  ChargedBucket(BucketStore store, Identity identity, PartitionedLimit limit) {
    this.store = store;
    this.limit = limit.limit();
    this.hash = BucketStore.hash(identity, limit);
    this.room = store.room(identity, limit);
    this.overflowHash = BucketStore.overflowHash(limit);
  }

  static ChargedBucket[] ofEach(
      BucketStore store, Identity identity, List<PartitionedLimit> limits) {
    ChargedBucket[] charges = new ChargedBucket[limits.size()];
    for (int i = 0; i < charges.length; i++) {
      charges[i] = new ChargedBucket(store, identity, limits.get(i));
    }
    return charges;
  }

  /** Reads the bucket as it stands. */
  void look() {
    word = store.word(hash, room, overflowHash);
  }

  boolean exceedsLimit(long now) {
    return Gcra.exceeds(word, now, limit);
  }

  boolean holds(long now, long cost) {
    return Gcra.take(word, now, cost, limit) != Gcra.DENIED;
  }

  /**
   * Brings the bucket, or the overflow bucket where there is none, within its limit, if a larger
   * limit was in force when it was last charged.
   */
  void clamp() {
    if (update(store.own, hash, seen -> clamped(seen, hash)) == BucketArray.ABSENT) {
      update(room.overflow, overflowHash, seen -> clamped(seen, overflowHash));
    }
    look();
  }

  private long clamped(long seen, long cutHash) {
    long now = store.now();
    if (!Gcra.exceeds(seen, now, limit)) {
      return seen;
    }
    store.cut(cutHash);
    return Gcra.bounded(seen, now, limit);
  }

  /** Takes the cost from the bucket, or from the overflow bucket where there is no room for one. */
  boolean take(long now, long cost) {
    takenAt = now;
    overflows = false;
    cutsBefore = store.cuts(hash);
    long taken = store.take(hash, now, cost, limit);
    while (taken == BucketArray.ABSENT || taken == BucketArray.UNSET) {
      taken = takeAsNewcomer(cost);
    }
    word = taken > 0 ? taken : ~taken;
    return taken > 0;
  }

  /** A bucket that was absent begins at the time of its addition, and is charged after that. */
  private long takeAsNewcomer(long cost) {
    overflows = !store.add(hash, room, overflowHash);
    if (overflows && !store.addOverflow(room, overflowHash)) {
      return ~(takenAt + Inside.nanosToFill(limit));
    }
    takenAt = store.now();
    if (!overflows) {
      cutsBefore = store.cuts(hash);
      return store.take(hash, takenAt, cost, limit);
    }
    cutsBefore = store.cuts(overflowHash);
    long taken = store.takeFromOverflow(room, overflowHash, takenAt, cost, limit);
    if (taken > 0 && store.own.word(hash) != BucketArray.ABSENT) {
      giveBack(cost);
      return BucketArray.ABSENT;
    }
    return taken;
  }

  /** Gives back what {@link #take} took. */
  void giveBack(long cost) {
    if (overflows) {
      giveBack(room.overflow, overflowHash, cost, takenAt, this::isUncut);
    } else {
      giveBack(cost, takenAt, this::isUncut);
    }
  }

  private boolean isUncut() {
    return store.cuts(overflows ? overflowHash : hash) == cutsBefore;
  }

  /** Gives back what the own bucket has paid, unless it was cut since. */
  void giveBack(long cost, long paidAt, BooleanSupplier isUncut) {
    giveBack(store.own, hash, cost, paidAt, isUncut);
  }

  private void giveBack(
      BucketTable table, long of, long cost, long paidAt, BooleanSupplier isUncut) {
    update(
        table,
        of,
        seen ->
            isUncut.getAsBoolean() ? Gcra.giveBack(seen, paidAt, store.now(), cost, limit) : seen);
  }

  /**
   * Puts tokens back into the own bucket only. Where there is none, it may have paid, become full
   * and been forgotten: in the overflow bucket the tokens would be a present to others.
   */
  void refund(long tokens) {
    update(
        store.own,
        hash,
        seen -> {
          long now = store.now();
          long refunded = Gcra.refund(seen, now, tokens, limit);
          if (refunded == now || Gcra.exceeds(seen, now, limit)) {
            store.cut(hash);
          }
          return refunded;
        });
  }

  /**
   * Moves the bucket's level by {@code to - from}, as if it had stood at {@code from} at least. A
   * bucket that was absent counts as full until now.
   */
  void follow(long from, long to) {
    while (true) {
      long followed = follow(store.own, hash, from, to);
      if (followed > 0 || (followed == BucketArray.ABSENT && to <= 0)) {
        return;
      }
      long since = Math.max(0, from);
      if (store.add(hash, room, overflowHash)) {
        if (follow(store.own, hash, since, to) > 0) {
          return;
        }
      } else if (!store.addOverflow(room, overflowHash)
          || follow(room.overflow, overflowHash, since, to) > 0) {
        return;
      }
    }
  }

  private long follow(BucketTable table, long of, long from, long to) {
    return update(
        table,
        of,
        seen -> {
          long now = store.now();
          if (seen >= now + from) {
            return Math.max(1, seen + (to - from));
          }
          if (seen <= now && to <= 0) {
            return seen;
          }
          store.cut(of);
          return now + Math.max(0, to);
        });
  }

  /**
   * Fills the own bucket as of now: with a word of before, a request that goes by an earlier time
   * would be charged as if refill had made good for it already.
   */
  void fill() {
    store.cut(hash);
    update(store.own, hash, seen -> store.now());
    store.cut(hash);
  }

  /** Returns how far from full the own bucket is, in nanoseconds. */
  long ownLevelNanos() {
    return Math.max(0, Math.max(Gcra.FULL, store.own.word(hash)) - store.now());
  }

  /**
   * Returns how far from full the bucket is, as this decision last saw or made it.
   *
   * @param now the time of the decision, unless it has paid
   */
  long levelNanos(boolean paid, long now) {
    return Gcra.levelNanos(word, paid ? takenAt : now, limit);
  }

  private long update(BucketTable table, long of, LongUnaryOperator transition) {
    return table.update(of, (seen, time, tokens, any) -> transition.applyAsLong(seen), 0, 0, limit);
  }
}
