package dev.penstock.metrics;

import dev.penstock.BucketState;
import dev.penstock.Decision;
import dev.penstock.Identity;
import dev.penstock.RateLimitListener;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/**
 * Counts decisions by policy name: a permitted one under every limit that paid, a denied one under
 * every limit that said no.
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

  private record Counter(LongAdder permitted, LongAdder denied) {}

  private final Map<String, Counter> counters = new ConcurrentHashMap<>();

  /** Starts at zero. */
  public DecisionCounters() {}

  @Override
  public void onDecision(Identity.Kind kind, Decision decision) {
    Objects.requireNonNull(kind, "kind");
    Objects.requireNonNull(decision, "decision");
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
   * {@return the counters in the Prometheus text format, version 0.0.4} To be served as {@code
   * text/plain; version=0.0.4; charset=utf-8}.
   */
  public String prometheusText() {
    StringBuilder text = new StringBuilder();
    text.append("# HELP penstock_decisions_total Rate limit decisions by policy and outcome.\n");
    text.append("# TYPE penstock_decisions_total counter\n");
    new TreeMap<>(counters)
        .forEach(
            (name, counter) -> {
              sample(text, name, "permitted", counter.permitted.sum());
              sample(text, name, "denied", counter.denied.sum());
            });
    return text.toString();
  }

  private Counter counter(String name) {
    Counter counter = counters.get(name);
    if (counter != null) {
      return counter;
    }
    String counted = counters.size() < MAX_NAMES ? name : OTHER_NAMES;
    return counters.computeIfAbsent(counted, n -> new Counter(new LongAdder(), new LongAdder()));
  }

  /** A name is printable ASCII, so only the backslash and the quote need an escape. */
  private static void sample(StringBuilder text, String name, String outcome, long count) {
    text.append("penstock_decisions_total{policy=\"")
        .append(name.replace("\\", "\\\\").replace("\"", "\\\""))
        .append("\",outcome=\"")
        .append(outcome)
        .append("\"} ")
        .append(count)
        .append('\n');
  }
}
