package dev.penstock.metrics;

import dev.penstock.BucketState;
import dev.penstock.Decision;
import dev.penstock.RateLimitEvent;
import dev.penstock.RateLimitListener;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/**
 * Counts decisions by policy name: a permitted one under every limit that paid, a denied one under
 * every limit that said no. And by {@linkplain Decision.Source source}, which also counts what no
 * limit took part in: requests that proceed or are rejected while a shared store is away.
 *
 * <p>Attach it with {@link dev.penstock.RateLimiter#listening}. Thread-safe; a count is one
 * addition to a striped counter. Counts the first {@value #MAX_NAMES} names one by one and all
 * further ones under {@value #OTHER_NAMES}, so that its memory is bounded.
 */
public final class DecisionCounters implements RateLimitListener {

  /** How many names are counted one by one. */
  public static final int MAX_NAMES = 1000;

  /** The name under which all further names are counted. */
  public static final String OTHER_NAMES = "(other)";

  private static final String DECISIONS = "penstock_decisions_total";
  private static final String BY_SOURCE = "penstock_decisions_by_source_total";

  private record Counter(LongAdder permitted, LongAdder denied) {
    static Counter atZero() {
      return new Counter(new LongAdder(), new LongAdder());
    }
  }

  private final Map<String, Counter> counters = new ConcurrentHashMap<>();
  private final Map<Decision.Source, Counter> sources = new EnumMap<>(Decision.Source.class);

  /** Starts at zero. */
  public DecisionCounters() {
    for (Decision.Source source : Decision.Source.values()) {
      sources.put(source, Counter.atZero());
    }
  }

  @Override
  public void onEvent(RateLimitEvent event) {
    if (event.type() != RateLimitEvent.Type.DECIDED) {
      return;
    }
    Decision decision = event.decision();
    Counter source = bySource(decision.source());
    (decision.permitted() ? source.permitted : source.denied).increment();
    if (decision.permitted()) {
      for (BucketState bucket : decision.buckets()) {
        counter(bucket.name()).permitted.increment();
      }
    } else {
      for (BucketState bucket : decision.deniedBy()) {
        counter(bucket.name()).denied.increment();
      }
    }
  }

  /**
   * {@return how many decisions this limit has paid for}
   *
   * @param name the name of a limit
   */
  public long permitted(String name) {
    Counter counter = counters.get(Objects.requireNonNull(name, "name"));
    return counter == null ? 0 : counter.permitted.sum();
  }

  /**
   * {@return how many decisions this limit has denied}
   *
   * @param name the name of a limit
   */
  public long denied(String name) {
    Counter counter = counters.get(Objects.requireNonNull(name, "name"));
    return counter == null ? 0 : counter.denied.sum();
  }

  /**
   * {@return how many decisions of this source let a request pass}
   *
   * @param source who decided
   */
  public long permittedBy(Decision.Source source) {
    return bySource(Objects.requireNonNull(source, "source")).permitted.sum();
  }

  /**
   * {@return how many decisions of this source denied a request}
   *
   * @param source who decided
   */
  public long deniedBy(Decision.Source source) {
    return bySource(Objects.requireNonNull(source, "source")).denied.sum();
  }

  private Counter bySource(Decision.Source source) {
    return Objects.requireNonNull(sources.get(source));
  }

  /**
   * {@return the counters in the Prometheus text format, version 0.0.4} To be served as {@code
   * text/plain; version=0.0.4; charset=utf-8}.
   */
  public String prometheusText() {
    PrometheusText text = new PrometheusText();
    text.counter(DECISIONS, "Rate limit decisions by policy and outcome.");
    new TreeMap<>(counters)
        .forEach((name, counter) -> samples(text, DECISIONS, "policy", name, counter));
    appendSources(text);
    return text.toString();
  }

  /** Where all is decided in memory there is nothing to tell apart. */
  private void appendSources(PrometheusText text) {
    boolean begun = false;
    for (Map.Entry<Decision.Source, Counter> entry : sources.entrySet()) {
      Counter counter = entry.getValue();
      boolean seen = counter.permitted.sum() + counter.denied.sum() > 0;
      if (seen && entry.getKey() != Decision.Source.MEMORY) {
        if (!begun) {
          text.counter(BY_SOURCE, "Decisions by who made them.");
        }
        begun = true;
        String source = entry.getKey().name().toLowerCase(Locale.ROOT);
        samples(text, BY_SOURCE, "source", source, counter);
      }
    }
  }

  private Counter counter(String name) {
    Counter counter = counters.get(name);
    if (counter != null) {
      return counter;
    }
    String counted = counters.size() < MAX_NAMES ? name : OTHER_NAMES;
    return counters.computeIfAbsent(counted, n -> Counter.atZero());
  }

  private static void samples(
      PrometheusText text, String metric, String label, String value, Counter counter) {
    text.sample(metric, counter.permitted.sum(), label, value, "outcome", "permitted");
    text.sample(metric, counter.denied.sum(), label, value, "outcome", "denied");
  }
}
