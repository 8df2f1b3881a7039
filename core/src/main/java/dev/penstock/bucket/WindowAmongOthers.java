package dev.penstock.bucket;

import dev.penstock.BucketState;
import dev.penstock.Cost;
import dev.penstock.Limit;
import dev.penstock.PartitionedLimit;
import dev.penstock.base.Inside;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.Supplier;

/**
 * How several buckets stand, windows among them: worked out whenever it is read, once the decision
 * is made.
 */
final class WindowAmongOthers implements Supplier<List<BucketState>> {

  final List<PartitionedLimit> limits;
  final Cost cost;

  /** The time, by the wall clock. */
  final long at;

  /** Whether each has paid. */
  boolean paid;

  /** Of each bucket the level of tokens, or the window's word; then what its last one counts. */
  private final long[] ofEach;

  WindowAmongOthers(List<PartitionedLimit> limits, Cost cost, long at) {
    this.limits = limits;
    this.cost = cost;
    this.at = at;
    this.ofEach = new long[2 * limits.size()];
  }

  void stands(int index, long levelOrWord, long ofLast) {
    ofEach[2 * index] = levelOrWord;
    ofEach[2 * index + 1] = ofLast;
  }

  /** Returns the tokens taken of the last window of a bucket. */
  long ofLast(int index) {
    return ofEach[2 * index + 1];
  }

  /** Returns whether a bucket holds its part of the cost. */
  boolean holds(int index) {
    Limit limit = limits.get(index).limit();
    long level =
        Inside.windows(limit) == null
            ? ofEach[2 * index]
            : WindowUse.ofThisWindow(limit, ofEach[2 * index], ofLast(index), at).taken();
    return Gcra.take(level, cost.amount(limit), limit) != Gcra.DENIED;
  }

  @Override
  public List<BucketState> get() {
    List<BucketState> states = new ArrayList<>(limits.size());
    for (int i = 0; i < limits.size(); i++) {
      states.add(state(i));
    }
    return Collections.unmodifiableList(states);
  }

  private BucketState state(int index) {
    PartitionedLimit limit = limits.get(index);
    long amount = cost.amount(limit.limit());
    return Inside.windows(limit.limit()) == null
        ? BucketStates.ofTokens(limit, ofEach[2 * index], amount, paid)
        : WindowUse.ofThisWindow(limit.limit(), ofEach[2 * index], ofLast(index), at)
            .state(limit.name(), amount, paid);
  }
}
