package dev.penstock.bucket;

import dev.penstock.BucketState;
import dev.penstock.Limit;
import dev.penstock.base.Inside;
import java.math.BigInteger;
import java.time.Duration;

/**
 * The arithmetic of a token bucket: the generic cell rate algorithm (ITU-T I.371, Annex A), virtual
 * scheduling.
 *
 * <p>The level of a bucket is the time until it is full, in nanoseconds: 0 is a full bucket, and
 * the time to fill an empty one. To take tokens is to raise the level by their emission intervals,
 * and time lowers it. What is stored is not the level but when it will be 0, see {@link
 * BucketWord}.
 *
 * <p>Pure functions of the level and the limit. Levels are 0 to 2^62. No sum here overflows: the
 * intervals of a cost are held against what is left of the time to fill.
 */
public final class Gcra {

  /** Instead of a level: the bucket does not hold the cost. */
  public static final long DENIED = -1;

  /** Two refills of the slowest limit. */
  public static final long FARTHEST = Duration.ofDays(2 * 3_653).toNanos();

  private static final long HOUR_NANOS = Duration.ofHours(1).toNanos();

  private Gcra() {}

  /**
   * {@return the level after the cost is taken, or {@link #DENIED}} A cost of 0 takes nothing, of a
   * bucket that holds a token.
   *
   * @param level nanoseconds until the bucket is full
   * @param cost tokens, at least 0
   * @param limit the numbers of the bucket
   */
  public static long take(long level, long cost, Limit limit) {
    // A token more than the capacity is as far out of reach as any cost above, and cannot overflow.
    long taken = Math.min(cost, limit.capacity() + 1) * Inside.nanosPerToken(limit);
    long needed = Math.max(taken, Inside.nanosPerToken(limit));
    return level <= Inside.nanosToFill(limit) - needed ? level + taken : DENIED;
  }

  /**
   * {@return how long anybody may wait for a bucket, in nanoseconds: as long as it takes to fill,
   * or an hour if that is longer}
   *
   * @param limit the numbers of the bucket
   */
  public static long longestWait(Limit limit) {
    return Math.max(HOUR_NANOS, Inside.nanosToFill(limit));
  }

  /**
   * Returns the level after the cost is taken by someone who waits until the bucket would have held
   * it, see {@link #waitNanos}, or {@link #DENIED}. A cost of 0 takes nothing, and waits until the
   * bucket holds a token.
   *
   * @param level nanoseconds until the bucket is full
   * @param patience nanoseconds that they wait at most, at least 0; more than the {@link
   *     #longestWait} counts as that
   */
  static long takeAhead(long level, long cost, long patience, Limit limit) {
    if (cost > limit.capacity()) {
      return DENIED;
    }
    boolean waitsInTime = waitNanos(level, cost, limit) <= Math.min(patience, longestWait(limit));
    return waitsInTime ? level + cost * Inside.nanosPerToken(limit) : DENIED;
  }

  /**
   * {@return the nanoseconds until a bucket holds a cost; of 0 until it holds a token}
   *
   * @param level nanoseconds until the bucket is full
   * @param cost tokens, 0 to the capacity
   * @param limit the numbers of the bucket
   */
  public static long waitNanos(long level, long cost, Limit limit) {
    long needed = Math.max(cost, 1) * Inside.nanosPerToken(limit);
    return Math.max(0, level + needed - Inside.nanosToFill(limit));
  }

  /**
   * Returns the level after something was spent that nobody asked about before.
   *
   * @param level nanoseconds until the bucket is full
   * @param nanos what was spent, as time of refill, 0 to 2^61
   * @param most the level to which that raises it at most
   */
  static long owe(long level, long nanos, long most) {
    return Math.max(level, Math.min(level + nanos, most));
  }

  /**
   * {@return the level of a bucket that owes all it may}
   *
   * @param limit the numbers of the bucket
   */
  public static long most(Limit limit) {
    return Inside.nanosToFill(limit) + Inside.nanosOfOverdraft(limit);
  }

  /**
   * Returns the level after tokens that were taken, and did not serve, are given back.
   *
   * <p>In between, refill may have made good for some of them, and the bucket may have been full:
   * giving all back would then create tokens. Since the taking raised the level to the cost at
   * least, whoever else took or gave back, what is still owed is at least the cost less the time
   * that has passed. That much is given back, and never more.
   *
   * @param passed nanoseconds since they were taken
   */
  static long giveBack(long level, long passed, long cost, Limit limit) {
    long owed = cost * Inside.nanosPerToken(limit) - passed;
    return owed <= 0 ? level : Math.max(0, level - owed);
  }

  /**
   * {@return the level after tokens are put back, at most to the capacity}
   *
   * @param level nanoseconds until the bucket is full
   * @param tokens at least 1
   * @param limit the numbers of the bucket
   */
  public static long refund(long level, long tokens, Limit limit) {
    long refunded = Math.min(tokens, limit.capacity()) * Inside.nanosPerToken(limit);
    return Math.max(0, bounded(level, limit) - refunded);
  }

  /** Returns the level within what the limit allows. */
  static long bounded(long level, Limit limit) {
    return Math.max(0, Math.min(level, most(limit)));
  }

  /**
   * {@return the whole tokens that the bucket holds, from 0 to the capacity}
   *
   * @param level nanoseconds until the bucket is full
   * @param limit the numbers of the bucket
   */
  public static long remaining(long level, Limit limit) {
    return Math.max(0, Inside.nanosToFill(limit) - bounded(level, limit))
        / Inside.nanosPerToken(limit);
  }

  /**
   * {@return the nanoseconds until the cost can be taken: 0 if now, {@link BucketState#NEVER} if
   * never}
   *
   * @param level nanoseconds until the bucket is full
   * @param cost tokens, at least 0; of a cost of 0 it is the time until the bucket holds one
   * @param limit the numbers of the bucket
   */
  public static long retryAfterNanos(long level, long cost, Limit limit) {
    if (cost > limit.capacity()) {
      return BucketState.NEVER;
    }
    return waitNanos(bounded(level, limit), cost, limit);
  }

  /**
   * {@return the level that a bucket has under another limit: the same fraction, rounded up} It may
   * be beyond empty by what it owes, and by what was spent without a shared store; what is beyond
   * two refills and the overdraft counts as so much.
   *
   * @param level nanoseconds until the bucket is full, at least 0
   * @param fill nanoseconds in which it fills so far, 1 to ten years
   * @param limit the numbers of the bucket from now on
   */
  public static long carriedOver(long level, long fill, Limit limit) {
    long farthest = most(limit) + Inside.nanosToFill(limit);
    return Math.min(scaled(level, fill, Inside.nanosToFill(limit)), farthest);
  }

  /**
   * {@return a level under another time to fill: the same fraction, rounded up, at most twenty
   * years}
   *
   * @param level nanoseconds until the bucket is full, at least 0
   * @param fill nanoseconds in which it fills so far, 1 to ten years
   * @param otherFill nanoseconds in which it fills from now on, 1 to ten years
   */
  public static long scaled(long level, long fill, long otherFill) {
    long high = Math.multiplyHigh(level, otherFill);
    long low = level * otherFill;
    if (high == 0 && low >= 0) {
      return low == 0 ? 0 : Math.min((low - 1) / fill + 1, FARTHEST);
    }
    return BigInteger.valueOf(level)
        .multiply(BigInteger.valueOf(otherFill))
        .add(BigInteger.valueOf(fill - 1))
        .divide(BigInteger.valueOf(fill))
        .min(BigInteger.valueOf(FARTHEST))
        .longValueExact();
  }
}
