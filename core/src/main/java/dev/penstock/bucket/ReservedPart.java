package dev.penstock.bucket;

/** What one reservation has of one bucket. Thread-safe. */
public interface ReservedPart {

  /** {@return what its limit counts} */
  String unit();

  /**
   * Says what the request has cost so far.
   *
   * @param total in that unit, at least 0
   */
  void settle(long total);

  /** Puts back all that is left, for good. */
  void cancel();

  /** Gives back what is held only while the request is under way. */
  void release();
}
