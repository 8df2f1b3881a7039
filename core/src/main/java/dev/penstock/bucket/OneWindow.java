package dev.penstock.bucket;

import dev.penstock.BucketState;
import dev.penstock.Cost;
import dev.penstock.PartitionedLimit;
import java.util.List;
import java.util.function.Supplier;

/**
 * How a window stands after a decision, worked out whenever it is read.
 *
 * @param limits of the one window
 * @param cost of the decision
 * @param answer the window's word; its complement if it said no
 * @param at the time, by the wall clock
 * @param previous tokens taken of the last window, if they still count
 */
record OneWindow(List<PartitionedLimit> limits, Cost cost, long answer, long at, int previous)
    implements Supplier<List<BucketState>> {

  boolean paid() {
    return answer > 0;
  }

  @Override
  public List<BucketState> get() {
    PartitionedLimit limit = limits.get(0);
    return List.of(
        WindowUse.ofThisWindow(limit.limit(), Math.max(answer, ~answer), previous, at)
            .state(limit.name(), cost.amount(limit.limit()), paid()));
  }
}
