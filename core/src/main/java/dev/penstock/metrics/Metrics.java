package dev.penstock.metrics;

import dev.penstock.BucketState;
import dev.penstock.Decision;
import dev.penstock.Decision.Source;
import dev.penstock.Identity;
import dev.penstock.Limit;
import dev.penstock.Metered;
import dev.penstock.MetricFamily;
import dev.penstock.MetricFamily.Sample;
import dev.penstock.PartitionedLimit;
import dev.penstock.RateLimitEvent;
import dev.penstock.RateLimitListener;
import dev.penstock.base.NumberedName;
import dev.penstock.base.PaidCounter;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/**
 * Counts what limiters decide, and writes it for Prometheus together with what stores and resolvers
 * of tokens count by themselves.
 *
 * <pre>{@code
 * InMemoryRateLimiter store = InMemoryRateLimiter.create();
 * Metrics metrics = Metrics.of(store);
 * RateLimiter limiter = store.listening(metrics);
 * String text = metrics.prometheusText(); // text/plain; version=0.0.4; charset=utf-8
 * }</pre>
 *
 * <p>No series bears an identity. Limits are counted one by one up to {@value #MAX_NAMES} names,
 * and all further ones as {@value #OTHER_NAMES}, so memory and labels are bounded. {@code
 * docs/metrics.md} lists all names.
 *
 * <p>Thread-safe. Where nobody else listens, a request that buckets of this process permit costs
 * one addition to a counter of the thread's own, however many limits it has ({@code
 * ListenedBenchmark}); one decision in {@value RateLimitEvent#TIMED}, by chance, is timed.
 */
@SuppressWarnings("exports") // how it is told without garbage is hidden on purpose
public final class Metrics implements RateLimitListener, Metered, PaidCounter {

  /** How many names of limits are counted one by one. */
  public static final int MAX_NAMES = 1000;

  /** The name under which all further names are counted. */
  public static final String OTHER_NAMES = "(other)";

  private final List<Metered> sources;
  private final Map<String, LimitCounts> limits = new ConcurrentHashMap<>();
  private final DecisionCounts requests = new DecisionCounts();
  private final PaidLists paid = new PaidLists(this::limit, requests);
  private final ShadowCounts shadow = new ShadowCounts();
  private final LongAdder failures = new LongAdder();
  private final DecisionTimes times = new DecisionTimes();

  private Metrics(List<Metered> sources) {
    this.sources = sources;
  }

  /**
   * Starts at zero.
   *
   * @param sources what counts by itself, such as an {@code InMemoryRateLimiter}, a {@code
   *     RedisRateLimiter} or a {@code JwtIdentityResolver}; two of a kind {@linkplain
   *     Metered#labelled labelled}
   * @return the metrics, to be attached to limiters as a listener
   * @throws IllegalArgumentException if two sources have a series in common
   */
  public static Metrics of(Metered... sources) {
    Metrics metrics = new Metrics(List.of(sources));
    Set<String> seen = new HashSet<>();
    for (MetricFamily family : metrics.metrics()) {
      for (Sample sample : family.samples()) {
        if (!seen.add(family.name() + sample.labels())) {
          throw new IllegalArgumentException(
              "sources must not have a series twice, tell them apart with labelled(name, value): "
                  + family.name()
                  + sample.labels());
        }
      }
    }
    return metrics;
  }

  @Override
  public void onEvent(RateLimitEvent event) {
    Decision decision = event.decision();
    Source source = decision.source();
    if (event.type() != RateLimitEvent.Type.DECIDED) {
      decision
          .buckets()
          .forEach(bucket -> limit(bucket.name(), bucket.limit()).change(event, bucket.limit()));
      return;
    }
    requests.add(source, Outcome.of(decision), 1);
    decision.shadow().ifPresent(tried -> shadow.add(event.identity(), tried));
    event.took().ifPresent(took -> times.add(source, took.toNanos()));
    if (decision.permitted()) {
      for (BucketState bucket : decision.buckets()) {
        LimitCounts counts = limit(bucket.name(), bucket.limit());
        counts.decisions.add(source, Outcome.PAID, 1);
        counts.change(event, bucket.limit());
      }
    } else {
      for (BucketState bucket : decision.deniedBy()) {
        LimitCounts counts = limit(bucket.name(), bucket.limit());
        counts.decisions.add(source, Outcome.ofDenial(bucket), 1);
        counts.denied(event, bucket);
      }
    }
  }

  @Override
  public void onFailure(Identity identity, Throwable failure) {
    failures.increment();
  }

