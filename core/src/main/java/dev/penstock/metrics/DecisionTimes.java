package dev.penstock.metrics;

import dev.penstock.Decision.Source;
import dev.penstock.MetricFamily.Sample;
import dev.penstock.MetricFamily.Spread;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
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

  /** Where the sum stands, behind a count for each bound and one for what is above. */
  private static final int SUM = BOUNDS.length + 1;

  private final Map<Source, AtomicLongArray> times = new EnumMap<>(Source.class);

  /** Has seen none. */
  DecisionTimes() {
    for (Source source : Source.values()) {
      times.put(source, new AtomicLongArray(SUM + 1));
    }
  }

  void add(Source source, long nanos) {
    int bucket = 0;
    while (bucket < BOUNDS.length && nanos > BOUNDS[bucket]) {
      bucket++;
    }
    AtomicLongArray cells = Objects.requireNonNull(times.get(source));
    cells.getAndIncrement(bucket);
    cells.getAndAdd(SUM, nanos);
  }

  /** Returns the times of those who have decided. */
  List<Sample> samples() {
    List<Double> bounds = new ArrayList<>(BOUNDS.length);
    for (long bound : BOUNDS) {
      bounds.add(bound / 1e9);
    }
    List<Sample> samples = new ArrayList<>();
    times.forEach(
        (source, cells) -> {
          List<Long> counts = new ArrayList<>(SUM);
          for (int i = 0; i < SUM; i++) {
            counts.add(cells.get(i));
          }
          if (counts.stream().anyMatch(count -> count > 0)) {
            var labels = new TreeMap<>(Map.of("source", DecisionCounts.label(source)));
            samples.add(new Spread(labels, bounds, counts, cells.get(SUM) / 1e9));
          }
        });
    return samples;
  }
}
