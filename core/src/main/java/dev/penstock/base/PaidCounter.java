package dev.penstock.base;

import java.util.List;

/**
 * Counts requests that buckets of this process have paid, which is what a listener hears most
 * often, without an object for each. Thread-safe.
 */
public interface PaidCounter {

  /** Instead of a time: it was not taken. */
  long UNTIMED = -1;

  /**
   * Counts a request.
   *
   * @param limits each of which has permitted it and paid what a request costs; of one policy the
   *     same list each time
   * @param tookNanos how long the decision took, or {@link #UNTIMED}
   */
  void paid(List<? extends NumberedName> limits, long tookNanos);
}
