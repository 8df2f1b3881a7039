package dev.penstock.benchmarks;

import dev.penstock.Identity;
import dev.penstock.Limit;
import dev.penstock.LimitPolicy;
import dev.penstock.http.HttpRateLimiter;
import dev.penstock.http.HttpRateLimiterBuilder;
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
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What rules cost, of which each has a policy of its own: when a gate is made of them, and when a
 * request looks for its own.
 *
 * <pre>
 * mvn -q -Pbenchmark -pl benchmarks -am package -DskipTests "-Djmh.arguments=RulesBenchmark"
 * </pre>
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 15, time = 1) // the compiler is long busy with what the rules were made by
@Measurement(iterations = 5, time = 1)
@Fork(2)
public class RulesBenchmark {

  private static final Optional<Identity> USER = Optional.of(Identity.user("acme", "u1"));

  private final RequestView plainRequest = new Request("POST", "/agents/a4/runs");
  private final RequestView lastRequest = new Request("POST", "/other/o1/runs");
  private final RequestView unmatchedRequest = new Request("POST", "/agents/a4/else");
  private final RequestView oddRequest = new Request("POST", "/agents//a4/runs");
  private final RequestView longOddRequest = new Request("POST", "/agents/" + "/a4".repeat(2_700));
  private final RequestView anyRequest = new Request("POST", "/" + "%".repeat(300));

  /** How many rules there are. */
  @Param({"10", "10000"})
  public int rules;

  private HttpRateLimiter gate = gate(1);

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

  private static HttpRateLimiter gate(int rules) {
    HttpRateLimiterBuilder builder =
        HttpRateLimiter.builder(InMemoryRateLimiter.create()).identity(request -> USER);
    for (int i = 0; i < rules - 1; i++) {
      String pattern =
          switch (i % 4) {
            case 0 -> "POST /agents/a" + i + "/runs";
            case 1 -> "GET /agents/a" + i + "/runs/**";
            case 2 -> "/teams/*/members/m" + i;
            default -> "POST /v" + i + "/{model}/complete";
          };
      builder.rule(pattern, perSecond("p" + i));
    }
    return builder.rule("POST /other/**", perSecond("other")).build();
  }

  private static LimitPolicy perSecond(String name) {
    return LimitPolicy.perIdentity(name, Limit.perSecond(1_000_000_000));
  }

  /** Makes the gate that is asked. */
  @Setup
  public void load() {
    gate = gate(rules);
  }

  /** Makes a gate of the rules. */
  @Benchmark
  @OutputTimeUnit(TimeUnit.MILLISECONDS)
  public HttpRateLimiter loaded() {
    return gate(rules);
  }

  /** A request that goes by the fifth rule. */
  @Benchmark
  public Verdict fifth() {
    return gate.decide(plainRequest);
  }

  /** A request that goes by the last rule. */
  @Benchmark
  public Verdict last() {
    return gate.decide(lastRequest);
  }

  /** A request that no rule is for: nothing but the rules is asked. */
  @Benchmark
  public Verdict unmatched() {
    return gate.decide(unmatchedRequest);
  }

  /** A path that servers read differently, of one rule's words. */
  @Benchmark
  public Verdict odd() {
    return gate.decide(oddRequest);
  }

  /** Such a path of 8 KiB that names one word 2,700 times. */
  @Benchmark
  public Verdict longOdd8KiB() {
    return gate.decide(longOddRequest);
  }

  /** A path that may be of every rule. */
  @Benchmark
  public Verdict any() {
    return gate.decide(anyRequest);
  }
}
