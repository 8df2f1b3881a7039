package dev.penstock.memory;

import dev.penstock.BucketState;
import dev.penstock.Limit;
import dev.penstock.PartitionedLimit;
import org.jspecify.annotations.Nullable;

/**
 * One bucket's part in one decision: look at it, take from it, give back. For one thread.
 *
 * <p>{@code word} is the bucket's word as this decision last saw or made it.
 */
final class Charge {

  private final BucketStore store;
  private final PartitionedLimit partitioned;
  private final Limit limit;
  private final String key;
  private @Nullable Bucket charged;
  private long word;
  private long takenAt;
  private int cutsBefore;

  Charge(BucketStore store, PartitionedLimit partitioned, String key) {
    this.store = store;
    this.partitioned = partitioned;
    this.limit = partitioned.limit();
    this.key = key;
  }

  /** Reads the bucket as it stands. */
  void look() {
    word = store.word(partitioned.name(), key);
  }

  /**
   * Brings the bucket, or the overflow bucket where there is none, within its limit, if a larger
   * limit was in force when it was last charged. The time is read after the word: a time from
   * before could lie so far back that the word of a later request seems too far ahead, and its
   * tokens would be lost.
   */
  void clamp() {
    long now = store.now();
    Bucket own = store.find(partitioned.name(), key);
    Bucket bucket = own != null ? own : store.findOverflow(partitioned.name());
    if (bucket != null && Gcra.exceeds(word, now, limit)) {
      bucket.clamp(word, now, limit);
      look();
    }
  }

  boolean exceedsLimit(long now) {
    return Gcra.exceeds(word, now, limit);
  }

  boolean holds(long now, long cost) {
    return Gcra.take(word, now, cost, limit) != Gcra.DENIED;
  }

  /**
   * Takes the cost from the bucket, or from the overflow bucket where there is no room for one. A
   * bucket that was absent begins at the time of its addition, and is charged at a time after that.
   */
  boolean take(long now, long cost) {
    while (true) {
      takenAt = now;
      Bucket own = store.find(partitioned.name(), key);
      Bucket bucket = own;
      if (own == null) {
        own = store.findOrAdd(partitioned.name(), key, now);
        bucket = own != null ? own : store.findOrAddOverflow(partitioned.name(), now);
        takenAt = store.now();
      }
      if (bucket == null) {
        word = now + limit.nanosToFill();
        return false;
      }
      cutsBefore = bucket.cuts();
      long taken = bucket.take(takenAt, cost, limit);
      if (taken == Gcra.DENIED) {
        look();
        return false;
      }
      if (taken == Bucket.DEAD) {
        continue;
      }
      charged = bucket;
      if (own != null || store.find(partitioned.name(), key) == null) {
        word = taken;
        return true;
      }
      giveBack(cost);
    }
  }

  /** Gives back what {@link #take} took. */
  void giveBack(long cost) {
    if (charged != null) {
      charged.giveBack(cutsBefore, takenAt, store::now, cost, limit);
      charged = null;
    }
  }

  /**
   * Puts tokens back into the own bucket only. Where there is none, it may have paid, become full
   * and been forgotten: in the overflow bucket the tokens would be a present to others.
   */
  void refund(long tokens) {
    Bucket bucket = store.find(partitioned.name(), key);
    if (bucket != null) {
      bucket.refund(store::now, tokens, limit);
    }
  }

  /**
   * Moves the bucket's level by {@code to - from}, as if it had stood at {@code from} at least. A
   * bucket that was absent counts as full until now.
   */
  void follow(long from, long to) {
    while (true) {
      Bucket bucket = store.find(partitioned.name(), key);
      long since = from;
      if (bucket == null && to > 0) {
        long now = store.now();
        since = Math.max(0, from);
        bucket = store.findOrAdd(partitioned.name(), key, now);
        if (bucket == null) {
          bucket = store.findOrAddOverflow(partitioned.name(), now);
        }
      }
      if (bucket == null || bucket.follow(store::now, since, to) != Bucket.DEAD) {
        return;
      }
    }
  }

  /** Fills the own bucket. */
  void fill() {
    Bucket bucket = store.find(partitioned.name(), key);
    if (bucket != null) {
      bucket.fill(store::now);
    }
  }

  /** Returns how far from full the own bucket is, in nanoseconds. */
  long resetAfterNanos() {
    Bucket bucket = store.find(partitioned.name(), key);
    return bucket == null ? 0 : Math.max(0, bucket.word() - store.now());
  }

  /** Returns the bucket after it has paid. */
  BucketState paid() {
    return state(takenAt, 0);
  }

  /** Returns the bucket as it stands before this cost. */
  BucketState unpaid(long now, long cost) {
    return state(now, Gcra.retryAfterNanos(word, now, cost, limit));
  }

  private BucketState state(long now, long retryAfterNanos) {
    return new BucketState(
        partitioned.name(),
        limit,
        retryAfterNanos == 0,
        Gcra.remaining(word, now, limit),
        retryAfterNanos,
        Gcra.resetAfterNanos(word, now, limit));
  }
}
