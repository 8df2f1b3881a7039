package dev.penstock.bucket;

import dev.penstock.Identity;
import dev.penstock.PartitionedLimit;
import java.util.function.LongUnaryOperator;

/**
 * One bucket's part in one reservation: charges what was more, and puts back what was less.
 *
 * <p>What was taken from one bucket is never put back into another: where an own bucket has come
 * since the overflow bucket paid, or either was cut, it counts as spent. Thread-safe.
 */
final class ReservedBucket extends Taken implements ReservedPart {

  private static final Transition OWE = ReservedBucket::owe;

  private final BucketStore store;
  private final Identity identity;
  private boolean overflows;
  private int cutsBefore;
  private boolean cancelled;

  /**
   * @param amount what a decision has just taken
   * @param takenAt when
   * @param overflows whether from the overflow bucket
   * @param cutsBefore as {@link BucketStore#cuts} had counted before that
   */
  ReservedBucket(
      BucketStore store,
      Identity identity,
      PartitionedLimit limit,
      long amount,
      long takenAt,
      boolean overflows,
      int cutsBefore) {
    super(limit, amount, takenAt);
    this.store = store;
    this.identity = identity;
    this.overflows = overflows;
    this.cutsBefore = cutsBefore;
  }

  @Override
  public synchronized void settle(long total) {
    if (cancelled) {
      return;
    }
    long now = store.now();
    long nanos = change(total, now);
    if (nanos > 0) {
      charged(nanos, charge(nanos, now), now);
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
  private long charge(long nanos, long now) {
    long hash = hash();
    boolean stands = !overflows && store.cuts(hash) == cutsBefore;
    long word = stands ? store.own.tryUpdate(hash, OWE, now, nanos, limit()) : BucketArray.ABSENT;
    if (word <= 0) {
      return chargeAtLength(hash, nanos);
    }
    store.lines.charged(store.own, hash, word, nanos, limit());
    return nanos;
  }

  /** Returns the word of a bucket that may owe all of this, as nearly all may. */
  private static long owe(long word, long now, long nanos, PartitionedLimit limit) {
    long level = BucketWord.level(word, now, limit);
    boolean isWhole = nanos <= Gcra.most(limit.limit()) - level;
    return isWhole ? BucketWord.of(level + nanos, now, limit) : BucketWord.DENIED;
  }

  private long chargeAtLength(long hash, long nanos) {
    Room room = store.room(identity, limit());
    while (true) {
      boolean hasNoRoom = !store.add(hash, room, limit());
      if (hasNoRoom && !store.addOverflow(room, limit())) {
        return 0;
      }
      boolean moves = hasNoRoom != overflows;
      overflows = hasNoRoom;
      int cuts = store.cuts(chargedHash());
      if (moves || cuts != cutsBefore) {
        forget();
      }
      cutsBefore = cuts;
      Owing owing = new Owing(store, limit(), nanos, most());
      long word = update(owing);
      if (word > 0) {
        store.lines.charged(table(), chargedHash(), word, owing.charged(), limit());
        if (owing.isBounded()) {
          // What others have taken does not show any more.
          store.cut(chargedHash());
          store.lines.keep(table(), chargedHash(), cutsBefore);
          cutsBefore++;
        }
        return owing.charged();
      }
    }
  }

  /** Returns the level that it may owe to: behind those who wait, who have taken already. */
  private long most() {
    return Gcra.most(limit().limit()) + store.lines.longest(table(), chargedHash());
  }

  private BucketTable table() {
    return overflows ? store.room(identity, limit()).overflow : store.own;
  }

  private void putBack(long nanos, long since) {
    store.lines.putBack(
        table(),
        chargedHash(),
        limit(),
        seen -> {
          long now = store.now();
          long level = BucketWord.level(seen, now, limit());
          long next = Math.max(0, level - Math.max(0, nanos - (now - since)));
          boolean isUncut = store.cuts(chargedHash()) == cutsBefore;
          return isUncut && next != level ? BucketWord.of(next, now, limit()) : seen;
        });
  }

  private long chargedHash() {
    return overflows ? BucketStore.overflowHash(limit()) : hash();
  }

  private long hash() {
    return BucketStore.hash(identity, limit());
  }

  private long update(LongUnaryOperator transition) {
    BucketTable table = table();
    long of = chargedHash();
    return table.update(
        of,
        (seen, time, tokens, any) -> {
          long asTokens = store.asTokens(table, of, seen, limit());
          long next = transition.applyAsLong(asTokens);
          return next == asTokens ? seen : next;
        },
        0,
        0,
        limit());
  }
}
