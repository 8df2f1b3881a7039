package dev.penstock.redis.wire;

import dev.penstock.Limit;
import dev.penstock.bucket.WindowUse;
import java.util.List;

/**
 * What Redis has said of a window. Times are microseconds since 1970, by its clock.
 *
 * @param at when it said so
 * @param end when the window ends
 * @param current tokens taken of it
 * @param previous tokens taken of the last one
 * @param begins when it is to begin, if the clock went back out of it, else 0
 * @param until if another kind of limit has taken {@code current}, until when that counts, else 0
 * @param fill if that was a token bucket, in how long it fills, else 0
 */
public record SaidWindow(
    long at, long end, long current, long previous, long begins, long until, long fill) {

  /** Reads what the script says. */
  static SaidWindow of(List<?> said) {
    long[] numbers = said.stream().mapToLong(Long.class::cast).toArray();
    return new SaidWindow(
        numbers[0], numbers[1], numbers[2], numbers[3], numbers[4], numbers[5], numbers[6]);
  }

  /** Returns the same with so much taken of it. */
  public SaidWindow with(long tokens) {
    return new SaidWindow(at, end, tokens, previous, begins, until, fill);
  }

  /**
   * Returns how the window stood when Redis said so.
   *
   * @param limit under which it was asked for
   */
  public WindowUse use(Limit limit) {
    return WindowUse.told(
        limit,
        Micros.toNanos(at),
        Micros.toNanos(end),
        current,
        previous,
        Micros.toNanos(begins),
        Micros.toNanos(until),
        Micros.toNanos(fill));
  }
}
