package dev.penstock.bucket;

import dev.penstock.Cost;
import dev.penstock.Decision;
import dev.penstock.Identity;
import dev.penstock.InFlightLimit;
import dev.penstock.LimiterArguments;
import dev.penstock.MetricFamily;
import dev.penstock.MetricFamily.Sample;
import dev.penstock.PartitionedLimit;
import dev.penstock.Reservation;
import dev.penstock.TokenBucketLimit;
import dev.penstock.WindowLimit;
import dev.penstock.base.Awaited;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The buckets of this process, for a limiter: takes from all that a decision concerns or from none,
 * puts back, and moves them along with those of another store. What they are and promise is said at
 * {@code InMemoryRateLimiter}.
 *
 * <p>Thread-safe and lock-free. Arguments are the limiter's to check.
 */
public final class Buckets {

  private final BucketStore store;
  private final AllOrNothing several;
  private final WindowsInPlace inPlace;

  private Buckets(int maxBuckets, Rooms rooms, LongSupplier clock, InstantSource wallClock) {
    this.store = new BucketStore(maxBuckets, rooms, clock, wallClock);
    this.several = new AllOrNothing(store);
    this.inPlace = new WindowsInPlace(store);
  }

  /**
   * Returns buckets by {@link System#nanoTime}.
   *
   * @param maxBuckets at least 1
   * @param rooms how much of that each kind of identity may fill
   * @param wallClock the time of windows
   * @return the buckets, all of them full
   */
  public static Buckets onSystemClock(int maxBuckets, Rooms rooms, InstantSource wallClock) {
    long beforeFirst = System.nanoTime() - 1;
    return new Buckets(maxBuckets, rooms, () -> System.nanoTime() - beforeFirst, wallClock);
  }

  /**
   * Returns buckets by another clock.
   *
   * @param maxBuckets at least 1
   * @param rooms how much of that each kind of identity may fill
   * @param nanoClock nanoseconds from any origin, thread-safe; where it goes back, time stands
   *     still until it has caught up
   * @param wallClock the time of windows
   * @return the buckets, all of them full
   */
  public static Buckets onClock(
      int maxBuckets, Rooms rooms, LongSupplier nanoClock, InstantSource wallClock) {
    LongSupplier monotonic = MonotonicClock.of(nanoClock);
    long beforeFirst = monotonic.getAsLong() - 1;
    return new Buckets(maxBuckets, rooms, () -> monotonic.getAsLong() - beforeFirst, wallClock);
  }

  /**
   * Takes the cost from the bucket of each limit, or nothing from any.
   *
   * @param identity who is charged
   * @param limits at least one, each name once
   * @param cost of which each bucket pays the amount in its limit's unit
   * @return the decision
   */
  public Decision take(Identity identity, List<PartitionedLimit> limits, Cost cost) {
    long now = store.now();
    long[] ofEach = limits.size() == 1 ? null : new long[limits.size()];
    long answer =
        ofEach == null
            ? takeFromOne(identity, limits, cost, now)
            : several.acquire(identity, limits, cost, now, ofEach);
    if (answer == AllOrNothing.WINDOWS) {
      return takeFromWindows(identity, limits, cost);
    }
    // One place for both: where two meet, the compiler could not leave the objects out.
    return Decision.of(
        Decision.Source.MEMORY, answer >= 0, new BucketStates(limits, cost, answer, ofEach));
  }

  /**
   * Takes the cost from one bucket: with one compare-and-set and no object, unless the bucket is
   * absent, or another request has read the time later.
   *
   * @return the level in nanoseconds; its complement if the bucket said no
   */
  private long takeFromOne(Identity identity, List<PartitionedLimit> limits, Cost cost, long now) {
    PartitionedLimit limit = limits.get(0);
    long amount = cost.amount(limit.limit());
    long taken = store.tryTake(BucketStore.hash(identity, limit), now, amount, limit);
    if (taken > 0) {
      return BucketWord.level(taken, now, limit);
    }
    if (taken < 0 && !BucketWord.exceeds(~taken, now, limit)) {
      return ~BucketWord.level(~taken, now, limit);
    }
    return takeFromOneAtLength(identity, limits, cost);
  }

  private long takeFromOneAtLength(Identity identity, List<PartitionedLimit> limits, Cost cost) {
    PartitionedLimit limit = limits.get(0);
    if (AllOrNothing.haveWindow(limits)) {
      return AllOrNothing.WINDOWS;
    }
    long hash = BucketStore.hash(identity, limit);
    long word = store.asTokens(store.own, hash, store.own.word(hash), limit);
    long level = word <= 0 ? 0 : BucketWord.level(word, store.now(), limit);
    if (level > Gcra.most(limit.limit())) {
      return ~level; // others wait: no object for a denial
    }
    long[] levelNanos = new long[1];
    boolean paid = several.atLength(BucketPart.ofEach(store, identity, limits, cost), levelNanos);
    return paid ? levelNanos[0] : ~levelNanos[0];
  }

