package dev.penstock.benchmarks;

import dev.penstock.Decision;
import dev.penstock.Identity;
import dev.penstock.Limit;
import dev.penstock.LimitPolicy;
import dev.penstock.RateLimiter;
import dev.penstock.Reservation;
import dev.penstock.http.HttpRateLimiter;
import dev.penstock.http.RequestView;
import dev.penstock.http.Verdict;
import dev.penstock.memory.InMemoryRateLimiter;
import dev.penstock.metrics.Metrics;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What metrics cost a decision, and a listener that wants an event of each; some requests are
 * denied before, as they are where a limiter serves.
 *
 * <pre>
 * mvn -q -Pbenchmark -pl benchmarks -am package -DskipTests "-Djmh.arguments=ListenedBenchmark -t 1 -prof gc"
 * </pre>
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(2)
public class ListenedBenchmark {

  private static final Limit AMPLE = Limit.perSecond(1_000_000_000);
  private static final LimitPolicy SCARCE = LimitPolicy.perIdentity("scarce", Limit.perDay(1));

  /** Who listens. */
  public enum Listener {
    /** Nobody. */
    NONE,
    /** The metrics. */
    METRICS,
    /** Somebody who is told by events, and reads what was decided. */
    EVENTS
  }

  /** Who listens. */
  @Param public Listener listener = Listener.NONE;

  /** How many buckets take part. */
  @Param({"1", "3"})
  public int buckets;

  private final Identity identity = Identity.user("acme", "u1");
  private final RequestView request = new Request();
  private LimitPolicy policy = LimitPolicy.perIdentity("user", AMPLE);
  private RateLimiter limiter = InMemoryRateLimiter.create();
  private HttpRateLimiter gate = gate();
  private long told;
  private @Nullable Decision decided;

  private record Request() implements RequestView {

    @Override
    public String method() {
      return "POST";
    }

    @Override
    public String target() {
      return "/agents/a1/runs";
    }

    @Override
    public List<String> headerLines(String name) {
      return List.of();
    }

    @Override
    public String peer() {
      return "192.0.2.1";
    }
  }

  /** Attaches the listener, and has some requests denied among many that are not. */
  @Setup
  public void prepare() {
    if (buckets == 3) {
      policy =
          policy
              .and(LimitPolicy.perWorkspace("workspace", AMPLE))
              .and(LimitPolicy.everyone("everyone", AMPLE));
    }
    if (listener == Listener.METRICS) {
      limiter = limiter.listening(Metrics.of());
    } else if (listener == Listener.EVENTS) {
      limiter = limiter.listening(event -> told += event.decision().permitted() ? 1 : 0);
    }
    gate = gate();
    for (int i = 0; i < 200_000; i++) {
      limiter.tryAcquire(identity, i % 200 == 0 ? SCARCE : policy);
    }
  }

  private HttpRateLimiter gate() {
    return HttpRateLimiter.builder(limiter)
        .identity(any -> Optional.of(identity))
        .rule("POST /agents/*/runs", policy)
        .build();
  }

  /** Reads whether it is permitted. */
  @Benchmark
  public boolean permitted() {
    return limiter.tryAcquire(identity, policy).permitted();
  }

  /** Keeps the decision, so that it is an object. */
  @Benchmark
  public Decision kept() {
    return limiter.tryAcquire(identity, policy);
  }

  /** Reserves, as a gate does, and reads what was decided. */
  @Benchmark
  public Reservation reserved() {
    Reservation reservation = limiter.reserve(identity, policy);
    decided = reservation.decision();
    return reservation;
  }

  /** The way of a request through a gate. */
  @Benchmark
  public Verdict gated() {
    return gate.decide(request);
  }
}
