package dev.penstock.bucket;

import dev.penstock.Cost;
import dev.penstock.Decision;
import dev.penstock.Identity;
import dev.penstock.Limit;
import dev.penstock.PartitionedLimit;
import dev.penstock.base.Inside;
import dev.penstock.base.Windows;
import dev.penstock.base.Windows.Window;
import java.util.List;
import java.util.Objects;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Decides over windows, and token buckets beside them, where nothing is out of the ordinary: each
 * bucket is there, and each window was charged before while it lasts. That takes one
 * compare-and-set for each, and one object for the answer, or two ({@code WindowBenchmark}). All
 * else is decided at length, see {@link ChargedWindow}.
 *
 * <p><b>Ordering.</b> The second word is read after the first was seen to be of this window:
 * whoever charged that first had kept the last one beside it before. The first is then charged only
 * if it is of the same window still. The time may be of before all that: as if the request had
 * stalled later.
 */
final class WindowsInPlace {

  private static final Windows.Heads HEADS = WindowWord::head;
  private static final Transition TAKE = WindowsInPlace::next;

  /** So many bits hold what counts of the last window: twice the capacity of one that slides. */
  private static final int LAST_BITS = 29;

  /** Instead of tokens, or of an answer: that is to be found out at length. */
  private static final long UNUSUAL = -1;

  private final BucketStore store;

  WindowsInPlace(BucketStore store) {
    this.store = store;
  }

  /**
   * Takes the cost from each bucket, or from none; returns null where that is to be done at length.
   */
  @Nullable Decision take(Identity identity, List<PartitionedLimit> limits, Cost cost) {
    if (limits.size() == 1) {
      OneWindow one = takeFromOne(identity, limits, cost);
      return one == null ? null : Decision.of(Decision.Source.MEMORY, one.paid(), one);
    }
    WindowAmongOthers all = takeFromAll(identity, limits, cost);
    return all == null ? null : Decision.of(Decision.Source.MEMORY, all.paid, all);
  }

  /** Takes the cost from a window, or returns null likewise. */
  @Nullable OneWindow takeFromOne(Identity identity, List<PartitionedLimit> limits, Cost cost) {
    PartitionedLimit limit = limits.get(0);
    long amount = cost.amount(limit.limit());
    long hash = BucketStore.hash(identity, limit);
    long at = store.wallNow();
    long last = amount == 0 ? UNUSUAL : ofLast(hash, at, limit);
    if (last == UNUSUAL) {
      return null;
    }
    long answer = take(hash, at, last, amount, limit);
    return answer == UNUSUAL ? null : new OneWindow(limits, cost, answer, at, (int) last);
  }

  /** Takes the cost from several buckets, or returns null likewise. */
  @Nullable WindowAmongOthers takeFromAll(
      Identity identity, List<PartitionedLimit> limits, Cost cost) {
    long now = store.now();
    WindowAmongOthers all = new WindowAmongOthers(limits, cost, store.wallNow());
    boolean allHold = true;
    int cuts = 0;
    for (int i = 0; i < limits.size(); i++) {
      PartitionedLimit limit = limits.get(i);
      long hash = BucketStore.hash(identity, limit);
      cuts += store.cuts(hash);
      long word = store.own.word(hash);
      long last = word <= 0 ? UNUSUAL : lookAt(hash, word, now, all.at, limit);
      if (last == UNUSUAL) {
        return null;
      }
      all.stands(i, isWindow(limit) ? word : BucketWord.level(word, now, limit), last);
      allHold &= all.holds(i);
    }
    for (int i = 0; allHold && i < limits.size(); i++) {
      if (!take(BucketStore.hash(identity, limits.get(i)), now, all, i)) {
        giveBack(identity, all, i, now, cuts);
        return null;
      }
    }
    all.paid = allHold;
    return all;
  }

  private static boolean isWindow(PartitionedLimit limit) {
    return Inside.windows(limit.limit()) != null;
  }

  private static Window window(PartitionedLimit limit, long at) {
    return Objects.requireNonNull(Inside.windows(limit.limit())).window(at, HEADS);
  }

