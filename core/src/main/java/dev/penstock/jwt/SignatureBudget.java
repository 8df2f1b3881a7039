package dev.penstock.jwt;

import dev.penstock.Limit;
import dev.penstock.TokenBucketLimit;
import dev.penstock.bucket.Gcra;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.function.LongSupplier;

/**
 * How many wrong signatures a sender may have checked: some at once, and one more every two
 * seconds. A right one costs nothing.
 *
 * <p>A sender is a number that a {@link SenderDigest} gives. Its low bits choose one of 65,536
 * budgets, so the memory is fixed and nothing is ever evicted; two senders share a budget by a
 * chance of one in as many, which none can help, as the digest is keyed.
 *
 * <p>A budget is a token bucket in one word, the time at which it is full, by {@link Gcra}. A check
 * takes a token, a right signature puts one back. If the budget became full in between, one check
 * too many is put back. Lock-free.
 */
final class SignatureBudget {

  private static final Duration PER_CHECK = Duration.ofSeconds(2);
  private static final int MOST_AT_ONCE = 1000;
  private static final TokenBucketLimit WIDEST = Limit.of(MOST_AT_ONCE, 1, PER_CHECK);
  private static final int BUDGETS = 1 << 16;

  private final AtomicLongArray words = new AtomicLongArray(BUDGETS);
  private final LongSupplier nanoClock;
  private final long origin;

  SignatureBudget(LongSupplier nanoClock) {
    this.nanoClock = nanoClock;
    this.origin = nanoClock.getAsLong();
  }

  /**
   * {@return the numbers of a budget}
   *
   * @param atOnce how many checks a sender may have at once, 1 to 1000
   */
  static Limit limit(int atOnce) {
    return WIDEST.withCapacity(atOnce);
  }

  /** {@return whether the sender may have a signature checked; if so, it is charged for it} */
  boolean take(long sender, Limit limit) {
    int budget = budget(sender);
    long now = now();
    while (true) {
      long word = words.get(budget);
      long level = Gcra.take(Math.max(0, word - now), 1, limit);
      if (level == Gcra.DENIED) {
        return false;
      }
      if (words.compareAndSet(budget, word, now + level)) {
        return true;
      }
    }
  }

  /** {@return whether {@link #take} would refuse} */
  boolean isSpent(long sender, Limit limit) {
    long level = Math.max(0, words.get(budget(sender)) - now());
    return Gcra.take(level, 1, limit) == Gcra.DENIED;
  }

  /** Puts back what a right signature was charged. */
  void putBack(long sender) {
    words.updateAndGet(
        budget(sender),
        word -> {
          long now = now();
          return now + Gcra.refund(Math.max(0, word - now), 1, WIDEST);
        });
  }

  private long now() {
    return nanoClock.getAsLong() - origin;
  }

  private static int budget(long sender) {
    return (int) sender & (BUDGETS - 1);
  }
}
