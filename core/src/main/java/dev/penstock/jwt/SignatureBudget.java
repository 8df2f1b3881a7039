package dev.penstock.jwt;

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
 * <p><b>State.</b> One word for each budget: the time at which it is full, in nanoseconds since the
 * origin (the theoretical arrival time of GCRA); what is past counts as full.
 *
 * <p><b>Transitions.</b> A check adds its interval, a right signature takes it away. If the budget
 * became full in between, one check too many is given back.
 *
 * <p><b>Linearization.</b> The compare-and-set of a word.
 *
 * <p><b>Progress.</b> Lock-free.
 *
 * <p><b>Overflow.</b> A word is at most a minute ahead of the clock, which takes 292 years.
 */
final class SignatureBudget {

  static final long NANOS_PER_CHECK = 2_000_000_000L;

  private static final int BUDGETS = 1 << 16;

  private final AtomicLongArray fullAt = new AtomicLongArray(BUDGETS);
  private final LongSupplier nanoClock;
  private final long origin;

  SignatureBudget(LongSupplier nanoClock) {
    this.nanoClock = nanoClock;
    this.origin = nanoClock.getAsLong();
  }

  /**
   * {@return whether the sender may have a signature checked; if so, it is charged for it}
   *
   * @param capacity how many it may have checked at once
   */
  boolean take(long sender, int capacity) {
    int budget = budget(sender);
    long now = nanoClock.getAsLong() - origin;
    while (true) {
      long seen = fullAt.get(budget);
      long next = Math.max(seen, now) + NANOS_PER_CHECK;
      if (next - now > capacity * NANOS_PER_CHECK) {
        return false;
      }
      if (fullAt.compareAndSet(budget, seen, next)) {
        return true;
      }
    }
  }

  /** {@return whether {@link #take} would refuse} */
  boolean isSpent(long sender, int capacity) {
    long now = nanoClock.getAsLong() - origin;
    return fullAt.get(budget(sender)) - now > (capacity - 1) * NANOS_PER_CHECK;
  }

  /** Gives back what a right signature was charged. */
  void giveBack(long sender) {
    fullAt.getAndAdd(budget(sender), -NANOS_PER_CHECK);
  }

  private static int budget(long sender) {
    return (int) sender & (BUDGETS - 1);
  }
}
