package dev.penstock.benchmarks;

import dev.penstock.Identity;
import dev.penstock.Limit;
import dev.penstock.LimitPolicy;
import dev.penstock.Partition;
import dev.penstock.redis.RedisRateLimiter;
import io.github.bucket4j.BucketConfiguration;
import io.github.bucket4j.distributed.ExpirationAfterWriteStrategy;
import io.github.bucket4j.distributed.proxy.AsyncProxyManager;
import io.github.bucket4j.redis.lettuce.Bucket4jLettuce;
import io.lettuce.core.RedisClient;
import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.codec.RedisCodec;
import io.lettuce.core.codec.StringCodec;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Threads;
import org.openjdk.jmh.annotations.Warmup;
import redis.clients.jedis.AbstractPipeline;

/**
 * Decisions through Redis for which no caller waits, so many under way, on 10,000 buckets that
 * always pay: one thread asks, and asks again as soon as one is told. Beside the floor, the same
 * script in a pipeline of 64 whose answers come all at once, beside Bucket4j's asynchronous API on
 * lettuce, one connection, with the expiry that it is advised to have, and beside Redisson's, see
 * {@link RedissonLimiters}.
 *
 * <pre>
 * redis-server --port 6379 --save "" &amp;
 * mvn -q -Pbenchmark -pl benchmarks -am package -DskipTests "-Djmh.arguments=ScaleByUnderWay"
 * </pre>
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(1)
@Threads(1)
@SuppressWarnings("NullAway.Init") // set by connect()
public class ScaleByUnderWayBenchmark {

  private static final int IDENTITIES = 10_000;
  private static final int PIPELINED = 64;
  private static final long AMPLE = 100_000_000;
  private static final Duration SLOWLY = Duration.ofSeconds(1);

  /** Where the server is. */
  @Param("127.0.0.1:6379")
  public String server = "";

  /** How many are under way. */
  @Param({"1", "16", "64", "1000", "10000"})
  public int underWay;

  private final String run = UUID.randomUUID().toString();
  private final LimitPolicy ample = LimitPolicy.perIdentity("ample", Limit.of(AMPLE, 1, SLOWLY));
  private final List<byte[]> arguments = List.of(BareScript.take(1, 1, AMPLE));
  private final List<Identity> users =
      IntStream.range(0, IDENTITIES).mapToObj(i -> Identity.user("w" + i, "u")).toList();

  /** Redisson's client, while its turn lasts. */
  @State(Scope.Benchmark)
  public static class Peer {

    private RedissonLimiters redisson;

    /** Connects. */
    @Setup
    public void connect(ScaleByUnderWayBenchmark benchmark) {
      List<String> names =
          benchmark.users.stream().map(user -> user.partitionKey(Partition.IDENTITY)).toList();
      redisson = new RedissonLimiters(benchmark.server, 64, names, AMPLE, SLOWLY);
    }

    /**
     * Disconnects, once nothing is under way.
     *
     * @throws InterruptedException if that is waited for no longer
     */
    @TearDown
    public void disconnect(ScaleByUnderWayBenchmark benchmark) throws InterruptedException {
      benchmark.awaitAll();
      redisson.close();
    }
  }

  private Semaphore free;
  private byte[] digest = {};
  private redis.clients.jedis.RedisClient jedis;
  private RedisClient lettuce;
  private RedisRateLimiter limiter;
  private AsyncProxyManager<String> bucket4j;

  /** Connects each by a client of its own. */
  @Setup
  public void connect() {
    String url = "redis://" + server;
    free = new Semaphore(underWay);
    jedis = redis.clients.jedis.RedisClient.create(url);
    digest = jedis.scriptLoad(BareScript.text()).getBytes(StandardCharsets.US_ASCII);
    limiter =
        RedisRateLimiter.builder(url)
            .prefix("bench-" + run)
            .timeout(Duration.ofSeconds(5))
            .underWay(2 * underWay)
            .build();
    lettuce = RedisClient.create(url);
    bucket4j =
        Bucket4jLettuce.casBasedBuilder(
                lettuce.connect(RedisCodec.of(StringCodec.UTF8, ByteArrayCodec.INSTANCE)))
            .expirationAfterWrite(
                ExpirationAfterWriteStrategy.basedOnTimeForRefillingBucketUpToMax(
                    Duration.ofSeconds(10)))
            .build()
            .asAsync();
  }

  /**
   * Disconnects, once nothing is under way.
   *
   * @throws InterruptedException if that is waited for no longer
   */
  @TearDown
  public void disconnect() throws InterruptedException {
    awaitAll();
    limiter.close();
    lettuce.shutdown();
    jedis.close();
  }

  private void awaitAll() throws InterruptedException {
    free.acquire(underWay);
    free.release(underWay);
  }

  /** What the server makes of bare calls that nobody waits for one by one. */
  @Benchmark
  @OperationsPerInvocation(PIPELINED)
  public Object bareScript() {
    try (AbstractPipeline pipeline = jedis.pipelined()) {
      Object last = pipeline;
      for (int i = 0; i < PIPELINED; i++) {
        String key = "bench-" + run + ":bare:" + user().workspace().orElseThrow();
        last = pipeline.evalsha(digest, List.of(key.getBytes(StandardCharsets.UTF_8)), arguments);
      }
      pipeline.sync();
      return last;
    }
  }

  /**
   * One bucket that always pays.
   *
   * @return the decision to be
   * @throws InterruptedException if none is told any more
   */
  @Benchmark
  public Object permitted() throws InterruptedException {
    free.acquire();
    return limiter
        .tryAcquireAsync(user(), ample)
        .whenComplete((decision, failure) -> free.release());
  }

  /**
   * Bucket4j, one bucket that always pays.
   *
   * @return the decision to be
   * @throws InterruptedException if none is told any more
   */
  @Benchmark
  public Object bucket4jPermitted() throws InterruptedException {
    free.acquire();
    String key = "bench-" + run + ":bucket4j:" + user().partitionKey(Partition.IDENTITY);
    return bucket4j
        .builder()
        .build(key, () -> CompletableFuture.completedFuture(ampleBucket()))
        .tryConsume(1)
        .whenComplete((permitted, failure) -> free.release());
  }

  /**
   * Redisson, a log that has always room.
   *
   * @return the decision to be
   * @throws InterruptedException if none is told any more
   */
  @Benchmark
  public Object redissonPermitted(Peer peer) throws InterruptedException {
    free.acquire();
    return peer.redisson
        .of(user().partitionKey(Partition.IDENTITY))
        .tryAcquireAsync()
        .whenComplete((permitted, failure) -> free.release());
  }

  private static BucketConfiguration ampleBucket() {
    return BucketConfiguration.builder()
        .addLimit(limit -> limit.capacity(AMPLE).refillGreedy(1, SLOWLY))
        .build();
  }

  private Identity user() {
    return users.get(ThreadLocalRandom.current().nextInt(users.size()));
  }
}
