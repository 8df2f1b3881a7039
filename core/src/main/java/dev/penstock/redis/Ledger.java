package dev.penstock.redis;

import dev.penstock.BucketState;
import dev.penstock.Cost;
import dev.penstock.Decision;
import dev.penstock.Identity;
import dev.penstock.Limit;
import dev.penstock.MetricFamily;
import dev.penstock.PartitionedLimit;
import dev.penstock.Reservation;
import dev.penstock.base.Awaited;
import dev.penstock.base.Inside;
import dev.penstock.bucket.Buckets;
import dev.penstock.bucket.Gcra;
import dev.penstock.bucket.Rooms;
import dev.penstock.redis.wire.KnownBuckets;
import dev.penstock.redis.wire.Micros;
import dev.penstock.redis.wire.SharedBucket;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/**
 * Takes tokens in memory while Redis does not answer, and keeps account of them until Redis is
 * charged.
 *
 * <p><b>State.</b> A bucket in memory stands in for this process's share of the one in Redis. Its
 * level, the time until it is full, is what is known of Redis's bucket, the base, and on top what
 * was spent here: so {@code owed = level - base}. As time passes both sink, the base to zero first;
 * what sinks then is the debt, as one bucket would have refilled.
 *
 * <p><b>Transitions.</b> What Redis says of its bucket meanwhile moves the base, and the level by
 * as much ({@link FollowedBases}). A token spent here raises the level. What Redis has been charged
 * is taken off the level ({@link #settle}). Each is one step of the bucket, so none is lost when
 * they meet; only one caller at a time moves a base, and only one charges a bucket.
 *
 * <p><b>Ordering.</b> A token is never spent on both sides at once. Who asks Redis first counts
 * what it is about to take as in flight and then reads the debt; who decides here first takes and
 * then reads what is in flight: one of the two sees the other. Who asks Redis while another charges
 * it reserves that debt, since it is not known which call arrives first.
 */
final class Ledger {

  /**
   * What one bucket owes Redis, as time of refill.
   *
   * @param owedNanos what a call has to charge
   * @param reservedNanos what another call is charging at this moment, in whole microseconds
   * @param levelNanos what is off the level here once it is charged
   * @param windowEnd when the window ends that is meant, if it is one
   */
  record Debt(long owedNanos, long reservedNanos, long levelNanos, long windowEnd) {
    static final Debt NONE = new Debt(0, 0, 0, 0);
  }

  /** How a share of a limit stands. */
  private record ShareLevel(PartitionedLimit share, long levelNanos) {

    boolean isBeyondEmpty() {
      return levelNanos > Inside.nanosToFill(share.limit());
    }

    /** Returns the state before the cost was taken. */
    BucketState before(Cost cost) {
      long amount = cost.amount(share.limit());
      long before = levelNanos - amount * Inside.nanosPerToken(share.limit());
      return SharedBucket.state(share, Math.max(0, before), amount);
    }
  }

  private final KnownBuckets known;
  private final FleetShare shares;
  private final Buckets spent;
  private final WindowLedger windows;
  private final FollowedBases bases;
  private final TokensUnderWay underWay = new TokensUnderWay();
  private final LongSupplier nanoClock;

  /** The buckets in Redis that a call under way charges with what they owe. */
  private final Set<Long> charging = ConcurrentHashMap.newKeySet();

  /** The time until which something that was spent here may not be charged to Redis yet. */
  private final AtomicLong owingUntil;

  Ledger(
      KnownBuckets known, FleetShare shares, int maxBuckets, Rooms rooms, LongSupplier nanoClock) {
    this.known = known;
    this.shares = shares;
    this.spent = Buckets.onClock(maxBuckets, rooms, nanoClock, known.serverTime());
    this.windows = new WindowLedger(known, shares, spent, maxBuckets, rooms);
    this.bases = new FollowedBases(known, shares, spent, maxBuckets, rooms, nanoClock);
    this.nanoClock = nanoClock;
    this.owingUntil = new AtomicLong(nanoClock.getAsLong());
  }

