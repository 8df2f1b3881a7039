package dev.penstock.benchmarks;

import dev.penstock.Decision;
import dev.penstock.Identity;
import dev.penstock.Limit;
import dev.penstock.LimitPolicy;
import dev.penstock.redis.RedisRateLimiter;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
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
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Threads;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Decisions through one, two and three Redis servers that share the identities among them, each
 * server with a limiter of its own. No peer and no floor: the question is what another server
 * brings. Servers, limiters and load share the machine, so with few processors it is little.
 *
 * <pre>
 * for port in 6379 6380 6381; do redis-server --port $port --save "" &amp; done
 * mvn -q -Pbenchmark -pl benchmarks -am package -DskipTests -Djmh.arguments=ScaleByNodes
 * </pre>
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Threads(16)
@Fork(1)
public class ScaleByNodesBenchmark {

  private static final int IDENTITIES = 10_000;

  /** Where the servers are, as many as the most nodes. */
  @Param("127.0.0.1:6379 127.0.0.1:6380 127.0.0.1:6381")
  public String servers = "";

  /** How many of the servers are used. */
  @Param({"1", "2", "3"})
  public int nodes;

  /** Who decides. */
  @Param("penstock")
  public String limiter = "";

  private final LimitPolicy ample =
      LimitPolicy.perIdentity("ample", Limit.perSecond(1_000_000_000));
  private List<RedisRateLimiter> shards = List.of();
  private List<Identity> users = List.of();

  /** Connects to each server. */
  @Setup
  public void connect() {
    String prefix = "bench-" + UUID.randomUUID();
    shards =
        Stream.of(servers.split(" ")).limit(nodes).map(server -> connect(server, prefix)).toList();
    users = IntStream.range(0, IDENTITIES).mapToObj(i -> Identity.user("w" + i, "u")).toList();
  }

  /** With a timeout at which a busy machine does not pass for a server that is away. */
  private static RedisRateLimiter connect(String server, String prefix) {
    return RedisRateLimiter.builder("redis://" + server)
        .prefix(prefix)
        .timeout(Duration.ofSeconds(10))
        .build();
  }

  /** Disconnects. */
  @TearDown
  public void disconnect() {
    shards.forEach(RedisRateLimiter::close);
  }

  /** One decision. */
  @Benchmark
  public boolean permitted() {
    int user = ThreadLocalRandom.current().nextInt(IDENTITIES);
    Decision decision = shards.get(user % nodes).tryAcquire(users.get(user), ample);
    if (decision.source() != Decision.Source.REDIS) {
      throw new IllegalStateException("Redis must decide: " + decision);
    }
    return decision.permitted();
  }
}
