package dev.penstock.metrics;

import dev.penstock.Decision.Source;
import dev.penstock.MetricFamily.Sample;
import dev.penstock.MetricFamily.Spread;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLongArray;

/** How long decisions took, by who decided. Thread-safe. */
final class DecisionTimes {

  /** Nanoseconds: a decision in memory takes some tens, one through Redis some ten thousands. */
  private static final long[] BOUNDS = {
    50,
    100,
    250,
    500,
    1_000,
    10_000,
    50_000,
    100_000,
    250_000,
    500_000,
    1_000_000,
    2_500_000,
    5_000_000,
    10_000_000,
    25_000_000,
    50_000_000,
    100_000_000,
    1_000_000_000
  };

  private static final int SUM = BOUNDS.length + 1;
  private static final int CELLS = BOUNDS.length + 2;

  private final AtomicLongArray cells = new AtomicLongArray(Source.values().length * CELLS);

  void add(Source source, long nanos) {
    int first = source.ordinal() * CELLS;
    int bucket = 0;
    while (bucket < BOUNDS.length && nanos > BOUNDS[bucket]) {
      bucket++;
    }
    cells.getAndIncrement(first + bucket);
    cells.getAndAdd(first + SUM, nanos);
  }

  /** Returns the times of those who have decided. */
  List<Sample> samples() {
    List<Double> bounds = new ArrayList<>(BOUNDS.length);
    for (long bound : BOUNDS) {
      bounds.add(bound / 1e9);
    }
    List<Sample> samples = new ArrayList<>();
    for (Source source : Source.values()) {
      int first = source.ordinal() * CELLS;
      List<Long> counts = new ArrayList<>(SUM);
      for (int i = 0; i < SUM; i++) {
        counts.add(cells.get(first + i));
      }
      if (counts.stream().anyMatch(count -> count > 0)) {
        var labels = new TreeMap<>(Map.of("source", DecisionCounts.label(source)));
        samples.add(new Spread(labels, bounds, counts, cells.get(first + SUM) / 1e9));
      }
    }
    return samples;
  }
}
