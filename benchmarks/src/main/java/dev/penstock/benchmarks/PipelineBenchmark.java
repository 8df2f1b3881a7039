package dev.penstock.benchmarks;

import dev.penstock.Identity;
import dev.penstock.Limit;
import dev.penstock.LimitPolicy;
import dev.penstock.http.HttpRateLimiter;
import dev.penstock.http.RequestView;
import dev.penstock.http.Verdict;
import dev.penstock.memory.InMemoryRateLimiter;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * The way of a request through the pipeline of eight rules and exemptions: find the rule, take an
 * identity that is known, decide in memory, format the header fields.
 *
 * <pre>
 * mvn -q -Pbenchmark -pl benchmarks -am package -DskipTests \
 *     -Djmh.arguments="PipelineBenchmark -prof gc"
 * </pre>
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(2)
public class PipelineBenchmark {

  private static final LimitPolicy RUNS = perSecond("runs");
  private static final LimitPolicy LIGHT = perSecond("light");
  private static final LimitPolicy SCARCE = LimitPolicy.perIdentity("scarce", Limit.perDay(1));

  private final Optional<Identity> user = Optional.of(Identity.user("acme", "u1"));
  private final HttpRateLimiter gate =
      HttpRateLimiter.builder(InMemoryRateLimiter.create())
          .identity(request -> user)
          .exempt("GET /health")
          .rule("POST /agents/opus/runs", SCARCE)
          .rule("POST /agents/{agent_id}/runs", RUNS)
          .rule("POST /agents/*/runs/*/continue", RUNS)
          .rule("POST /agents/*/runs/*/resume", LIGHT)
          .exempt("POST /agents/*/runs/*/cancel")
          .rule("GET /agents/*/runs/**", LIGHT)
          .rule("/teams/**", RUNS.and(LIGHT).and(perSecond("platform")))
          .build();

  private final RequestView matchedRequest = new Request("POST", "/agents/a1/runs");
  private final RequestView joinedRequest = new Request("POST", "/teams/t1/runs");
  private final RequestView deniedRequest = new Request("POST", "/agents/opus/runs");
  private final RequestView exemptRequest = new Request("POST", "/agents/a1/runs/r1/cancel");
  private final RequestView unmatchedRequest = new Request("POST", "/sessions/s1/rename");
  private final RequestView oddRequest = new Request("POST", "/agents/x%2f..%2fa1/runs");
  private final RequestView longRequest = new Request("POST", filled("a", 8 << 10));
  private final RequestView longOddRequest =
      new Request("POST", filled("//%2f..%5c/;%252f/%2e\\../a", 8 << 10));
  private final RequestView hugeRequest = new Request("POST", filled("a", 300_000));
  private final RequestView hugeOddRequest = new Request("POST", filled("a", 300_000 - 1) + ";");

  private record Request(String method, String target) implements RequestView {

    @Override
    public List<String> headerLines(String name) {
      return List.of();
    }

    @Override
    public String peer() {
      return "192.0.2.1";
    }
  }

  private static String filled(String piece, int length) {
    String path = "/agents/" + piece.repeat(length / piece.length());
    return path.substring(0, length - "/runs".length()) + "/runs";
  }

  private static LimitPolicy perSecond(String name) {
    return LimitPolicy.perIdentity(name, Limit.perSecond(1_000_000_000));
  }

  /** A run that may pass, charged to one bucket. */
  @Benchmark
  public Verdict matched() {
    return gate.decide(matchedRequest);
  }

  /** A request that may pass, charged to three buckets. */
  @Benchmark
  public Verdict matchedByThree() {
    return gate.decide(joinedRequest);
  }

  /** A run that is rejected, with its body. */
  @Benchmark
  public Verdict rejected() {
    return gate.decide(deniedRequest);
  }

  /** A request that the sixth rule exempts. */
  @Benchmark
  public Verdict exempt() {
    return gate.decide(exemptRequest);
  }

  /** A request that no rule is for. */
  @Benchmark
  public Verdict unmatched() {
    return gate.decide(unmatchedRequest);
  }

  /** A run whose path servers read differently: two rules may be for it. */
  @Benchmark
  public Verdict odd() {
    return gate.decide(oddRequest);
  }

  /** A run with a path of 8 KiB. */
  @Benchmark
  public Verdict long8KiB() {
    return gate.decide(longRequest);
  }

  /** A run with an odd path of 8 KiB, which is decoded and searched. */
  @Benchmark
  public Verdict longOdd8KiB() {
    return gate.decide(longOddRequest);
  }

  /** A run with a path of 300,000 characters. */
  @Benchmark
  public Verdict long300Thousand() {
    return gate.decide(hugeRequest);
  }

  /** A path of 300,000 characters, odd at its end: it may be of every rule, and is rejected. */
  @Benchmark
  public Verdict longOdd300Thousand() {
    return gate.decide(hugeOddRequest);
  }
}
