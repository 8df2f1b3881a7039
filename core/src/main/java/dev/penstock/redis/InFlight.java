package dev.penstock.redis;

import java.util.concurrent.atomic.AtomicLongArray;

/**
 * How many tokens the calls take that Redis has not answered yet; at least so many for each bucket,
 * as buckets share counters. Thread-safe and lock-free.
 */
final class InFlight {

  private static final int COUNTERS = 1024;

  private final AtomicLongArray tokens = new AtomicLongArray(COUNTERS);

  void begin(String key, long cost) {
    tokens.getAndAdd(counter(key), cost);
  }

  void end(String key, long cost) {
    tokens.getAndAdd(counter(key), -cost);
  }

  /** Returns for how long the tokens of a bucket would have to refill. */
  long nanos(String key, long nanosPerToken) {
    long count = tokens.get(counter(key));
    return count > Long.MAX_VALUE / 2 / nanosPerToken ? Long.MAX_VALUE / 2 : count * nanosPerToken;
  }

  private static int counter(String key) {
    int hash = key.hashCode() * 0x9E3779B9;
    return (hash >>> 16) & (COUNTERS - 1);
  }
}
