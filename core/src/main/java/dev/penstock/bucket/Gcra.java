package dev.penstock.bucket;

import dev.penstock.BucketState;
import dev.penstock.Limit;
import dev.penstock.base.Inside;

/**
 * A token bucket in one number: the generic cell rate algorithm (ITU-T I.371, Annex A), virtual
 * scheduling.
 *
 * <p>The word of a bucket is its theoretical arrival time (TAT): the nanosecond at which it is full
 * again. A TAT that is not after {@code now} is a full bucket; one that is {@link
 * Limit#nanosToFill} after {@code now} is an empty one. To take tokens is to move the TAT by their
 * emission intervals ({@link Limit#nanosPerToken}) into the future.
 *
 * <p>Pure functions of the word, the time and the limit. Times are nanoseconds from 0 to 2^62, and
 * words lie up to 100 years further, the longest that a limit spans. No sum here overflows: costs
 * are added to the time that is left until the bucket is full, never to a word.
 *
 * <p>A word that was written under another limit keeps its meaning, the time of being full again;
 * one that lies further ahead than this limit can fill counts as an empty bucket of this limit.
 */
public final class Gcra {

  /** A word of a full bucket, whatever the time. */
  static final long FULL = 0;

  /** Instead of a word: the bucket does not hold the cost. */
  public static final long DENIED = -1;

  private Gcra() {}

  /** Returns the word after the cost is taken, or {@link #DENIED}. The cost is at least 1. */
  public static long take(long word, long now, long cost, Limit limit) {
    long ahead = Math.max(0, word - now);
    // A token more than the capacity is as far out of reach as any cost above, and cannot overflow.
    long taken = Math.min(cost, limit.capacity() + 1) * Inside.nanosPerToken(limit);
    return ahead <= Inside.nanosToFill(limit) - taken ? now + ahead + taken : DENIED;
  }

  /**
   * Returns the word after tokens that were taken at {@code takenAt}, and did not serve, are given
   * back.
   *
   * <p>Between the two, refill may have made good for some of them, and the bucket may have been
   * full: giving all back would then create tokens. Since the taking moved the TAT to {@code
   * takenAt + cost} at least, whoever else took or gave back, what is still owed is at least the
   * cost less the time that has passed. That much is given back, and never more. The word stays
   * above 0.
   */
  static long giveBack(long word, long takenAt, long now, long cost, Limit limit) {
    long owed = cost * Inside.nanosPerToken(limit) - (now - takenAt);
    return owed <= 0 ? word : Math.max(1, word - owed);
  }

  /** Returns the word after tokens are put back, at most to the capacity as of now. */
  public static long refund(long word, long now, long tokens, Limit limit) {
    long refunded = Math.min(tokens, limit.capacity()) * Inside.nanosPerToken(limit);
    return Math.max(now, bounded(word, now, limit) - refunded);
  }

  /** Returns whether the word lies further ahead than the limit can fill. */
  static boolean exceeds(long word, long now, Limit limit) {
    return word > now + Inside.nanosToFill(limit);
  }

  static boolean isFull(long word, long now) {
    return word <= now;
  }

  /** Returns the word within what the limit allows: from now to a full refill ahead. */
  static long bounded(long word, long now, Limit limit) {
    return Math.max(now, Math.min(word, now + Inside.nanosToFill(limit)));
  }

  /**
   * {@return the whole tokens that the bucket holds, from 0 to the capacity}
   *
   * @param word the time at which the bucket is full, in nanoseconds
   * @param now the time, in nanoseconds from 0 to 2^62 of the same origin
   * @param limit the numbers of the bucket
   */
  public static long remaining(long word, long now, Limit limit) {
    return (now + Inside.nanosToFill(limit) - bounded(word, now, limit))
        / Inside.nanosPerToken(limit);
  }

  /**
   * {@return the nanoseconds until the cost can be taken: 0 if now, {@link BucketState#NEVER} if
   * never}
   *
   * @param word the time at which the bucket is full, in nanoseconds
   * @param now the time, in nanoseconds from 0 to 2^62 of the same origin
   * @param cost tokens, at least 1
   * @param limit the numbers of the bucket
   */
  public static long retryAfterNanos(long word, long now, long cost, Limit limit) {
    if (cost > limit.capacity()) {
      return BucketState.NEVER;
    }
    long ahead = levelNanos(word, now, limit) + cost * Inside.nanosPerToken(limit);
    return Math.max(0, ahead - Inside.nanosToFill(limit));
  }

  static long levelNanos(long word, long now, Limit limit) {
    return bounded(word, now, limit) - now;
  }
}