  private Decision takeFromWindows(Identity identity, List<PartitionedLimit> limits, Cost cost) {
    @Nullable Decision decision = inPlace.take(identity, limits, cost);
    if (decision != null) {
      return decision;
    }
    BucketPart[] parts = BucketPart.ofEach(store, identity, limits, cost);
    long[] ofEach = new long[parts.length];
    boolean paid = several.atLength(parts, ofEach);
    // Nothing becomes of the parts after this, so how they stand can be worked out when it is read.
    return Decision.of(
        Decision.Source.MEMORY,
        paid,
        () -> BucketPart.states(parts, limits, cost, paid, ofEach).get());
  }

  /**
   * Takes as {@link #take} does, and remembers what was taken.
   *
   * @param identity who is charged
   * @param limits at least one, each name once
   * @param cost of which each bucket pays the amount in its limit's unit
   * @return the reservation
   */
  public Reservation reserve(Identity identity, List<PartitionedLimit> limits, Cost cost) {
    if (limits.size() == 1 && limits.get(0).limit() instanceof TokenBucketLimit) {
      return reserveTokens(identity, limits, cost);
    }
    if (limits.size() == 1 && limits.get(0).limit() instanceof InFlightLimit) {
      return reserveSlots(identity, limits, cost);
    }
    return reserveAtLength(identity, limits, cost);
  }

  private Reservation reserveTokens(Identity identity, List<PartitionedLimit> limits, Cost cost) {
    PartitionedLimit limit = limits.get(0);
    long now = store.now();
    long hash = BucketStore.hash(identity, limit);
    long amount = cost.amount(limit.limit());
    int cuts = store.cuts(hash);
    long taken = amount == 0 ? 0 : store.tryTake(hash, now, amount, limit);
    return taken <= 0
        ? reserveAtLength(identity, limits, cost)
        : new OneBucketReservation(
            limits,
            new ReservedBucket(store, identity, limit, amount, now, false, cuts),
            BucketWord.level(taken, now, limit));
  }

  /** Of slots alone, for which the time is nothing. */
  private Reservation reserveSlots(Identity identity, List<PartitionedLimit> limits, Cost cost) {
    store.holders.sweep();
    PartitionedLimit limit = limits.get(0);
    ChargedSlots slots =
        new ChargedSlots(store, identity, limit, cost.amount(limit.limit()), false);
    if (slots.takeAlone()) {
      return OneBucketReservation.of(limits, slots);
    }
    long held = slots.level(false, 0);
    return new DeniedReservation(
        Decision.of(Decision.Source.MEMORY, false, new BucketStates(limits, cost, ~held, null)));
  }

  private Reservation reserveAtLength(Identity identity, List<PartitionedLimit> limits, Cost cost) {
    store.holders.sweep();
    BucketPart[] parts = BucketPart.ofEach(store, identity, limits, cost);
    long[] ofEach = new long[parts.length];
    boolean paid = several.atLength(parts, ofEach);
    Decision decision =
        Decision.of(
            Decision.Source.MEMORY, paid, BucketPart.states(parts, limits, cost, paid, ofEach));
    return paid ? ReservedParts.of(decision, parts) : new DeniedReservation(decision);
  }

  /**
   * Reserves, and waits for it where it has to. Not of windows.
   *
   * @param identity who is charged
   * @param limits as {@code LimiterArguments.requireLimits} returns them: those in shadow are tried
   *     when the wait is over
   * @param cost of which each bucket pays the amount in its limit's unit
   * @param maxWaitNanos the longest wait, at most 100 years
   * @return the reservation, to be awaited
   */
  public Awaited<Reservation> await(
      Identity identity, List<PartitionedLimit> limits, Cost cost, long maxWaitNanos) {
    int enforced = LimiterArguments.enforced(limits);
    return new AwaitedReservation(
        this,
        store,
        identity,
        limits.subList(0, enforced),
        limits.subList(enforced, limits.size()),
        cost,
        maxWaitNanos);
  }

  /**
   * {@return whether it can be waited for, as no window is among those that are enforced}
   *
   * @param limits as {@code LimiterArguments.requireLimits} returns them
   */
  public static boolean canAwait(List<PartitionedLimit> limits) {
    return !AllOrNothing.haveWindow(limits.subList(0, LimiterArguments.enforced(limits)));
  }

  boolean atLength(BucketPart[] parts, long[] levels) {
    return several.atLength(parts, levels);
  }

  /**
   * Decides as {@link #take} would now, and takes nothing.
   *
   * @param identity who would be charged
   * @param limits at least one, each name once
   * @param cost of which each bucket would pay the amount in its limit's unit
   * @return the decision
   */
  public Decision look(Identity identity, List<PartitionedLimit> limits, Cost cost) {
    store.holders.sweep();
    BucketPart[] parts = BucketPart.ofEach(store, identity, limits, cost);
    for (BucketPart part : parts) {
      part.look();
    }
    long now = store.now();
    boolean permitted = true;
    long[] ofEach = new long[parts.length];
    for (int i = 0; i < parts.length; i++) {
      permitted &= parts[i].holds(now);
      ofEach[i] = parts[i].level(false, now);
    }
    return Decision.of(
        Decision.Source.MEMORY, permitted, BucketPart.states(parts, limits, cost, false, ofEach));
  }