  /**
   * Is told without an event, by the limiter alone.
   *
   * @param paying the limits that have paid one request each
   * @param tookNanos how long the decision took, negative where it was not timed
   */
  @Override
  public void paid(List<? extends NumberedName> paying, long tookNanos) {
    if (tookNanos != UNTIMED) {
      times.add(Source.MEMORY, tookNanos);
    }
    if (!paid.count(paying)) {
      countEach(paying);
    }
  }

  private void countEach(List<? extends NumberedName> paying) {
    requests.add(Source.MEMORY, Outcome.PAID, 1);
    for (NumberedName each : paying) {
      PartitionedLimit partitioned = (PartitionedLimit) each;
      LimitCounts counts = limit(partitioned.name(), partitioned.limit());
      counts.decisions.add(Source.MEMORY, Outcome.PAID, 1);
      counts.granted.add(PaidLists.amount(partitioned.limit()));
    }
  }

  private LimitCounts limit(String name, Limit limit) {
    LimitCounts counts = limits.get(name);
    if (counts != null) {
      return counts;
    }
    String counted = limits.size() < MAX_NAMES ? name : OTHER_NAMES;
    return limits.computeIfAbsent(counted, any -> new LimitCounts(limit));
  }

  /**
   * {@return how many requests this limit has paid for}
   *
   * @param limit the name of a limit
   */
  public long permitted(String limit) {
    return count(limit, true);
  }

  /**
   * {@return how many requests this limit has denied}
   *
   * @param limit the name of a limit
   */
  public long denied(String limit) {
    return count(limit, false);
  }

  private long count(String limit, boolean permitted) {
    Objects.requireNonNull(limit, "limit");
    paid.settle();
    LimitCounts counts = limits.get(limit);
    return counts == null ? 0 : counts.decisions.sum(permitted);
  }

  /** {@return what limits in shadow would have done, had they been enforced, by name} */
  public List<ShadowedLimit> shadow() {
    return shadow.report();
  }

  /** {@return what was counted here, and then what each source has} */
  @Override
  public List<MetricFamily> metrics() {
    paid.settle();
    List<MetricFamily> families = new ArrayList<>();
    families.add(requests());
    families.addAll(ofLimits());
    families.addAll(shadow.metrics());
    families.add(
        new MetricFamily(
            MetricFamily.Type.HISTOGRAM,
            "penstock_decision_seconds",
            "How long decisions took, of one in " + RateLimitEvent.TIMED + " by chance.",
            times.samples()));
    sources.forEach(source -> families.addAll(source.metrics()));
    return families;
  }

  private MetricFamily requests() {
    List<Sample> samples = requests.samples();
    samples.add(Sample.of(failures.sum(), "outcome", "error", "reason", "error", "source", "none"));
    return new MetricFamily(
        MetricFamily.Type.COUNTER,
        "penstock_requests_total",
        "Requests that a limiter was asked about, each once.",
        samples);
  }

  private List<MetricFamily> ofLimits() {
    List<Sample> decisions = new ArrayList<>();
    List<Sample> granted = new ArrayList<>();
    List<Sample> settled = new ArrayList<>();
    List<Sample> overdrafts = new ArrayList<>();
    long now = System.nanoTime();
    new TreeMap<>(limits)
        .forEach(
            (name, counts) -> {
              decisions.addAll(counts.decisions.samples("limit", name));
              if (counts.hasTokens) {
                granted.add(Sample.of(counts.granted.sum(), "limit", name));
              }
              long up = counts.settledUp.sum();
              long down = counts.settledDown.sum();
              if (up + down > 0) {
                settled.add(Sample.of(up, "limit", name, "direction", "up"));
                settled.add(Sample.of(down, "limit", name, "direction", "down"));
              }
              if (counts.overdraft.isSeen()) {
                overdrafts.add(Sample.of(counts.overdraft.tokens(now), "limit", name));
              }
            });
    return List.of(
        new MetricFamily(
            MetricFamily.Type.COUNTER,
            "penstock_decisions_total",
            "What each limit said to requests: those that it has paid for, or has denied.",
            decisions),
        new MetricFamily(
            MetricFamily.Type.COUNTER,
            "penstock_tokens_granted_total",
            "Tokens that decisions have taken, in the unit of the limit.",
            granted),
        new MetricFamily(
            MetricFamily.Type.COUNTER,
            "penstock_tokens_settled_total",
            "Tokens that settlements and cancellations have charged besides, or put back.",
            settled),
        new MetricFamily(
            MetricFamily.Type.GAUGE,
            "penstock_overdraft_tokens",
            "The largest overdraft that a denial has shown, less what is refilled since.",
            overdrafts));
  }

  /**
   * {@return all numbers in the Prometheus text format, version 0.0.4} To be served as {@code
   * text/plain; version=0.0.4; charset=utf-8}.
   */
  public String prometheusText() {
    return PrometheusText.of(metrics());
  }
}
