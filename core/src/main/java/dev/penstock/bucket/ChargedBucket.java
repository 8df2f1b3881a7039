package dev.penstock.bucket;

import dev.penstock.BucketState;
import dev.penstock.Identity;
import dev.penstock.PartitionedLimit;
import dev.penstock.base.Inside;
import java.util.function.BooleanSupplier;
import java.util.function.LongUnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A token bucket's part in one decision.
 *
 * <p>{@code word} is the bucket's word as this decision last saw or made it. Where a transition
 * reads the time, it does so after the word: by a time from before, tokens that a later request
 * took from a full bucket would count as refilled, or a later request's word as too far ahead.
 */
final class ChargedBucket implements BucketPart {

  private static final Transition TAKE = BucketWord::take;

  private final BucketStore store;
  private final Identity identity;
  private final PartitionedLimit limit;
  private final long amount;
  private final long hash;
  private final Room room;
  private final long overflowHash;
  private final @Nullable Patience patience;
  private WaitLines.@Nullable Place place;
  private long word;
  private long takenAt;
  private int cutsBefore;
  private boolean overflows;

  /**
   * @param amount its part of the decision's cost, in the limit's unit
   */
  ChargedBucket(BucketStore store, Identity identity, PartitionedLimit limit, long amount) {
    this(store, identity, limit, amount, null);
  }

  /** Likewise, for someone who waits for the bucket, unless that bans them. */
  ChargedBucket(
      BucketStore store,
      Identity identity,
      PartitionedLimit limit,
      long amount,
      @Nullable Patience patience) {
    this.store = store;
    this.identity = identity;
    this.limit = limit;
    this.amount = amount;
    this.hash = BucketStore.hash(identity, limit);
    this.room = store.room(identity, limit);
    this.overflowHash = BucketStore.overflowHash(limit);
    this.patience = Inside.isBan(limit) ? null : patience;
  }

  @Override
  public void look() {
    word = store.asTokens(store.own, hash, store.word(hash, room, limit), limit);
  }

  @Override
  public boolean holds(long now) {
    return patience == null
        ? holdsNow(now)
        : BucketWord.takeAhead(word, now, amount, patience.nanos(now), limit) != BucketWord.DENIED;
  }

  /** Returns whether the bucket holds its part without a wait. */
  boolean holdsNow(long now) {
    return BucketWord.take(word, now, amount, limit) != BucketWord.DENIED;
  }

  /**
   * Returns the time from which on the bucket holds what was taken, or is charged nothing and holds
   * a token, as this decision last saw it.
   */
  long due(long now) {
    if (place != null) {
      return place.due();
    }
    if (amount > 0) {
      return now;
    }
    look();
    long level = BucketWord.level(word, now, limit);
    return now + Gcra.waitNanos(level, 0, limit.limit());
  }

  /** Says that the wait is over. */
  void pass() {
    if (place != null) {
      store.lines.pass(place);
      takenAt = place.due();
    }
  }

  @Override
  public boolean take(long now) {
    takenAt = now;
    if (amount == 0) {
      return true;
    }
    overflows = false;
    cutsBefore = store.cuts(hash);
    long taken = take(store.own, hash, now);
    while (taken == BucketArray.ABSENT || taken == BucketArray.UNSET) {
      taken = takeAsNewcomer();
    }
    word = taken > 0 ? taken : ~taken;
    return taken > 0;
  }

  /** Takes from it, if it has begun; what has been a window's is a token bucket's from then on. */
  private long take(BucketTable table, long of, long now) {
    if (patience != null) {
      WaitLines.Taken taken = store.lines.take(table, of, hash, now, amount, limit, patience);
      place = taken.place();
      return taken.word();
    }
    long taken = table.update(of, TAKE, now, amount, limit);
    boolean isDenied = taken < 0 && taken > BucketArray.LEFT;
    if (!isDenied || !WindowWord.isWindow(~taken)) {
      return taken;
    }
    long[] seen = new long[1];
    long next =
        table.update(
            of,
            (old, time, tokens, any) -> {
              seen[0] = store.asTokens(table, of, old, limit);
              return BucketWord.take(seen[0], Math.max(now, store.now()), amount, limit);
            },
            0,
            0,
            limit);
    return next < 0 && next > BucketArray.LEFT ? ~seen[0] : next;
  }

