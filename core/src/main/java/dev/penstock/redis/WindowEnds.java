package dev.penstock.redis;

import dev.penstock.redis.wire.SharedBucket;
import java.util.HashMap;
import java.util.Map;

/**
 * When the windows end from which one decision has taken, as Redis has told: only into these
 * something of it may be put back. For one thread at a time.
 */
final class WindowEnds {

  /** By what buckets are called, microseconds since 1970 by the clock of Redis. */
  private Map<Long, Long> micros = Map.of();

  void put(SharedBucket bucket, long endMicros) {
    micros = micros.isEmpty() ? new HashMap<>(4) : micros;
    micros.put(bucket.hash(), endMicros);
  }

  /** Returns when the window of a bucket ends; 0 where Redis has told nothing. */
  long micros(SharedBucket bucket) {
    return micros.getOrDefault(bucket.hash(), 0L);
  }
}
