package dev.penstock.redis;

import dev.penstock.Cost;
import dev.penstock.Decision;
import dev.penstock.bucket.OpenReservation;
import dev.penstock.bucket.SlotHolder;
import dev.penstock.bucket.Taken;
import dev.penstock.redis.wire.SharedBucket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * What one reservation has taken from buckets in Redis, or from their stand-ins here.
 *
 * <p>The time since is this process's: what is on its way to Redis when it is put back has refilled
 * there a little longer, by a round trip at most. Thread-safe: a lock is held for some steps in
 * memory, and never while Redis is asked.
 */
final class SharedReservation extends OpenReservation {

  /** What was taken from one bucket, and how often it may have been reset by then. */
  private static final class ReservedBucket {

    private final SharedBucket bucket;
    private final Taken taken;
    private int resets;

    ReservedBucket(SharedBucket bucket, Taken taken, int resets) {
      this.bucket = bucket;
      this.taken = taken;
      this.resets = resets;
    }

    String unit() {
      return bucket.limit().limit().unit();
    }

    /** Returns what is to be charged, or negative what is to be put back. */
    long settle(long total, long now, int resetsNow) {
      if (resetsNow != resets) {
        taken.forget();
        resets = resetsNow;
      }
      return taken.change(total, now);
    }
  }

  private final Settlements settlements;
  private final Decision decision;
  private final List<ReservedBucket> buckets;

  /** What is held until the end. */
  private final List<SlotHolder> slots = new ArrayList<>();

  private boolean cancelled;

  private SharedReservation(
      Settlements settlements, Decision decision, List<ReservedBucket> buckets) {
    this.settlements = settlements;
    this.decision = decision;
    this.buckets = buckets;
  }

  /**
   * Remembers what a decision has taken: nothing of a bucket that took no part, as Redis was away.
   *
   * @param buckets those with tokens that have paid or may be charged
   * @param takenAt when it was taken, at the soonest
   */
  static SharedReservation of(
      Settlements settlements,
      List<SharedBucket> buckets,
      Cost cost,
      Decision decision,
      long takenAt) {
    List<ReservedBucket> reserved = new ArrayList<>(buckets.size());
    for (SharedBucket bucket : buckets) {
      long amount = DecisionBuckets.tookPart(bucket, decision) ? bucket.amount(cost) : 0;
      Taken taken = new Taken(bucket.limit(), amount, takenAt);
      reserved.add(new ReservedBucket(bucket, taken, settlements.resets(bucket)));
    }
    return new SharedReservation(settlements, decision, reserved);
  }

  /** Holds slots, too; before the reservation is handed out. */
  void hold(SlotHolder holder) {
    slots.add(holder);
  }

  @Override
  public Decision decision() {
    return decision;
  }

  @Override
  public boolean holdsSlots() {
    return !slots.isEmpty();
  }

  /**
   * What is to be told to Redis.
   *
   * @param more what is to be charged, each of what was {@code taken}
   * @param less what is to be put back
   */
  private record Changes(
      List<Settlement.Due> more, List<Taken> taken, List<Settlement.Due> less, long now) {}

  @Override
  protected void charge(Cost total) {
    carryOut(changes(total), true);
  }

  @Override
  protected CompletableFuture<Void> chargeLater(Cost total) {
    Changes changes = changes(total);
    return changes.more.isEmpty() && changes.less.isEmpty()
        ? CompletableFuture.completedFuture(null)
        : settlements.later(() -> carryOut(changes, true), () -> carryOut(changes, false));
  }

  private Changes changes(Cost total) {
    long now = System.nanoTime();
    List<Settlement.Due> more = new ArrayList<>();
    List<Settlement.Due> less = new ArrayList<>();
    List<Taken> taken = new ArrayList<>();
    synchronized (this) {
      for (ReservedBucket each : buckets) {
        if (!cancelled && total.names(each.unit())) {
          long amount = total.amount(each.unit());
          long nanos = each.settle(amount, now, settlements.resets(each.bucket));
          if (nanos > 0) {
            more.add(new Settlement.Due(each.bucket, nanos));
            taken.add(each.taken);
          } else if (nanos < 0) {
            less.add(new Settlement.Due(each.bucket, -nanos));
          }
        }
      }
    }
    return new Changes(more, taken, less, now);
  }

  /**
   * Tells Redis.
   *
   * @param asks whether it may be asked now, or is told later
   */
  private void carryOut(Changes changes, boolean asks) {
    List<Settlement.Due> more = changes.more;
    if (!more.isEmpty()) {
      List<Long> charged = asks ? settlements.charge(more) : settlements.spend(more);
      synchronized (this) {
        for (int i = 0; i < more.size(); i++) {
          changes.taken.get(i).charged(more.get(i).nanos(), charged.get(i), changes.now);
        }
      }
    }
    if (!changes.less.isEmpty()) {
      if (asks) {
        settlements.putBack(changes.less);
      } else {
        settlements.putBackLater(changes.less);
      }
    }
  }

  @Override
  protected void release() {
    slots.forEach(SlotHolder::release);
  }

  @Override
  protected void putBack() {
    long now = System.nanoTime();
    List<Settlement.Due> all = new ArrayList<>();
    synchronized (this) {
      cancelled = true;
      for (ReservedBucket each : buckets) {
        long nanos = each.settle(0, now, settlements.resets(each.bucket));
        if (nanos < 0) {
          all.add(new Settlement.Due(each.bucket, -nanos));
        }
      }
    }
    if (!all.isEmpty()) {
      settlements.putBack(all);
    }
    release();
  }
}
