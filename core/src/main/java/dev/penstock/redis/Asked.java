package dev.penstock.redis;

import dev.penstock.redis.KnownBuckets.Known;

/**
 * When Redis was asked.
 *
 * @param at the nanosecond of this process's clock
 * @param epoch how often Redis had been away by then
 */
record Asked(long at, int epoch) {

  /** Returns what a reply, which has just come, says of the bucket at this position. */
  Known known(long[] reply, int position) {
    long resetAfterNanos = reply[1 + 2 * position] * 1000 + reply[2 + 2 * position];
    return new Known(at + resetAfterNanos, at, System.nanoTime(), epoch);
  }
}
