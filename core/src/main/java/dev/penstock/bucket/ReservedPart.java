package dev.penstock.bucket;

import dev.penstock.Cost;
import dev.penstock.PartitionedLimit;

/** What one reservation has of one bucket. Thread-safe. */
public interface ReservedPart {

  /** {@return the limit of the bucket} */
  PartitionedLimit limit();

  /**
   * Says what the whole request has cost so far, in whatever units.
   *
   * @param total of which that of the limit counts, if it is named
   */
  default void settle(Cost total) {
    String unit = limit().limit().unit();
    if (total.names(unit)) {
      settle(total.amount(unit));
    }
  }

  /**
   * Says what the request has cost so far.
   *
   * @param total in the unit of the limit, at least 0
   */
  void settle(long total);

  /** Puts back all that is left, for good. */
  void cancel();

  /** Gives back what is held only while the request is under way. */
  void release();
}
