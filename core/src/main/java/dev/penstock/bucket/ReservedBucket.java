package dev.penstock.bucket;

import dev.penstock.PartitionedLimit;
import java.util.function.LongUnaryOperator;

/**
 * One bucket's part in one reservation: charges what was more, and puts back what was less.
 *
 * <p>What was taken from one bucket is never put back into another: where an own bucket has come
 * since the overflow bucket paid, or either was cut, it counts as spent. Thread-safe.
 */
final class ReservedBucket implements ReservedPart {

  private final BucketStore store;
  private final PartitionedLimit limit;
  private final long hash;
  private final Room room;
  private final Taken taken;
  private boolean overflows;
  private int cutsBefore;
  private boolean cancelled;

  /**
   * @param taken what a decision has just taken
   * @param overflows whether from the overflow bucket
   * @param cutsBefore as {@link BucketStore#cuts} had counted before that
   */
  ReservedBucket(
      BucketStore store,
      PartitionedLimit limit,
      long hash,
      Room room,
      Taken taken,
      boolean overflows,
      int cutsBefore) {
    this.store = store;
    this.limit = limit;
    this.hash = hash;
    this.room = room;
    this.taken = taken;
    this.overflows = overflows;
    this.cutsBefore = cutsBefore;
  }

  @Override
  public String unit() {
    return limit.limit().unit();
  }

  @Override
  public synchronized void settle(long total) {
    if (cancelled) {
      return;
    }
    long now = store.now();
    long nanos = taken.settle(total, now);
    if (nanos > 0) {
      taken.charged(nanos, charge(nanos), now);
    } else if (nanos < 0) {
      putBack(-nanos, now);
    }
  }

  @Override
  public synchronized void cancel() {
    settle(0);
    cancelled = true;
  }

  /** What was taken stays taken. */
  @Override
  public void release() {}

  /** Charges the bucket, which may owe; returns how much it has been charged. */
  private long charge(long nanos) {
    while (true) {
      boolean hasNoRoom = !store.add(hash, room, limit);
      if (hasNoRoom && !store.addOverflow(room, limit)) {
        return 0;
      }
      boolean moves = hasNoRoom != overflows;
      overflows = hasNoRoom;
      int cuts = store.cuts(chargedHash());
      if (moves || cuts != cutsBefore) {
        taken.forget();
      }
      cutsBefore = cuts;
      Owing owing = new Owing(store, limit, nanos, Gcra.most(limit.limit()));
      if (update(owing) > 0) {
        if (owing.isBounded()) {
          // What others have taken does not show any more.
          store.cut(chargedHash());
          cutsBefore++;
        }
        return owing.charged();
      }
    }
  }

  private void putBack(long nanos, long since) {
    update(
        seen -> {
          long now = store.now();
          long level = BucketWord.level(seen, now, limit);
          long next = Math.max(0, level - Math.max(0, nanos - (now - since)));
          boolean isUncut = store.cuts(chargedHash()) == cutsBefore;
          return isUncut && next != level ? BucketWord.of(next, now, limit) : seen;
        });
  }

  private long chargedHash() {
    return overflows ? BucketStore.overflowHash(limit) : hash;
  }

  private long update(LongUnaryOperator transition) {
    BucketTable table = overflows ? room.overflow : store.own;
    return table.update(
        chargedHash(), (seen, time, tokens, any) -> transition.applyAsLong(seen), 0, 0, limit);
  }
}
