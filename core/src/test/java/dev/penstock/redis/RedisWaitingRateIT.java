package dev.penstock.redis;

import dev.penstock.RateLimiter;
import dev.penstock.WaitingContract;
import java.time.Duration;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;

class RedisWaitingRateIT extends WaitingContract {

  private final RedisRateLimiter limiter =
      RedisRateLimiter.builder(SharedRedis.url())
          .timeout(Duration.ofSeconds(10))
          .cheapDenials(Duration.ZERO)
          .prefix("waiting-" + UUID.randomUUID())
          .build();

  @AfterEach
  void close() {
    limiter.close();
  }

  @Override
  protected RateLimiter limiter() {
    return limiter;
  }
}
