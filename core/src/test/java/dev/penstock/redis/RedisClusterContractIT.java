package dev.penstock.redis;

import dev.penstock.RateLimiter;
import dev.penstock.RateLimiterContract;
import java.time.Duration;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import redis.clients.jedis.RedisClusterClient;

/**
 * The contract of every limiter, on a real cluster whose nodes each read the time from a key that
 * the test moves; all buckets in one slot, as the contract has policies of a user and of everyone.
 */
class RedisClusterContractIT extends RateLimiterContract {

  private static RedisCluster cluster;

  private final String prefix = "contract-" + UUID.randomUUID();

  private RedisClusterClient jedis;
  private ServerClock clock;
  private RedisRateLimiter limiter;

  @BeforeAll
  static void start() {
    cluster = RedisCluster.start();
  }

  @AfterAll
  static void stop() {
    cluster.close();
  }

  @BeforeEach
  void connect() {
    jedis = cluster.client();
    clock =
        new ServerClock(jedis, cluster.nodes().stream().map(this::keyOf).toArray(String[]::new));
    limiter =
        RedisRateLimiter.builder(jedis)
            .cheapDenials(Duration.ZERO)
            .script(clock.script())
            .prefix(prefix)
            .oneSlot()
            .build();
  }

  private String keyOf(RedisServer node) {
    return IntStream.iterate(0, i -> i + 1)
        .mapToObj(i -> prefix + ":clock-" + i)
        .filter(key -> cluster.owner(cluster.slot(key)) == node)
        .findFirst()
        .orElseThrow();
  }

  @AfterEach
  void disconnect() {
    limiter.close();
    jedis.close();
  }

  @Override
  public RateLimiter limiter() {
    return limiter;
  }

  @Override
  public void advance(Duration time) {
    clock.advanceMicros(time.toNanos() / 1000);
  }

  @Override
  public Duration resolution() {
    return Duration.ofNanos(1000);
  }
}
