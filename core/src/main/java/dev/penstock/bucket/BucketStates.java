package dev.penstock.bucket;

import dev.penstock.BucketState;
import dev.penstock.Cost;
import dev.penstock.InFlightLimit;
import dev.penstock.Limit;
import dev.penstock.PartitionedLimit;
import java.util.AbstractList;
import java.util.List;
import java.util.RandomAccess;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The details of a decision: a list whose elements are worked out whenever they are read, so that
 * it is the one object that has to be kept.
 */
final class BucketStates extends AbstractList<BucketState>
    implements RandomAccess, Supplier<List<BucketState>> {

  private final List<PartitionedLimit> limits;
  private final Cost cost;
  private final long answer;
  private final long @Nullable [] ofEach;

  /**
   * @param limits the limit of each bucket
   * @param cost what the buckets were asked for
   * @param answer not negative if each has paid; for one bucket, how far from full it is, or the
   *     complement of that
   * @param ofEach how far from full each bucket is, if there are several
   */
  BucketStates(List<PartitionedLimit> limits, Cost cost, long answer, long @Nullable [] ofEach) {
    this.limits = limits;
    this.cost = cost;
    this.answer = answer;
    this.ofEach = ofEach;
  }

  @Override
  public List<BucketState> get() {
    return this;
  }

  @Override
  public int size() {
    return limits.size();
  }

  @Override
  public BucketState get(int index) {
    PartitionedLimit partitioned = limits.get(index);
    Limit limit = partitioned.limit();
    long level = ofEach == null ? Math.max(answer, ~answer) : ofEach[index];
    if (limit instanceof InFlightLimit) {
      return SlotWord.state(partitioned, level, cost.amount(limit), answer >= 0);
    }
    return ofTokens(partitioned, level, cost.amount(limit), answer >= 0);
  }

  /** Returns how a token bucket stands. */
  static BucketState ofTokens(PartitionedLimit partitioned, long level, long amount, boolean paid) {
    Limit limit = partitioned.limit();
    long retryAfter = paid ? 0 : retryAfterNanos(level, amount, limit);
    return new BucketState(
        partitioned.name(),
        limit,
        retryAfter == 0,
        Gcra.remaining(level, limit),
        retryAfter,
        level);
  }

  /** The level may be beyond what the limit allows, because of those who wait. */
  private static long retryAfterNanos(long level, long amount, Limit limit) {
    return amount > limit.capacity() ? BucketState.NEVER : Gcra.waitNanos(level, amount, limit);
  }
}