  /** {@return how many buckets live here, for how many there is room, and overflow} */
  List<MetricFamily> metrics() {
    return spent.metrics();
  }

  /** Decides here. */
  Decision decide(List<SharedBucket> buckets, Cost cost, boolean take) {
    buckets.forEach(bases::follow);
    Identity identity = buckets.get(0).identity();
    List<PartitionedLimit> local = buckets.stream().map(b -> shares.of(b.limit())).toList();
    List<Long> windowEnds = buckets.stream().map(this::windowEnd).toList();
    Decision decision =
        take ? spent.take(identity, local, cost) : spent.look(identity, local, cost);
    boolean paid = take && decision.permitted();
    if (paid) {
      owe(decision);
      buckets.stream()
          .filter(SharedBucket::isWindow)
          .forEach(window -> windows.owe(window, window.amount(cost), nanoClock.getAsLong()));
      List<ShareLevel> levels = buckets.stream().map(this::levelWithCalls).toList();
      if (isBeyondEmpty(buckets, levels, cost)) {
        takeBack(buckets, windowEnds, cost);
        decision = denied(levels, cost);
        paid = false;
      }
    }
    List<BucketState> states = withWindows(buckets, decision, cost, take, paid);
    return Decision.of(Decision.Source.LOCAL, ofWhole(buckets, states, cost));
  }

  private boolean isBeyondEmpty(List<SharedBucket> buckets, List<ShareLevel> levels, Cost cost) {
    for (int i = 0; i < buckets.size(); i++) {
      SharedBucket bucket = buckets.get(i);
      boolean isBeyondEmpty =
          bucket.isWindow()
              ? windows.isBeyondEmpty(bucket, cost, underWay.nanos(bucket.hash(), 1))
              : levels.get(i).isBeyondEmpty();
      if (isBeyondEmpty) {
        return true;
      }
    }
    return false;
  }

  /**
   * Returns how the buckets stand: windows with what Redis said of them. One that was denied for
   * what calls may take meanwhile holds it, as far as it is known.
   */
  private List<BucketState> withWindows(
      List<SharedBucket> buckets, Decision decision, Cost cost, boolean take, boolean paid) {
    if (buckets.stream().noneMatch(SharedBucket::isWindow)) {
      return decision.buckets();
    }
    List<BucketState> states = new ArrayList<>(decision.buckets());
    boolean mayPass = true;
    int window = 0;
    for (int i = 0; i < states.size(); i++) {
      if (buckets.get(i).isWindow()) {
        states.set(i, windows.state(buckets.get(i), cost, paid));
        window = i;
      }
      mayPass &= states.get(i).permitted();
    }
    if (take && !paid && mayPass) {
      states.set(window, withoutTime(states.get(window)));
    }
    return states;
  }

  /** Of a cost that the share can never pay, but the whole limit can, the time is not known. */
  private static List<BucketState> ofWhole(
      List<SharedBucket> buckets, List<BucketState> states, Cost cost) {
    List<BucketState> told = new ArrayList<>(states.size());
    for (int i = 0; i < states.size(); i++) {
      BucketState state = states.get(i);
      SharedBucket bucket = buckets.get(i);
      boolean mayPayLater =
          state.never() && bucket.amount(cost) <= bucket.limit().limit().capacity();
      told.add(mayPayLater ? withoutTime(state) : state);
    }
    return told;
  }

  private static BucketState withoutTime(BucketState state) {
    return new BucketState(
        state.name(),
        state.limit(),
        false,
        state.remaining(),
        BucketState.UNKNOWN,
        state.resetAfterNanos());
  }

  /**
   * Takes here ahead of time, for somebody who waits, once that is looked at.
   *
   * @param patienceNanos for how long at most
   */
  Awaited<Reservation> await(List<SharedBucket> buckets, Cost cost, long patienceNanos) {
    List<PartitionedLimit> local = buckets.stream().map(b -> shares.of(b.limit())).toList();
    buckets.forEach(bases::follow);
    for (PartitionedLimit share : local) {
      oweFor(Gcra.most(share.limit()) + Gcra.longestWait(share.limit()));
    }
    return spent.await(buckets.get(0).identity(), local, cost, patienceNanos);
  }

