package dev.penstock.bucket;

import dev.penstock.BucketState;
import dev.penstock.Identity;
import dev.penstock.PartitionedLimit;
import java.time.Duration;
import java.util.function.BooleanSupplier;

/**
 * A window's part in one decision, and in what becomes of it.
 *
 * <p>A window that slides has two entries of the table: the first, which every kind of limit reads,
 * has the window in which something was last taken. Whoever takes first in the next one keeps that
 * beside it, in the second, before the first is replaced by one compare-and-set: which fails if
 * more was taken meanwhile. Where there is no room for a second one, what counts of the last window
 * now counts as if it were taken in this.
 *
 * <p>Times are read after words, as in {@link ChargedBucket}.
 */
final class ChargedWindow implements BucketPart {

  private static final long SECOND = 0x9E37_79B9_7F4A_7C14L;

  /** Writes {@code tokens} where {@code time} stands. */
  private static final Transition REPLACE =
      (seen, time, tokens, any) -> seen == time ? tokens : BucketWord.DENIED;

  /** Within this a word of a later window is that of one who was faster. */
  private static final long RACE = Duration.ofDays(2).toNanos();

  private final BucketStore store;
  private final PartitionedLimit limit;
  private final long amount;
  private final long hash;
  private final Room room;
  private final long overflowHash;
  private WindowUse use;
  private boolean overflows;
  private int cutsBefore;

  /** What the window showed as taken in it, before it was charged. */
  private long before;

  /** When the window ends in which something was last taken. */
  private long chargedEnd;

  /**
   * @param amount its part of the decision's cost, in the limit's unit
   */
  ChargedWindow(BucketStore store, Identity identity, PartitionedLimit limit, long amount) {
    this.store = store;
    this.limit = limit;
    this.amount = amount;
    this.hash = BucketStore.hash(identity, limit);
    this.room = store.room(identity, limit);
    this.overflowHash = BucketStore.overflowHash(limit);
    this.use = WindowUse.unused(limit.limit()); // until it is looked at
  }

  /** Returns what the second entry beside this one is called. */
  static long second(long hash) {
    return hash ^ SECOND;
  }

  @Override
  public void look() {
    long word = store.word(hash, room, limit);
    use = use(store.own, hash, word);
    if (use.isFarAhead()) { // so that it is over with this window
      if (store.own.word(hash) == word) {
        charge(store.own, hash, word, 0);
      } else if (room.overflow.word(overflowHash) == word) {
        charge(room.overflow, overflowHash, word, 0);
      }
    }
  }

  private WindowUse use(BucketTable table, long of, long word) {
    long second = store.second(table, of, word, limit);
    return WindowUse.of(
        limit, Math.max(BucketWord.FULL, word), second, store.now(), store.wallNow());
  }

  @Override
  public boolean holds(long now) {
    return use.fits(amount);
  }

  @Override
  public boolean take(long now) {
    if (amount == 0) {
      return true;
    }
    overflows = false;
    cutsBefore = store.cuts(hash);
    long taken = take(store.own, hash);
    while (taken == BucketArray.ABSENT || taken == BucketArray.UNSET) {
      taken = takeAsNewcomer();
    }
    return taken > 0;
  }

  private long takeAsNewcomer() {
    if (!findRoom()) {
      use = WindowUse.usedUp(limit, store.wallNow());
      return BucketWord.DENIED;
    }
    long taken = take(table(), chargedHash());
    if (overflows && taken > 0 && store.own.word(hash) != BucketArray.ABSENT) {
      giveBack();
      return BucketArray.ABSENT;
    }
    if (overflows) {
      room.overflows.increment();
    }
    return taken;
  }

  /** Returns whether there is an entry to charge, its own or that of the overflow bucket. */
  private boolean findRoom() {
    overflows = !store.add(hash, room, limit);
    cutsBefore = store.cuts(chargedHash());
    return !overflows || store.addOverflow(room, limit);
  }

  private BucketTable table() {
    return overflows ? room.overflow : store.own;
  }

  private long chargedHash() {
    return overflows ? overflowHash : hash;
  }

  /** Returns the word after it; the complement of the word that said no; or what is instead. */
  private long take(BucketTable table, long of) {
    while (true) {
      long word = table.word(of);
      if (word <= 0) {
        return word;
      }
      use = use(table, of, word);
      if (!use.fits(amount)) {
        return ~word;
      }
      long next = charge(table, of, word, amount);
      if (next > 0) {
        return next;
      }
    }
  }

  /** Writes what is taken besides what was seen; returns 0 where another was faster. */
  private long charge(BucketTable table, long of, long word, long tokens) {
    WindowUse from = use.isLast() && !keep(table, second(of), word) ? use.folded() : use;
    WindowUse next = from.plus(tokens);
    if (!replace(table, of, word, next.word())) {
      return 0;
    }
    if (!WindowWord.isOf(word, next.windows())) { // what was taken before does not show any more
      store.cut(of);
      cutsBefore = store.cuts(of);
    }
    before = from.charged();
    use = next;
    chargedEnd = next.end();
    return next.word();
  }

  private boolean replace(BucketTable table, long of, long word, long next) {
    return table.update(of, REPLACE, word, next, limit) > 0;
  }

