package dev.penstock.benchmarks;

import dev.penstock.CalendarUnit;
import dev.penstock.Cost;
import dev.penstock.Identity;
import dev.penstock.Limit;
import dev.penstock.LimitPolicy;
import dev.penstock.Partition;
import dev.penstock.Reservation;
import dev.penstock.redis.RedisRateLimiter;
import io.github.bucket4j.BucketConfiguration;
import io.github.bucket4j.distributed.ExpirationAfterWriteStrategy;
import io.github.bucket4j.distributed.proxy.ProxyManager;
import io.github.bucket4j.distributed.serialization.Mapper;
import io.github.bucket4j.redis.jedis.Bucket4jJedis;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;
import redis.clients.jedis.AbstractPipeline;
import redis.clients.jedis.ConnectionPoolConfig;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.RedisClient;

/**
 * Decisions through Redis, beside the floor, a bare call of the same script through the same
 * client, and on the same server beside Bucket4j, with the expiry that it is advised to have, and
 * Redisson, see {@link RedissonLimiters}.
 *
 * <pre>
 * redis-server --port 6379 --save "" &amp;
 * mvn -q -Pbenchmark -pl benchmarks -am package -DskipTests "-Djmh.arguments=RedisBenchmark -t 1"
 * mvn -q -Pbenchmark -pl benchmarks -am package -DskipTests "-Djmh.arguments=RedisBenchmark -t 64"
 * </pre>
 *
 * <p>The buckets of the permitted refill slowly and have room for all, so that their keys outlive
 * the time between two requests, as those of a limit that matters do. Those of the lease refill
 * faster than anyone can ask, so that they always pay as well.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(1)
@SuppressWarnings("NullAway.Init") // set by connect()
public class RedisBenchmark {

  private static final int MAX_CONNECTIONS = 64;
  private static final long AMPLE = 100_000_000;
  private static final Duration SLOWLY = Duration.ofSeconds(1);
  private static final long LEASED_PER_SECOND = 50_000_000;
  private static final long LEASE = 1_000_000;
  private static final int PIPELINED = 64;
  private static final Cost RUN = Cost.of(1).and("model-tokens", 1);

  /** Where the server is. */
  @Param("127.0.0.1:6379")
  public String server = "";

  /** Among how many identities the requests are spread. */
  @Param({"1", "10000"})
  public int identities;

  /** What a thread holds. */
  @State(Scope.Thread)
  public static class Held {

    private Reservation reservation;

    /** Gives it back. */
    @TearDown(Level.Invocation)
    public void close() {
      reservation.close();
    }
  }

  /** Redisson's client, while its turn lasts. */
  @State(Scope.Benchmark)
  public static class Peer {

    private RedissonLimiters ample;
    private RedissonLimiters scarce;

    /** Connects. */
    @Setup
    public void connect(RedisBenchmark benchmark) {
      List<String> names =
          benchmark.users.stream().map(user -> user.partitionKey(Partition.IDENTITY)).toList();
      ample = new RedissonLimiters(benchmark.server, MAX_CONNECTIONS, names, AMPLE, SLOWLY);
      scarce =
          new RedissonLimiters(benchmark.server, MAX_CONNECTIONS, names, 1, Duration.ofDays(1));
    }

    /** Disconnects. */
    @TearDown
    public void disconnect() {
      ample.close();
      scarce.close();
    }
  }

  private final String run = UUID.randomUUID().toString();
  private final LimitPolicy ample = LimitPolicy.perIdentity("ample", Limit.of(AMPLE, 1, SLOWLY));
  private final LimitPolicy all =
      ample
          .and(
              LimitPolicy.perWorkspace(
                  "budget", Limit.of(AMPLE, 1, SLOWLY).withUnit("model-tokens").withOverdraft(10)))
          .and(LimitPolicy.perIdentity("slots", Limit.inFlight(1000)));
  private final LimitPolicy window =
      LimitPolicy.perIdentity(
          "window", Limit.fixedWindow(AMPLE, CalendarUnit.YEAR, ZoneOffset.UTC));
  private final LimitPolicy scarce = LimitPolicy.perIdentity("scarce", Limit.perDay(1));
  private final LimitPolicy leased =
      LimitPolicy.perIdentity("leased", Limit.perSecond(LEASED_PER_SECOND).withLease(LEASE));
  private List<Identity> users = List.of();
  private List<byte[]> arguments = List.of();
  private byte[] digest = {};
  private RedisClient jedis;
  private RedisRateLimiter limiter;
  private ProxyManager<String> bucket4j;

  /** Connects all to one client. */
  @Setup
  public void connect() {
    ConnectionPoolConfig pool = new ConnectionPoolConfig();
    pool.setMaxTotal(MAX_CONNECTIONS);
    pool.setMaxIdle(MAX_CONNECTIONS);
    jedis = RedisClient.builder().hostAndPort(HostAndPort.from(server)).poolConfig(pool).build();
    limiter = RedisRateLimiter.builder(jedis).prefix("bench-" + run).build();
    users = IntStream.range(0, identities).mapToObj(i -> Identity.user("w" + i, "u")).toList();
    digest = jedis.scriptLoad(BareScript.text()).getBytes(StandardCharsets.US_ASCII);
    arguments = List.of(BareScript.take(1, 1, AMPLE));
    bucket4j =
        Bucket4jJedis.casBasedBuilder(jedis)
            .expirationAfterWrite(
                ExpirationAfterWriteStrategy.basedOnTimeForRefillingBucketUpToMax(
                    Duration.ofSeconds(10)))
            .keyMapper(Mapper.STRING)
            .build();
  }

  /** Disconnects. */
  @TearDown
  public void disconnect() {
    limiter.close();
    jedis.close();
  }

  /** The least that a decision through this client can cost. */
  @Benchmark
  public Object bareScript() {
    return jedis.evalsha(digest, bareKey(), arguments);
  }

  /** What the server makes of bare calls that nobody waits for one by one. */
  @Benchmark
  @OperationsPerInvocation(PIPELINED)
  public Object pipelinedScript() {
    try (AbstractPipeline pipeline = jedis.pipelined()) {
      Object last = pipeline;
      for (int i = 0; i < PIPELINED; i++) {
        last = pipeline.evalsha(digest, bareKey(), arguments);
      }
      pipeline.sync();
      return last;
    }
  }

  /** One bucket that always pays. */
  @Benchmark
  public boolean permitted() {
    return limiter.tryAcquire(user(), ample).permitted();
  }

  /** One bucket that always pays, in part ahead. */
  @Benchmark
  public boolean permittedByLease() {
    return limiter.tryAcquire(user(), leased).permitted();
  }

  /** One window of the calendar that always has room. */
  @Benchmark
  public boolean permittedByWindow() {
    return limiter.tryAcquire(user(), window).permitted();
  }

  /** A rate, a budget and a slot in one decision; the slot is given back before the next. */
  @Benchmark
  public boolean reserved(Held held) {
    held.reservation = limiter.reserve(user(), all, RUN);
    return held.reservation.permitted();
  }

  /** One bucket that never pays. */
  @Benchmark
  public boolean denied() {
    return limiter.tryAcquire(user(), scarce).permitted();
  }

  /** Bucket4j, one bucket that always pays. */
  @Benchmark
  public boolean bucket4jPermitted() {
    return bucket4j("ample", AMPLE, 1, SLOWLY);
  }

  /** Bucket4j, one bucket that never pays. */
  @Benchmark
  public boolean bucket4jDenied() {
    return bucket4j("scarce", 1, 1, Duration.ofDays(1));
  }

  /** Redisson, a log that has always room. */
  @Benchmark
  public boolean redissonPermitted(Peer peer) {
    return peer.ample.of(user().partitionKey(Partition.IDENTITY)).tryAcquire();
  }

  /** Redisson, a log that is full. */
  @Benchmark
  public boolean redissonDenied(Peer peer) {
    return peer.scarce.of(user().partitionKey(Partition.IDENTITY)).tryAcquire();
  }

  private boolean bucket4j(String name, long capacity, long refill, Duration period) {
    String key = "bench-" + run + ":bucket4j:" + name + user().partitionKey(Partition.IDENTITY);
    return bucket4j
        .builder()
        .build(
            key,
            () ->
                BucketConfiguration.builder()
                    .addLimit(limit -> limit.capacity(capacity).refillGreedy(refill, period))
                    .build())
        .tryConsume(1);
  }

  private List<byte[]> bareKey() {
    Identity user = user();
    String key = "bench-" + run + ":bare:" + user.name() + user.workspace().orElseThrow();
    return List.of(key.getBytes(StandardCharsets.UTF_8));
  }

  private Identity user() {
    return users.get(ThreadLocalRandom.current().nextInt(users.size()));
  }
}
