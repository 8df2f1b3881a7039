package dev.penstock.memory;

import dev.penstock.BucketState;
import dev.penstock.Limit;
import dev.penstock.PartitionedLimit;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The details of a decision, worked out when someone first asks for them. Two threads that ask at
 * once may both work them out: a benign race, since the lists are equal and immutable.
 */
final class Answer implements Supplier<List<BucketState>> {

  private final List<PartitionedLimit> limits;
  private final long cost;
  private final long answer;
  private final long @Nullable [] ofEach;
  private @Nullable List<BucketState> states;

  /**
   * @param limits the limit of each bucket
   * @param cost what each bucket was asked for
   * @param answer not negative if each has paid; for one bucket, how far from full it is, or the
   *     complement of that
   * @param ofEach how far from full each bucket is, if there are several
   */
  Answer(List<PartitionedLimit> limits, long cost, long answer, long @Nullable [] ofEach) {
    this.limits = limits;
    this.cost = cost;
    this.answer = answer;
    this.ofEach = ofEach;
  }

  @Override
  public List<BucketState> get() {
    List<BucketState> known = states;
    if (known == null) {
      known = ofEach == null ? ofOne() : ofSeveral(ofEach);
      states = known;
    }
    return known;
  }

  private List<BucketState> ofOne() {
    return List.of(state(limits.get(0), Math.max(answer, ~answer)));
  }

  private List<BucketState> ofSeveral(long[] resetAfter) {
    BucketState[] each = new BucketState[resetAfter.length];
    for (int i = 0; i < each.length; i++) {
      each[i] = state(limits.get(i), resetAfter[i]);
    }
    return List.of(each);
  }

  private BucketState state(PartitionedLimit partitioned, long resetAfter) {
    Limit limit = partitioned.limit();
    long retryAfter = answer >= 0 ? 0 : Gcra.retryAfterNanos(resetAfter, 0, cost, limit);
    return new BucketState(
        partitioned.name(),
        limit,
        retryAfter == 0,
        Gcra.remaining(resetAfter, 0, limit),
        retryAfter,
        resetAfter);
  }
}