  /** A bucket that was absent begins at the time of its addition, and is charged after that. */
  private long takeAsNewcomer() {
    overflows = !store.add(hash, room, limit);
    if (overflows && !store.addOverflow(room, limit)) {
      return ~BucketWord.of(Inside.nanosToFill(limit.limit()), takenAt, limit);
    }
    takenAt = store.now();
    if (!overflows) {
      cutsBefore = store.cuts(hash);
      return take(store.own, hash, takenAt);
    }
    cutsBefore = store.cuts(overflowHash);
    long taken = take(room.overflow, overflowHash, takenAt);
    if (taken > 0 && store.own.word(hash) != BucketArray.ABSENT) {
      giveBack();
      return BucketArray.ABSENT;
    }
    room.overflows.increment();
    return taken;
  }

  @Override
  public void giveBack() {
    if (place != null) {
      boolean isGivenBack = store.lines.leave(place);
      takenAt = place.due();
      place = null;
      if (isGivenBack) {
        return;
      }
    }
    if (overflows) {
      giveBack(room.overflow, overflowHash, takenAt, this::isUncut);
    } else {
      giveBack(takenAt, this::isUncut);
    }
  }

  @Override
  public BucketState state(long level, boolean paid) {
    return BucketStates.ofTokens(limit, level, amount, paid);
  }

  @Override
  public ReservedBucket reserved(Object reservation) {
    return new ReservedBucket(store, identity, limit, amount, takenAt, overflows, cutsBefore);
  }

  private boolean isUncut() {
    return store.cuts(overflows ? overflowHash : hash) == cutsBefore;
  }

  /** Gives back what the own bucket has paid, unless it was cut since. */
  void giveBack(long paidAt, BooleanSupplier isUncut) {
    giveBack(store.own, hash, paidAt, isUncut);
  }

  private void giveBack(BucketTable table, long of, long paidAt, BooleanSupplier isUncut) {
    if (amount > 0) {
      store.lines.putBack(
          table, of, limit, seen -> isUncut.getAsBoolean() ? givenBack(seen, paidAt) : seen);
    }
  }

  private long givenBack(long seen, long paidAt) {
    long now = store.now();
    long level = BucketWord.level(seen, now, limit);
    long next = Gcra.giveBack(level, now - paidAt, amount, limit.limit());
    return next == level ? seen : BucketWord.of(next, now, limit);
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
      if (store.add(hash, room, limit)) {
        if (follow(store.own, hash, since, to) > 0) {
          return;
        }
      } else if (!store.addOverflow(room, limit)
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
          long level = BucketWord.levelOrSince(seen, now, limit);
          if (level >= from) {
            return BucketWord.of(level + (to - from), now, limit);
          }
          if (level <= 0 && to <= 0) {
            return seen;
          }
          store.cut(of);
          return BucketWord.of(Math.max(0, to), now, limit);
        });
  }

  /**
   * Charges what was spent and no decision was asked for.
   *
   * @param nanos as time of refill
   * @param most the level beyond which nothing is charged
   * @return how much is charged
   */
  long owe(long nanos, long most) {
    while (true) {
      boolean hasRoom = store.add(hash, room, limit);
      if (!hasRoom && !store.addOverflow(room, limit)) {
        return 0;
      }
      Owing owing = new Owing(store, limit, nanos, most);
      BucketTable table = hasRoom ? store.own : room.overflow;
      if (update(table, hasRoom ? hash : overflowHash, owing) > 0) {
        return owing.charged();
      }
    }
  }

  /**
   * Fills the own bucket as of now: with a word of before, a request that goes by an earlier time
   * would be charged as if refill had made good for it already.
   */
  void fill() {
    store.cut(hash);
    update(store.own, ChargedWindow.second(hash), seen -> BucketWord.of(0, store.now(), limit));
    store.lines.fill(hash, limit);
  }

  boolean isAwaited() {
    return store.lines.longest(store.own, hash) > 0
        || store.lines.longest(room.overflow, overflowHash) > 0;
  }

  /** Returns how far from full the own bucket is, in nanoseconds. */
  long ownLevelNanos() {
    long own = Math.max(BucketWord.FULL, store.own.word(hash));
    return BucketWord.level(store.asTokens(store.own, hash, own, limit), store.now(), limit);
  }

  @Override
  public long level(boolean paid, long now) {
    long level = BucketWord.level(word, paid ? takenAt : now, limit);
    long bounded = Gcra.bounded(level, limit.limit());
    // Beyond that it is because of those who wait, or only by a time from before the word.
    return level == bounded ? level : Math.max(bounded, BucketWord.level(word, store.now(), limit));
  }

  private long update(BucketTable table, long of, LongUnaryOperator transition) {
    return table.update(
        of,
        (seen, time, tokens, any) -> {
          long asTokens = store.asTokens(table, of, seen, limit);
          long next = transition.applyAsLong(asTokens);
          return next == asTokens ? seen : next;
        },
        0,
        0,
        limit);
  }
}
