package dev.penstock.redis.wire;

import dev.penstock.base.Inside;
import dev.penstock.redis.wire.ScriptBatch.Answer;

/**
 * When Redis was asked.
 *
 * @param at the nanosecond of this process's clock
 * @param epoch how often Redis had been away by then
 */
public record AskingTime(long at, int epoch) {

  /** Returns what an answer, which has just come, says of the bucket at this position. */
  public KnownLevel known(Answer answer, int position, SharedBucket bucket) {
    long word = at + answer.levelNanos().get(position);
    long fill = Inside.nanosToFill(bucket.limit().limit());
    return new KnownLevel(word, fill, at, System.nanoTime(), epoch);
  }
}
