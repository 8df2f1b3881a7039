package dev.penstock.benchmarks;

import dev.penstock.Limit;
import dev.penstock.LimitPolicy;
import dev.penstock.config.PenstockConfig;
import dev.penstock.config.ReloadingGate;
import dev.penstock.http.ClientAddress;
import dev.penstock.http.Gate;
import dev.penstock.http.HttpRateLimiter;
import dev.penstock.http.RequestView;
import dev.penstock.http.Verdict;
import dev.penstock.memory.InMemoryRateLimiter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * The gate of a policy file, and one that watches it, beside the gate that the builder makes of the
 * same rules and limits, which is the floor. The file's gate is to take at most 3 % longer.
 *
 * <pre>
 * mvn -q -Pbenchmark -pl benchmarks -am package -DskipTests \
 *     "-Djmh.arguments=PolicyFileBenchmark -prof gc"
 * </pre>
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(2)
public class PolicyFileBenchmark {

  private static final String FILE =
      """
      {
        "policies": {
          "runs": {"runs": "1000000000/second"},
          "platform": {
            "light": "1000000000/second",
            "platform": {"rate": "1000000000/second", "partition": "everyone"}
          },
          "scarce": {"scarce": "1/day"}
        },
        "rules": [
          {"exempt": "GET /health"},
          {"pattern": "POST /agents/opus/runs", "policy": "scarce"},
          {"pattern": "POST /agents/{agent_id}/runs", "policy": "runs"},
          {"pattern": "/teams/**", "policy": ["runs", "platform"], "cost": 2}
        ]
      }
      """;

  private final RequestView plain = new Request("POST", "/agents/a1/runs");
  private final RequestView joined = new Request("POST", "/teams/t1/runs");
  private final RequestView scarce = new Request("POST", "/agents/opus/runs");

  private final Gate built = built();
  private Gate ofFile = built;
  private Gate watching = built;
  private AutoCloseable ending = () -> {};

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

  private static Gate built() {
    Limit ample = Limit.perSecond(1_000_000_000);
    LimitPolicy runs = LimitPolicy.perIdentity("runs", ample);
    LimitPolicy platform =
        LimitPolicy.perIdentity("light", ample).and(LimitPolicy.everyone("platform", ample));
    return HttpRateLimiter.builder(InMemoryRateLimiter.create())
        .identity(ClientAddress.ofPeer())
        .exempt("GET /health")
        .rule("POST /agents/opus/runs", LimitPolicy.perIdentity("scarce", Limit.perDay(1)))
        .rule("POST /agents/{agent_id}/runs", runs)
        .rule("/teams/**", runs.and(platform), 2)
        .build();
  }

  /** Makes the gates of a file, and spends what is scarce. */
  @Setup
  public void prepare() throws IOException {
    Path file = Files.writeString(Files.createTempFile("penstock", ".json"), FILE);
    PenstockConfig config = PenstockConfig.load(file, Map.of());
    ReloadingGate reloading = config.reloading();
    ofFile = config.gate();
    watching = reloading;
    ending =
        () -> {
          reloading.close();
          Files.delete(file);
        };
    for (Gate gate : List.of(built, ofFile, watching)) {
      gate.decide(scarce);
    }
  }

  /** Ends the watching. */
  @TearDown
  public void close() throws Exception {
    ending.close();
  }

  /** One bucket, by the builder's gate. */
  @Benchmark
  public Verdict barePlain() {
    return built.decide(plain);
  }

  /** One bucket, by the file's gate. */
  @Benchmark
  public Verdict plain() {
    return ofFile.decide(plain);
  }

  /** One bucket, by the gate that watches the file. */
  @Benchmark
  public Verdict plainWatching() {
    return watching.decide(plain);
  }

  /** Three buckets of two policies, by the builder's gate. */
  @Benchmark
  public Verdict bareJoined() {
    return built.decide(joined);
  }

  /** Three buckets of two policies, by the file's gate. */
  @Benchmark
  public Verdict joined() {
    return ofFile.decide(joined);
  }

  /** A denial, by the builder's gate. */
  @Benchmark
  public Verdict bareDenied() {
    return built.decide(scarce);
  }

  /** A denial, by the file's gate. */
  @Benchmark
  public Verdict denied() {
    return ofFile.decide(scarce);
  }
}
