package dev.penstock.bucket;

import dev.penstock.MetricFamily;
import dev.penstock.MetricFamily.Sample;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Counts by the names of limits; of the first 1000 that are seen, and of all others together. */
final class CountsByLimit {

  private static final int MOST_NAMES = 1000;
  private static final String OTHERS = "(other)";

  private final Map<String, Long> counts = new TreeMap<>();

  void add(String limit, long count) {
    boolean isOwn = counts.size() < MOST_NAMES || counts.containsKey(limit);
    counts.merge(isOwn ? limit : OTHERS, count, Long::sum);
  }

  MetricFamily gauge(String name, String help) {
    List<Sample> samples = new ArrayList<>(counts.size());
    counts.forEach((limit, count) -> samples.add(Sample.of(count, "limit", limit)));
    return new MetricFamily(MetricFamily.Type.GAUGE, name, help, samples);
  }
}
