package dev.penstock.redis;

import dev.penstock.Cost;
import dev.penstock.Decision;
import dev.penstock.bucket.OpenReservation;
import dev.penstock.bucket.SlotHolder;
import dev.penstock.bucket.Taken;
import dev.penstock.bucket.TakenOfWindow;
import dev.penstock.redis.wire.Micros;
import dev.penstock.redis.wire.PlaceInLine;
import dev.penstock.redis.wire.SharedBucket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * What one reservation has taken from buckets in Redis, or from their stand-ins here.
 *
 * <p>The time since is this process's: what is on its way to Redis when it is put back has refilled
 * there a little longer, by a round trip at most.
 *
 * <p>One thread at a time tells Redis of it. What is said meanwhile waits for its turn, and what it
 * changes is worked out then: each says a total, so of each bucket only the last one counts.
 * Thread-safe: a lock is held for some steps in memory, and never while Redis is asked.
 */
final class SharedReservation extends OpenReservation {

  /** What was taken from one bucket, and how often it may have been reset by then. */
  private static final class ReservedBucket {

    private final SharedBucket bucket;
    private final Taken taken;
    private final PlaceInLine place;
    private int resets;

    ReservedBucket(SharedBucket bucket, Taken taken, int resets, PlaceInLine place) {
      this.bucket = bucket;
      this.taken = taken;
      this.resets = resets;
      this.place = place;
    }

    String unit() {
      return bucket.limit().limit().unit();
    }

    /** Returns what is to be charged, or negative what is to be put back. */
    long settle(long total, long now, Settlements settlements) {
      int resetsNow = settlements.resets(bucket);
      if (resetsNow != resets) {
        taken.forget();
        resets = resetsNow;
      }
      return taken.change(total, time(now, settlements));
    }

    private long time(long now, Settlements settlements) {
      return bucket.isWindow() ? settlements.serverNanos(now) : now;
    }

    /** Returns what is to be charged now. */
    Settlement.Due more(long nanos, long now, Settlements settlements) {
      return new Settlement.Due(
          bucket, nanos, settlements.windowEnd(bucket, now), PlaceInLine.NONE);
    }

    /** Returns what is to be put back. */
    Settlement.Due less(long nanos) {
      long end = taken instanceof TakenOfWindow window ? Micros.floor(window.end()) : 0;
      return new Settlement.Due(bucket, nanos, end, place);
    }

    void charged(Settlement.Due asked, Settlement.Charged charged, long now, Settlements to) {
      if (taken instanceof TakenOfWindow window) {
        window.isIn(Micros.toNanos(charged.windowEnd()));
      }
      taken.charged(asked.nanos(), charged.nanos(), time(now, to));
    }
  }

  /** Instead of a total. */
  private static final long NOT_SAID = -1;

  private final Settlements settlements;
  private final Decision decision;
  private final List<ReservedBucket> buckets;

  /** What is held until the end. */
  private final List<SlotHolder> slots = new ArrayList<>();

  /** Whether a thread tells Redis, or is about to; guarded by this. */
  private boolean telling;

  /** What is to be told next; guarded by this. */
  private @Nullable Untold untold;

  /** Guarded by this. */
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
   * @param windowEnds what Redis has told of those that are windows
   */
  static SharedReservation of(
      Settlements settlements,
      List<SharedBucket> buckets,
      Cost cost,
      Decision decision,
      long takenAt,
      WindowEnds windowEnds) {
    List<ReservedBucket> reserved = new ArrayList<>(buckets.size());
    for (SharedBucket bucket : buckets) {
      long amount = DecisionBuckets.tookPart(bucket, decision) ? bucket.amount(cost) : 0;
      Taken taken =
          bucket.isWindow()
              ? new TakenOfWindow(
                  bucket.limit(), amount, end(settlements, bucket, takenAt, windowEnds))
              : new Taken(bucket.limit(), amount, takenAt);
      reserved.add(new ReservedBucket(bucket, taken, settlements.resets(bucket), PlaceInLine.NONE));
    }
    return new SharedReservation(settlements, decision, reserved);
  }

  /**
   * Remembers what somebody has taken ahead of time, before it is waited for, or after.
   *
   * @param resets how often each bucket may have been reset by when it was taken
   */
  static SharedReservation ahead(
      Settlements settlements, AheadOfTime ahead, Decision decision, List<Integer> resets) {
    List<ReservedBucket> reserved = new ArrayList<>(resets.size());
    for (int i = 0; i < resets.size(); i++) {
      AheadOfTime.Part part = ahead.parts().get(i);
      SharedBucket bucket = part.bucket();
      Taken taken = new Taken(bucket.limit(), part.tokens(), part.dueAt());
      reserved.add(new ReservedBucket(bucket, taken, resets.get(i), part.place()));
    }
    return new SharedReservation(settlements, decision, reserved);
  }

