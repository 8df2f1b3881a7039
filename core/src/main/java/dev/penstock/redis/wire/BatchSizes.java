package dev.penstock.redis.wire;

import dev.penstock.MetricFamily;
import dev.penstock.MetricFamily.Spread;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicLongArray;

/** How many calls have travelled together, counted by powers of two. Thread-safe. */
final class BatchSizes {

  /** 1, 2, 4 to 256, and one more for what is above. */
  private static final int BUCKETS = 10;

  private static final int SUM = BUCKETS;

  private final AtomicLongArray cells = new AtomicLongArray(BUCKETS + 1);

  void add(int calls) {
    int bucket = Integer.SIZE - Integer.numberOfLeadingZeros(Math.max(1, calls) - 1);
    cells.getAndIncrement(Math.min(bucket, BUCKETS - 1));
    cells.getAndAdd(SUM, calls);
  }

  MetricFamily metrics() {
    List<Double> bounds = new ArrayList<>(BUCKETS - 1);
    List<Long> counts = new ArrayList<>(BUCKETS);
    for (int i = 0; i < BUCKETS; i++) {
      counts.add(cells.get(i));
      if (i < BUCKETS - 1) {
        bounds.add((double) (1 << i));
      }
    }
    return MetricFamily.of(
        MetricFamily.Type.HISTOGRAM,
        "penstock_redis_batch_calls",
        "Calls that travelled to Redis together.",
        new Spread(Collections.emptySortedMap(), bounds, counts, (double) cells.get(SUM)));
  }
}
