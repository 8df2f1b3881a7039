package dev.penstock.metrics;

import dev.penstock.Decision.Source;
import dev.penstock.MetricFamily.Sample;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.LongAdder;

/** Counts decisions by who decided and what. Thread-safe. */
final class DecisionCounts {

  private final Map<Source, Map<Outcome, LongAdder>> counters = new EnumMap<>(Source.class);

  /** Starts at zero. */
  DecisionCounts() {
    for (Source source : Source.values()) {
      Map<Outcome, LongAdder> bySource = new EnumMap<>(Outcome.class);
      for (Outcome outcome : Outcome.values()) {
        bySource.put(outcome, new LongAdder());
      }
      counters.put(source, bySource);
    }
  }

  void add(Source source, Outcome outcome, long count) {
    counter(of(source), outcome).add(count);
  }

  private Map<Outcome, LongAdder> of(Source source) {
    return Objects.requireNonNull(counters.get(source));
  }

  private static LongAdder counter(Map<Outcome, LongAdder> bySource, Outcome outcome) {
    return Objects.requireNonNull(bySource.get(outcome));
  }

  /** Returns the sum of all sources: of those that permit, or that deny. */
  long sum(boolean permitted) {
    long sum = 0;
    for (Map<Outcome, LongAdder> bySource : counters.values()) {
      for (Map.Entry<Outcome, LongAdder> counter : bySource.entrySet()) {
        sum += counter.getKey().permits == permitted ? counter.getValue().sum() : 0;
      }
    }
    return sum;
  }

  /**
   * Returns a sample of each that was counted, and zero of what such a source may yet say: a
   * monitor sees it rise.
   *
   * @param labels names and values of further labels
   */
  List<Sample> samples(String... labels) {
    List<Sample> samples = new ArrayList<>();
    counters.forEach(
        (source, bySource) -> {
          boolean hasBuckets =
              counter(bySource, Outcome.PAID).sum() + counter(bySource, Outcome.DENIED).sum() > 0;
          bySource.forEach(
              (outcome, counter) -> {
                long count = counter.sum();
                if (count > 0 || (hasBuckets && outcome.isUsual())) {
                  samples.add(sample(source, outcome, count, labels));
                }
              });
        });
    return samples;
  }

  private static Sample sample(Source source, Outcome outcome, long count, String... labels) {
    List<String> all = new ArrayList<>(List.of(labels));
    all.addAll(List.of("outcome", outcome.permits ? "permitted" : "denied"));
    all.addAll(List.of("reason", outcome.reason, "source", label(source)));
    return Sample.of(count, all.toArray(String[]::new));
  }

  static String label(Source source) {
    return source.name().toLowerCase(Locale.ROOT);
  }
}