  /**
   * Returns whether Redis may be taking from any of these buckets, to be asked after something was
   * taken here.
   */
  boolean mayBeTaken(List<SharedBucket> buckets) {
    return buckets.stream()
        .anyMatch(bucket -> !bucket.isBan() && underWay.nanos(bucket.hash(), 1) > 0);
  }

  /** Tells what has become of whoever waited here. */
  Decision awaited(List<SharedBucket> buckets, Decision decision, Cost cost) {
    return Decision.of(
        Decision.Source.LOCAL,
        decision.permitted(),
        () -> ofWhole(buckets, decision.buckets(), cost));
  }

  private void takeBack(List<SharedBucket> buckets, List<Long> windowEnds, Cost cost) {
    for (int i = 0; i < buckets.size(); i++) {
      SharedBucket bucket = buckets.get(i);
      Limit share = shares.of(bucket.limit()).limit();
      moveDown(bucket, bucket.amount(cost) * Inside.nanosPerToken(share), windowEnds.get(i));
    }
  }

  /**
   * Puts back what was spent here, at most so much; while somebody waits here, that is lost.
   *
   * @return what of that was not spent here, and is to be put back in Redis
   */
  Settlement giveBack(Settlement putBack) {
    List<Settlement.Due> left = new ArrayList<>(putBack.dues().size());
    for (Settlement.Due due : putBack.dues()) {
      SharedBucket bucket = due.bucket();
      if (due.isOver(known.serverTime().nanos(System.nanoTime()))) {
        left.add(due.with(0));
        continue;
      }
      long owed = Math.max(0, owedLevelNanos(bucket));
      if (!bases.isAwaited(bucket)) { // or others would pass with those who wait
        long end = Micros.toNanos(due.windowEnd());
        moveDown(bucket, Math.min(shares.ofShare(bucket.limit(), due.nanos()), owed), end);
      }
      left.add(due.with(Math.max(0, due.nanos() - shares.ofWhole(bucket.limit(), owed))));
    }
    return putBack.of(left);
  }

  /** Returns whether any of these buckets owes Redis what was spent here. */
  boolean owes(List<SharedBucket> buckets) {
    return isOwing() && buckets.stream().anyMatch(bucket -> owedLevelNanos(bucket) > 0);
  }

  private boolean isOwing() {
    return owingUntil.get() - nanoClock.getAsLong() > 0;
  }

  /**
   * Charges here what was spent and no decision was asked for, as far as a bucket may owe.
   *
   * @return of each how much, as time of refill in Redis
   */
  List<Settlement.Charged> spend(List<Settlement.Due> dues) {
    List<Settlement.Charged> charged = new ArrayList<>(dues.size());
    for (Settlement.Due due : dues) {
      SharedBucket bucket = due.bucket();
      long nanos =
          bucket.isWindow() ? spendOfWindow(bucket, due.nanos()) : spendTokens(bucket, due.nanos());
      charged.add(new Settlement.Charged(nanos, due.windowEnd()));
    }
    return charged;
  }

  private long spendOfWindow(SharedBucket bucket, long tokens) {
    oweFor(windows.nanosLeft(bucket));
    return windows.spend(bucket, tokens, nanoClock.getAsLong());
  }

  private long spendTokens(SharedBucket bucket, long nanos) {
    bases.follow(bucket);
    PartitionedLimit whole = bucket.limit();
    long most = Math.min(shares.ofShare(whole, Gcra.most(whole.limit())), Gcra.FARTHEST);
    long share = Math.min(shares.ofShare(whole, nanos), Gcra.FARTHEST);
    long charged = spent.owe(bucket.identity(), shares.of(whole), share, most);
    oweFor(most);
    return shares.ofWholeAtMost(whole, charged);
  }

