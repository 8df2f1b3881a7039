package dev.penstock.bucket;

import dev.penstock.PartitionedLimit;
import dev.penstock.base.Inside;

/**
 * What one reservation has taken from one bucket, and how much further from full the bucket is
 * because of it.
 *
 * <p>The latter is a level of its own: what is taken raises it, time lowers it to 0 at most, and so
 * much can be given back without creating a token, whatever others took or gave back: without this
 * reservation the bucket would be nearer to full by as much at least, since refill that a full
 * bucket has no use for can only have gone to waste there. What the overdraft left no room for was
 * never taken, and comes off first. Times are nanoseconds. For one thread at a time.
 */
public class Taken {

  /** More than any bucket can owe. */
  private static final long FAR = Long.MAX_VALUE / 4;

  private final PartitionedLimit limit;
  private long amount;
  private long level;
  private long at;
  private long unpaid;

  /**
   * Begins with what a decision has taken.
   *
   * @param limit the limit of the bucket
   * @param amount tokens, at most the capacity
   * @param at when they were taken, at the soonest
   */
  public Taken(PartitionedLimit limit, long amount, long at) {
    this.limit = limit;
    this.amount = amount;
    this.level = amount * Inside.nanosPerToken(limit.limit());
    this.at = at;
  }

  /** {@return the limit of the bucket} */
  public final PartitionedLimit limit() {
    return limit;
  }

  /**
   * {@return what is to be charged now, as time of refill, if the total is more than before;
   * negative what is to be put back, if it is less} What is to be put back counts as put back.
   *
   * @param total tokens, at least 0
   * @param now the time
   */
  public final long change(long total, long now) {
    long more = total - amount;
    amount = total;
    sink(now);
    if (more >= 0) {
      return nanos(more);
    }
    long less = nanos(-more);
    long neverTaken = Math.min(unpaid, less);
    unpaid -= neverTaken;
    long back = Math.min(level, less - neverTaken);
    level -= back;
    return -back;
  }

  /**
   * Says what was charged of what was to be.
   *
   * @param asked as {@link #change} said
   * @param charged at most as much; less where the bucket may not owe more
   * @param now the time, before it was charged
   */
  public final void charged(long asked, long charged, long now) {
    sink(now);
    level = Math.min(FAR, level + charged);
    unpaid = Math.min(FAR, unpaid + (asked - charged));
  }

  /** Says that the bucket does not show any more what was taken: nothing can be put back. */
  public final void forget() {
    level = 0;
  }

  /** Has time lower what can be put back. */
  void sink(long now) {
    if (now - at > 0) {
      level = Math.max(0, level - (now - at));
      at = now;
    }
  }

  private long nanos(long tokens) {
    long nanosPerToken = Inside.nanosPerToken(limit.limit());
    return tokens > FAR / nanosPerToken ? FAR : tokens * nanosPerToken;
  }
}
