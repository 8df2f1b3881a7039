package dev.penstock.redis.wire;

import dev.penstock.Limit;
import dev.penstock.base.Inside;
import dev.penstock.bucket.WindowUse;
import dev.penstock.redis.wire.ScriptBatch.Answer;
import org.jspecify.annotations.Nullable;

/**
 * When Redis was asked.
 *
 * @param at the nanosecond of this process's clock
 * @param epoch how often Redis had been away by then
 */
public record AskingTime(long at, int epoch) {

  /** Returns what an answer, which has just come, says of the bucket at this position. */
  public KnownLevel known(Answer answer, int position, SharedBucket bucket) {
    Limit limit = bucket.limit().limit();
    long fill = Inside.nanosToFill(limit);
    @Nullable SaidWindow said = answer.windows().get(position);
    if (said == null) {
      long word = at + answer.levelNanos().get(position);
      return new KnownLevel(word, fill, at, System.nanoTime(), epoch);
    }
    WindowUse window = said.use(limit);
    long word = at + window.resetAfterNanos();
    return new KnownLevel(word, fill, at, System.nanoTime(), epoch, at, window);
  }
}