  /**
   * Fills the own bucket of each limit; slots stay with those who hold them.
   *
   * @param identity whose buckets
   * @param limits which
   */
  public void fill(Identity identity, List<PartitionedLimit> limits) {
    for (PartitionedLimit limit : limits) {
      if (limit.limit() instanceof TokenBucketLimit) {
        charge(identity, limit).fill();
      } else if (limit.limit() instanceof WindowLimit) {
        charged(identity, limit).fill();
      }
    }
  }

  /**
   * Moves the level of a bucket along with that of the bucket in another store for which it stands
   * in. The bucket counts as standing at {@code from} at least; what was spent here beyond that
   * stays on top. So {@code follow(identity, limit, x, x)} empties the bucket to {@code x} at
   * least, and {@code follow(identity, limit, x, 0)} takes {@code x} off, which has been charged
   * elsewhere. Of a window a token stands for a nanosecond.
   *
   * @param identity whose bucket
   * @param limit the limit
   * @param fromNanos the level elsewhere that this bucket goes by so far: nanoseconds until it is
   *     full, negative where it has been for so long
   * @param toNanos the level that it goes by from now on
   */
  public void follow(Identity identity, PartitionedLimit limit, long fromNanos, long toNanos) {
    if (limit.limit() instanceof WindowLimit) {
      charged(identity, limit).follow(fromNanos, toNanos);
    } else {
      charge(identity, limit).follow(fromNanos, toNanos);
    }
  }

  /**
   * Charges a bucket what was spent and no decision was asked for.
   *
   * @param identity whose bucket
   * @param limit the limit
   * @param nanos what was spent, as time of refill; of a window tokens
   * @param most the level beyond which nothing is charged; a window owes what it may
   * @return how much is charged, as time of refill
   */
  public long owe(Identity identity, PartitionedLimit limit, long nanos, long most) {
    return limit.limit() instanceof WindowLimit
        ? charged(identity, limit).owe(nanos)
        : charge(identity, limit).owe(nanos, most);
  }

  /**
   * Returns how far from full a bucket of its own is: what was spent here is to be charged
   * elsewhere.
   *
   * @param identity whose bucket
   * @param limit the limit
   * @return nanoseconds until the bucket is full, 0 where it is; of a window the tokens taken
   */
  public long levelNanos(Identity identity, PartitionedLimit limit) {
    return limit.limit() instanceof WindowLimit
        ? window(identity, limit).taken()
        : charge(identity, limit).ownLevelNanos();
  }

  /**
   * {@return whether somebody waits for a bucket, of its own or that which newcomers share}
   *
   * @param identity whose bucket
   * @param limit the limit
   */
  public boolean isAwaited(Identity identity, PartitionedLimit limit) {
    return charge(identity, limit).isAwaited();
  }

  private ChargedBucket charge(Identity identity, PartitionedLimit limit) {
    return new ChargedBucket(store, identity, limit, 0);
  }

  /**
   * {@return how a window of its own stands}
   *
   * @param identity whose bucket
   * @param limit the limit
   */
  public WindowUse window(Identity identity, PartitionedLimit limit) {
    return charged(identity, limit).own();
  }

  private ChargedWindow charged(Identity identity, PartitionedLimit limit) {
    return new ChargedWindow(store, identity, limit, 0);
  }

  /** {@return how many buckets are held, for how many there is room, and overflow} */
  public List<MetricFamily> metrics() {
    List<Sample> rooms = new ArrayList<>();
    List<Sample> overflows = new ArrayList<>();
    store.rooms(
        (kind, room) -> {
          rooms.add(Sample.of(room.most, "kind", kind));
          overflows.add(Sample.of((double) room.overflows.sum(), "kind", kind));
        });
    return List.of(
        MetricFamily.of(
            MetricFamily.Type.GAUGE,
            "penstock_buckets",
            "Buckets that are held in this process, as they are not full.",
            Sample.of(size())),
        new MetricFamily(
            MetricFamily.Type.GAUGE,
            "penstock_buckets_capacity",
            "Buckets of whatever kind at which a newcomer of this kind finds no room.",
            rooms),
        new MetricFamily(
            MetricFamily.Type.COUNTER,
            "penstock_overflow_requests_total",
            "Requests of newcomers without room, charged to the bucket that they share.",
            overflows));
  }

  /** {@return how many slots are held of each limit} */
  public MetricFamily slots() {
    return store.holders.metrics();
  }

  /** {@return how many callers wait for slots of each limit} */
  public MetricFamily slotsAwaited() {
    return store.slotQueue.metrics();
  }

  /** {@return how many buckets are held now, at most the bound} */
  public int size() {
    return store.own.size();
  }

  /**
   * {@return whether a newcomer of this kind finds room now}
   *
   * @param kind the kind of the key that is charged
   */
  public boolean hasRoom(Identity.Kind kind) {
    return size() < store.room(kind).most;
  }
}
