package dev.penstock.redis;

import dev.penstock.redis.KnownBuckets.Known;
import dev.penstock.redis.ScriptBatch.Answer;

/**
 * When Redis was asked.
 *
 * @param at the nanosecond of this process's clock
 * @param epoch how often Redis had been away by then
 */
record Asked(long at, int epoch) {

  /** Returns what an answer, which has just come, says of the bucket at this position. */
  Known known(Answer answer, int position) {
    return new Known(at + answer.levelNanos().get(position), at, System.nanoTime(), epoch);
  }
}
