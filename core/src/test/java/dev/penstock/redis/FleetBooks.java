package dev.penstock.redis;

/**
 * What one process of a simulated fleet knows and owes, and how it decides without Redis. Dies with
 * the process. Another way of going on without Redis is another implementation.
 */
interface FleetBooks {

  /**
   * What a call to Redis carries for the one bucket, as {@code acquire.lua} has it.
   *
   * @param token what the books need to know when the call ends
   */
  record Call(long knownMicros, long owedNanos, long reservedNanos, Object token) {}

  /** Returns what the next call is to carry; {@link #answered} or {@link #failed} follows. */
  Call ask(int epoch);

  /** Hears how far from full Redis's bucket is. */
  void answered(Call call, long levelNanos);

  void failed(Call call);

  /** Takes a token without Redis, if there is one. */
  boolean takeAlone();

  /** Returns whether something that was spent without Redis is not charged to it yet. */
  boolean owes();
}
