package dev.penstock.bucket;

import dev.penstock.PartitionedLimit;

/**
 * What one reservation has taken from one window, in tokens: so much can be put back until it ends,
 * and nothing after. Times are those of the clock by which windows go. For one thread at a time.
 */
public final class TakenOfWindow extends Taken {

  private long end;

  /**
   * Begins with what a decision has taken.
   *
   * @param limit the limit of the window
   * @param amount tokens, at most the capacity
   * @param end when the window ends, 0 where that is not known and nothing can be put back
   */
  public TakenOfWindow(PartitionedLimit limit, long amount, long end) {
    super(limit, amount, 0);
    this.end = end;
  }

  /** {@return when the window ends in which something was last taken} */
  public long end() {
    return end;
  }

  /**
   * Says in which window more is taken: what was taken in another one stays there.
   *
   * @param windowEnd when it ends
   */
  public void isIn(long windowEnd) {
    if (windowEnd != end) {
      forget();
      end = windowEnd;
    }
  }

  @Override
  void sink(long now) {
    if (now >= end) {
      forget();
    }
  }
}