  /** Where Redis has not told it, and one window followed another meanwhile, nobody knows. */
  private static long end(
      Settlements settlements, SharedBucket bucket, long takenAt, WindowEnds windowEnds) {
    long told = windowEnds.micros(bucket);
    long end = settlements.windowEnd(bucket, takenAt);
    boolean isKnown = told > 0 || end == settlements.windowEnd(bucket, System.nanoTime());
    return isKnown ? Micros.toNanos(told > 0 ? told : end) : 0;
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
      List<Settlement.Due> more, List<ReservedBucket> taken, List<Settlement.Due> less, long now) {

    static final Changes NONE = new Changes(List.of(), List.of(), List.of(), 0);

    boolean isNothing() {
      return more.isEmpty() && less.isEmpty();
    }
  }

  /** The last totals that were said, and what is completed once they are told. */
  private static final class Untold {

    private final long[] totals;
    private final List<CompletableFuture<Void>> futures = new ArrayList<>(1);

    Untold(long[] totals) {
      this.totals = totals;
    }

    void update(long[] later) {
      for (int i = 0; i < totals.length; i++) {
        totals[i] = later[i] == NOT_SAID ? totals[i] : later[i];
      }
    }
  }

  /** What a thread tells, and what is completed then. */
  private record Turn(Changes changes, List<CompletableFuture<Void>> futures) {}

  @Override
  protected void charge(Cost total) {
    tellNow(begin(totals(total), null));
  }

  @Override
  protected CompletableFuture<Void> chargeLater(Cost total) {
    CompletableFuture<Void> told = new CompletableFuture<>();
    @Nullable Changes changes = begin(totals(total), told);
    if (changes != null) {
      if (changes.isNothing()) {
        return CompletableFuture.completedFuture(null);
      }
      handOver(new Turn(changes, List.of(told)));
    }
    return told;
  }

  private long[] totals(Cost total) {
    long[] totals = new long[buckets.size()];
    for (int i = 0; i < totals.length; i++) {
      String unit = buckets.get(i).unit();
      totals[i] = total.names(unit) ? total.amount(unit) : NOT_SAID;
    }
    return totals;
  }

  /**
   * Says totals; whoever gets changes is to tell them.
   *
   * @param told what is completed once that is told, if another does
   * @return null if it is told by whoever tells Redis at this moment
   */
  private synchronized @Nullable Changes begin(
      long[] totals, @Nullable CompletableFuture<Void> told) {
    if (cancelled) {
      return Changes.NONE;
    }
    if (!telling) {
      Changes changes = changes(totals);
      telling = !changes.isNothing();
      return changes;
    }
    if (untold == null) {
      untold = new Untold(totals);
    } else {
      untold.update(totals);
    }
    if (told != null) {
      untold.futures.add(told);
    }
    return null;
  }

  /** Ends what was told, and returns what is to be told next. */
  private synchronized @Nullable Turn next() {
    @Nullable Untold next = untold;
    untold = null;
    telling = next != null;
    return next == null ? null : new Turn(changes(next.totals), next.futures);
  }

  private void tellNow(@Nullable Changes changes) {
    if (changes != null && !changes.isNothing()) {
      try {
        carryOut(changes, true);
      } finally {
        handOver(next());
      }
    }
  }

  private void handOver(@Nullable Turn turn) {
    if (turn != null) {
      settlements.later(() -> tellAll(turn, true), () -> tellAll(turn, false));
    }
  }

  private void tellAll(Turn first, boolean asks) {
    @Nullable Turn turn = first;
    try {
      while (turn != null) {
        List<CompletableFuture<Void>> futures = turn.futures;
        try {
          carryOut(turn.changes, asks);
        } finally {
          turn = next();
          settlements.tell(futures);
        }
      }
    } finally {
      handOver(turn); // whatever was thrown, what is left is told
    }
  }

  /** What the totals change by now; the lock is held. */
  private Changes changes(long[] totals) {
    long now = System.nanoTime();
    List<Settlement.Due> more = new ArrayList<>();
    List<Settlement.Due> less = new ArrayList<>();
    List<ReservedBucket> taken = new ArrayList<>();
    for (int i = 0; i < totals.length; i++) {
      if (totals[i] != NOT_SAID) {
        ReservedBucket each = buckets.get(i);
        long nanos = each.settle(totals[i], now, settlements);
        if (nanos > 0) {
          more.add(each.more(nanos, now, settlements));
          taken.add(each);
        } else if (nanos < 0) {
          less.add(each.less(-nanos));
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
      List<Settlement.Charged> charged = asks ? settlements.charge(more) : settlements.spend(more);
      synchronized (this) {
        for (int i = 0; i < more.size(); i++) {
          changes.taken.get(i).charged(more.get(i), charged.get(i), changes.now, settlements);
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
    @Nullable Changes all;
    synchronized (this) {
      all = begin(new long[buckets.size()], null);
      cancelled = true;
    }
    tellNow(all);
    release();
  }
}