  /** Keeps the word of the last window; whoever was late does not replace a later one. */
  private boolean keep(BucketTable table, long second, long word) {
    if (!table.add(second, overflows ? Room.MAX_OVERFLOW_BUCKETS : room.most)) {
      return false;
    }
    table.begin(second, word);
    long at = store.wallNow();
    long until = WindowWord.until(word, at);
    long race = Math.max(RACE, 2 * use.windows().nanos());
    long kept =
        table.update(
            second,
            (seen, time, tokens, any) -> {
              long other = WindowWord.areAlike(seen, word) ? WindowWord.until(seen, at) : until - 1;
              boolean isLater = other > until && other - until <= race;
              return isLater || (other == until && seen > word) ? seen : word;
            },
            0,
            0,
            limit);
    return kept > 0;
  }

  @Override
  public void giveBack() {
    putBack(amount, chargedEnd, this::isUncut);
  }

  /**
   * Gives back what the own window has paid, unless it was cut since.
   *
   * @param paidEnd when that window ends
   */
  void giveBack(long paidEnd, BooleanSupplier isUncut) {
    putBack(amount, paidEnd, isUncut);
  }

  private boolean isUncut() {
    return store.cuts(chargedHash()) == cutsBefore;
  }

  /** Puts back what was taken, if the window is the same, and was not cut since. */
  private void putBack(long tokens, long takenEnd, BooleanSupplier isUncut) {
    while (tokens > 0) {
      long word = table().word(chargedHash());
      if (word <= 0) {
        return;
      }
      WindowUse seen = use(table(), chargedHash(), word);
      boolean isSame = seen.isOwn() && seen.end() == takenEnd;
      if (!isUncut.getAsBoolean()
          || !isSame
          || replace(table(), chargedHash(), word, seen.plus(-tokens).word())) {
        return;
      }
    }
  }

  /**
   * Charges what was spent and no decision was asked for.
   *
   * @return how much is charged: as much as the window may owe
   */
  long owe(long tokens) {
    while (true) {
      boolean moved = overflows;
      if (!findRoom()) {
        return 0;
      }
      chargedEnd = moved == overflows ? chargedEnd : 0;
      long word = table().word(chargedHash());
      if (word > 0) {
        use = use(table(), chargedHash(), word);
        if (charge(table(), chargedHash(), word, tokens) > 0) {
          return use.current() - before;
        }
      }
    }
  }

  /** Moves what is taken by {@code to - from}, as if it had been {@code from} at least. */
  void follow(long from, long to) {
    while (from > 0 || to > 0) {
      if (!findRoom()) {
        return;
      }
      long word = table().word(chargedHash());
      if (word > 0) {
        use = use(table(), chargedHash(), word);
        long taken = use.taken();
        if (taken < from) {
          store.cut(chargedHash());
        }
        long change = Math.max(taken, from) - from + to - taken;
        if (change == 0 || change(word, change)) {
          return;
        }
      }
    }
  }

  /** What was taken in the last window stays as it is. */
  private boolean change(long word, long change) {
    if (change < 0 && use.isLast()) {
      return true;
    }
    return change > 0
        ? charge(table(), chargedHash(), word, change) > 0
        : replace(table(), chargedHash(), word, use.plus(change).word());
  }

  /** Returns how the own window stands. */
  WindowUse own() {
    return use(store.own, hash, store.own.word(hash));
  }

  /** Empties the own entries, as of now: nothing is taken. */
  void fill() {
    store.cut(hash);
    long at = store.wallNow();
    WindowUse none = WindowUse.of(limit, BucketWord.FULL, BucketWord.FULL, store.now(), at);
    for (long of : new long[] {second(hash), hash}) {
      store.own.update(of, (seen, time, tokens, any) -> none.word(), 0, 0, limit);
    }
    store.cut(hash);
  }

  @Override
  public long level(boolean paid, long now) {
    return use.taken();
  }

  @Override
  public BucketState state(long level, boolean paid) {
    return use.state(limit.name(), amount, paid);
  }

  @Override
  public ReservedPart reserved(Object reservation) {
    return new Reserved();
  }

  /** What a reservation has taken of this window, and of later ones by settling. */
  private final class Reserved implements ReservedPart {

    private long total = amount;

    /** Taken of the window that ends at {@code chargedEnd}: so much may come back into it. */
    private long inWindow = amount;

    /** What the overdraft left no room for. */
    private long unpaid;

    private boolean cancelled;

    @Override
    public PartitionedLimit limit() {
      return limit;
    }

    @Override
    public synchronized void settle(long newTotal) {
      if (cancelled) {
        return;
      }
      long more = newTotal - total;
      total = newTotal;
      if (more > 0) {
        charge(more);
      } else {
        long neverTaken = Math.min(unpaid, -more);
        unpaid -= neverTaken;
        long back = Math.min(inWindow, -more - neverTaken);
        inWindow -= back;
        putBack(back, chargedEnd, ChargedWindow.this::isUncut);
      }
    }

    private void charge(long tokens) {
      long endBefore = chargedEnd;
      int cuts = cutsBefore;
      boolean overflowed = overflows;
      long charged = owe(tokens);
      boolean isSame = overflows == overflowed && chargedEnd == endBefore && cutsBefore == cuts;
      inWindow = (isSame ? inWindow : 0) + charged;
      unpaid += tokens - charged;
      if (charged < tokens) {
        // What others have taken does not show any more.
        store.cut(chargedHash());
        cutsBefore++;
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
  }
}