  void reset(List<SharedBucket> buckets) {
    List<PartitionedLimit> local = buckets.stream().map(b -> shares.of(b.limit())).toList();
    buckets.forEach(bases::forget);
    buckets.forEach(windows::forget);
    spent.fill(buckets.get(0).identity(), local);
  }

  /** Says that Redis is about to be asked to take this from a bucket; {@link #end} follows. */
  void begin(SharedBucket bucket, long cost) {
    underWay.begin(bucket.hash(), cost);
  }

  void end(SharedBucket bucket, long cost) {
    underWay.end(bucket.hash(), cost);
  }

  /**
   * Returns what was spent here and is not refilled yet, for one caller at a time to charge to
   * Redis; {@link #settle} follows. Until then it stays in the books.
   */
  Debt debt(SharedBucket bucket) {
    if (!isOwing()) {
      return Debt.NONE;
    }
    boolean mine = charging.add(bucket.hash());
    long end = windowEnd(bucket);
    long level = owedLevelNanos(bucket);
    if (level > 0) {
      long owed = shares.ofWhole(bucket.limit(), level);
      long reserved = bucket.isWindow() ? owed : Micros.whole(owed);
      return mine ? new Debt(owed, 0, level, end) : new Debt(0, reserved, 0, end);
    }
    if (mine) {
      charging.remove(bucket.hash());
    }
    return Debt.NONE;
  }

  /** Ends what {@link #debt} began, after what Redis said has been remembered. */
  void settle(SharedBucket bucket, Debt debt, boolean charged) {
    if (debt.owedNanos == 0) {
      return;
    }
    if (charged) {
      bases.follow(bucket);
      moveDown(bucket, debt.levelNanos, debt.windowEnd);
    }
    charging.remove(bucket.hash());
  }

  private void moveDown(SharedBucket bucket, long nanos, long windowEnd) {
    if (bucket.isWindow()) {
      windows.moveDown(bucket, nanos, windowEnd, nanoClock.getAsLong());
    } else {
      spent.follow(bucket.identity(), shares.of(bucket.limit()), nanos, 0);
    }
  }

  private long windowEnd(SharedBucket bucket) {
    return bucket.isWindow() ? windows.end(bucket) : 0;
  }

  private long owedLevelNanos(SharedBucket bucket) {
    return bucket.isWindow() ? windows.owed(bucket) : bases.owedLevelNanos(bucket);
  }

  /**
   * Returns the level here and, on top, what calls under way may take from Redis: of a window none,
   * as {@link WindowLedger} has it. Of a ban calls take nothing: calls are counted together with
   * those of other buckets, which would ban by chance.
   */
  private ShareLevel levelWithCalls(SharedBucket bucket) {
    if (bucket.isWindow()) {
      return new ShareLevel(shares.of(bucket.limit()), 0);
    }
    long nanosPerToken = Inside.nanosPerToken(bucket.limit().limit());
    // Before the level: a call that ends in between counts twice, and never not at all.
    long calls = bucket.isBan() ? 0 : underWay.nanos(bucket.hash(), nanosPerToken);
    bases.follow(bucket);
    return new ShareLevel(shares.of(bucket.limit()), bases.levelNanos(bucket) + calls);
  }

  /** Returns the denial at levels that hold the cost already. */
  private static Decision denied(List<ShareLevel> levels, Cost cost) {
    return Decision.of(
        Decision.Source.LOCAL, levels.stream().map(level -> level.before(cost)).toList());
  }

  private void owe(Decision decision) {
    long longest = 0;
    for (BucketState bucket : decision.buckets()) {
      longest = Math.max(longest, bucket.resetAfterNanos());
    }
    oweFor(longest);
  }

  private void oweFor(long nanos) {
    long until = nanoClock.getAsLong() + nanos;
    owingUntil.accumulateAndGet(until, (old, latest) -> latest - old > 0 ? latest : old);
  }
}
