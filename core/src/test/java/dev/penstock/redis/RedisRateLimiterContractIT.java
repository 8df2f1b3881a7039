package dev.penstock.redis;

import dev.penstock.RateLimiter;
import dev.penstock.RateLimiterContract;
import dev.penstock.WindowsContract;
import java.time.Duration;
import java.time.Instant;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import redis.clients.jedis.RedisClient;
import redis.clients.jedis.UnifiedJedis;

/**
 * The contract of every limiter, on a real server whose script reads the time from a key that the
 * test moves, and lets no key expire.
 */
class RedisRateLimiterContractIT extends RateLimiterContract implements WindowsContract {

  private final String prefix = "contract-" + UUID.randomUUID();

  private UnifiedJedis jedis;
  private ServerClock clock;
  private RedisRateLimiter limiter;

  @BeforeEach
  void connect() {
    jedis = RedisClient.create(SharedRedis.url());
    clock = new ServerClock(jedis, prefix + ":clock");
    limiter =
        RedisRateLimiter.builder(jedis)
            .cheapDenials(Duration.ZERO)
            .script(clock.script())
            .prefix(prefix)
            .build();
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
  public void setWall(Instant time) {
    clock.set(time);
  }

  @Override
  public Duration resolution() {
    return Duration.ofNanos(1000);
  }
}
