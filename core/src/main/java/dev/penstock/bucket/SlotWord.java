package dev.penstock.bucket;

import dev.penstock.BucketState;
import dev.penstock.Limit;
import dev.penstock.PartitionedLimit;

/**
 * The arithmetic of an in-flight limit. What is kept of its bucket is a {@link BucketWord}, too: a
 * time that never comes, and as many nanoseconds more as slots are held; so it is never full, and
 * never forgotten, until none is. Then it is about the time at which the last was given back.
 *
 * <p>Pure functions. How many are held is a count under every limit: one that is lowered denies
 * until enough are given back.
 */
public final class SlotWord {

  /** 27 years after the process has begun. */
  private static final long NEVER = 3L << 58;

  /** In the bits behind the time: what is held in the overflow bucket may be its owner's, too. */
  private static final long SHARES = 1;

  /** No slot is held, and none has been. */
  static final long FREE = word(1);

  /** Likewise, but perhaps in the overflow bucket. */
  static final long FREE_AND_SHARES = FREE | SHARES;

  private SlotWord() {}

  /** Returns how many slots are held. */
  static long held(long word) {
    return Math.max(0, BucketWord.time(Math.max(0, word)) - NEVER);
  }

  /** Returns whether slots in the overflow bucket count as its owner's. */
  static boolean shares(long word) {
    return (word & SHARES) != 0;
  }

  private static long word(long time) {
    return time << BucketWord.NUMBER_BITS;
  }

  /**
   * {@return whether so many are free; of an amount of 0, whether one is}
   *
   * @param held how many are held
   * @param amount slots, at least 0
   * @param limit how many there are
   */
  public static boolean fits(long held, long amount, Limit limit) {
    return held <= limit.capacity() - Math.max(1, amount);
  }

  /** Returns the word after slots are taken, or {@link BucketWord#DENIED}. */
  static long take(long word, long time, long amount, PartitionedLimit limit) {
    long held = held(word);
    return fits(held, amount, limit.limit())
        ? word(NEVER + held + amount) | (word & SHARES)
        : BucketWord.DENIED;
  }

  /** Returns the word after slots are given back, at about that time, at least 1. */
  static long giveBack(long word, long time, long amount, PartitionedLimit limit) {
    long held = held(word) - amount;
    return word(held <= 0 ? time : NEVER + held) | (word & SHARES);
  }

  /** Returns the word of a bucket whose owner has nothing in the overflow bucket any more. */
  static long alone(long word, long time, long amount, PartitionedLimit limit) {
    return word & ~SHARES;
  }

  /**
   * {@return how the bucket stands; when a slot will be free is not known}
   *
   * @param partitioned its limit
   * @param held how many slots are held
   * @param amount how many were asked for
   * @param paid whether they are among those that are held
   */
  public static BucketState state(
      PartitionedLimit partitioned, long held, long amount, boolean paid) {
    Limit limit = partitioned.limit();
    boolean permitted = paid || fits(held, amount, limit);
    long denied = amount > limit.capacity() ? BucketState.NEVER : BucketState.UNKNOWN;
    return new BucketState(
        partitioned.name(),
        limit,
        permitted,
        Math.max(0, limit.capacity() - held),
        permitted ? 0 : denied,
        held == 0 ? 0 : BucketState.UNKNOWN);
  }
}
