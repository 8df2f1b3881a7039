package dev.penstock.redis;

import java.util.concurrent.atomic.AtomicLongArray;

/**
 * How many tokens the calls take that Redis has not answered yet; at least so many for each bucket,
 * as buckets share counters. Thread-safe and lock-free.
 */
final class TokensUnderWay {

  private static final int COUNTERS = 1024;

  private final AtomicLongArray tokens = new AtomicLongArray(COUNTERS);

  void begin(long bucket, long cost) {
    tokens.getAndAdd(counter(bucket), cost);
  }

  void end(long bucket, long cost) {
    tokens.getAndAdd(counter(bucket), -cost);
  }

  /** Returns for how long the tokens of a bucket would have to refill. */
  long nanos(long bucket, long nanosPerToken) {
    long count = tokens.get(counter(bucket));
    return count > Long.MAX_VALUE / 2 / nanosPerToken ? Long.MAX_VALUE / 2 : count * nanosPerToken;
  }

  private static int counter(long bucket) {
    return (int) bucket & (COUNTERS - 1);
  }
}