  /** Returns what was taken of the last window, if it slides. */
  private long lookAt(long hash, long word, long now, long at, PartitionedLimit limit) {
    if (isWindow(limit)) {
      return WindowWord.begins(word, window(limit, at).head()) ? ofLast(hash, at, limit) : UNUSUAL;
    }
    return BucketWord.exceeds(word, now, limit) ? UNUSUAL : 0;
  }

  private long ofLast(long hash, long at, PartitionedLimit limit) {
    Window window = window(limit, at);
    if (window.lastHead() == 0) {
      return 0;
    }
    if (!WindowWord.begins(store.own.word(hash), window.head())) {
      return UNUSUAL;
    }
    long second = store.own.word(ChargedWindow.second(hash));
    return WindowWord.begins(second, window.lastHead())
        ? WindowWord.taken(second, limit.limit().capacity())
        : 0;
  }

  /** Takes from one of several; returns whether it did. */
  private boolean take(long hash, long now, WindowAmongOthers all, int i) {
    PartitionedLimit limit = all.limits.get(i);
    long amount = all.cost.amount(limit.limit());
    if (amount == 0) {
      return true;
    }
    long last = all.ofLast(i);
    long word =
        isWindow(limit)
            ? take(hash, all.at, last, amount, limit)
            : store.tryTake(hash, now, amount, limit);
    if (word > 0) {
      all.stands(i, isWindow(limit) ? word : BucketWord.level(word, now, limit), last);
    }
    return word > 0;
  }

  /**
   * Gives back what the first buckets have paid, unless any of the decision was cut since {@code
   * cuts} was read.
   */
  private void giveBack(Identity identity, WindowAmongOthers all, int paid, long now, int cuts) {
    BooleanSupplier isUncut = () -> cuts(identity, all.limits) == cuts;
    for (int i = 0; i < paid; i++) {
      PartitionedLimit limit = all.limits.get(i);
      long amount = all.cost.amount(limit.limit());
      if (isWindow(limit)) {
        new ChargedWindow(store, identity, limit, amount)
            .giveBack(window(limit, all.at).end(), isUncut);
      } else {
        new ChargedBucket(store, identity, limit, amount).giveBack(now, isUncut);
      }
    }
  }

  private int cuts(Identity identity, List<PartitionedLimit> limits) {
    int cuts = 0;
    for (PartitionedLimit limit : limits) {
      cuts += store.cuts(BucketStore.hash(identity, limit));
    }
    return cuts;
  }

  /** Returns the word after it, or the complement of the one that said no. */
  private long take(long hash, long at, long last, long amount, PartitionedLimit limit) {
    Window window = window(limit, at);
    long counts =
        last == 0 ? 0 : Gcra.scaled(last, window.end() - window.start(), window.end() - at);
    // A token more than the capacity is as far out of reach as any cost above.
    long bounded = Math.min(amount, limit.limit().capacity() + 1);
    long answer =
        store.own.tryUpdate(hash, TAKE, window.head(), bounded << LAST_BITS | counts, limit);
    boolean isThis =
        answer > BucketArray.LEFT && WindowWord.begins(Math.max(answer, ~answer), window.head());
    return isThis ? answer : UNUSUAL;
  }

  /**
   * Returns the word after the cost is taken, or {@link BucketWord#DENIED}.
   *
   * @param head with which the word has to begin
   * @param tokens the cost, and in the last bits what counts of the last window
   */
  private static long next(long word, long head, long tokens, PartitionedLimit partitioned) {
    if (!WindowWord.begins(word, head)) {
      return BucketWord.DENIED;
    }
    Limit limit = partitioned.limit();
    long current = Math.min(WindowWord.taken(word, limit.capacity()), Gcra.most(limit));
    long amount = tokens >>> LAST_BITS;
    long last = tokens & ((1L << LAST_BITS) - 1);
    return Gcra.take(current + last, amount, limit) == Gcra.DENIED
        ? BucketWord.DENIED
        : WindowWord.of(head, current + amount, limit.capacity());
  }
}
