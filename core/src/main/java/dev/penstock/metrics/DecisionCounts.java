package dev.penstock.metrics;

import dev.penstock.Decision.Source;
import dev.penstock.MetricFamily.Sample;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/** Counts decisions by who decided and what. Thread-safe; counters come as they are needed. */
final class DecisionCounts {

  private static final Source[] SOURCES = Source.values();

  private final AtomicReferenceArray<@Nullable LongAdder> counters =
      new AtomicReferenceArray<>(SOURCES.length * Outcome.COUNT);

  void add(Source source, Outcome outcome, long count) {
    counter(source, outcome).add(count);
  }

  private LongAdder counter(Source source, Outcome outcome) {
    int index = source.ordinal() * Outcome.COUNT + outcome.ordinal();
    LongAdder counter = counters.get(index);
    if (counter != null) {
      return counter;
    }
    LongAdder ours = new LongAdder();
    LongAdder theirs = counters.compareAndExchange(index, null, ours);
    if (outcome == Outcome.PAID) {
      counter(source, Outcome.DENIED); // a monitor sees it rise from zero
    }
    return theirs == null ? ours : theirs;
  }

  /** Returns the sum of all sources. */
  long of(String outcome) {
    long sum = 0;
    for (int i = 0; i < counters.length(); i++) {
      LongAdder counter = counters.get(i);
      if (counter != null && Outcome.at(i % Outcome.COUNT).label.equals(outcome)) {
        sum += counter.sum();
      }
    }
    return sum;
  }

  /**
   * Returns a sample of each that was counted.
   *
   * @param labels names and values of further labels
   */
  List<Sample> samples(String... labels) {
    List<Sample> samples = new ArrayList<>();
    for (int i = 0; i < counters.length(); i++) {
      LongAdder counter = counters.get(i);
      if (counter != null) {
        Source source = SOURCES[i / Outcome.COUNT];
        Outcome outcome = Outcome.at(i % Outcome.COUNT);
        List<String> all = new ArrayList<>(List.of(labels));
        all.addAll(List.of("outcome", outcome.label, "reason", outcome.reason));
        all.addAll(List.of("source", label(source)));
        samples.add(Sample.of(counter.sum(), all.toArray(String[]::new)));
      }
    }
    return samples;
  }

  static String label(Source source) {
    return source.name().toLowerCase(Locale.ROOT);
  }
}
