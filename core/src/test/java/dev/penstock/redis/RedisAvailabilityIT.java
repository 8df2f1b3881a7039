package dev.penstock.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.Decision;
import dev.penstock.Identity;
import dev.penstock.Limit;
import dev.penstock.LimitPolicy;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

/** Whoever is told that Redis is gone or back may fail, and Redis is found again all the same. */
class RedisAvailabilityIT {

  private static final Duration SOON = Duration.ofSeconds(10);
  private static final Identity USER = Identity.user("acme", "u1");
  private static final LimitPolicy AMPLE = LimitPolicy.perIdentity("ample", Limit.perSecond(9999));

  @Test
  void onAvailability_listenerThatEndsInAnError_isToldOfBothAndKeepsNobodyFromRedis() {
    List<Boolean> changes = new CopyOnWriteArrayList<>();
    try (RedisServer server = RedisServer.start();
        RedisRateLimiter limiter =
            RedisRateLimiter.builder(server.url())
                .onAvailability(
                    available -> {
                      changes.add(available);
                      throw new NoClassDefFoundError("com/example/Pager");
                    })
                .build()) {
      server.kill();
      Await.until("failover", SOON, () -> isDecidedBy(Decision.Source.LOCAL, limiter, changes));
      server.restartEmpty();
      Await.until("Redis", SOON, () -> isDecidedBy(Decision.Source.REDIS, limiter, changes));
      assertThat(changes).containsExactly(false, true);
    }
  }

  /** Returns whether requests are decided so, and somebody has been told of a change. */
  private static boolean isDecidedBy(
      Decision.Source source, RedisRateLimiter limiter, List<Boolean> changes) {
    return limiter.tryAcquire(USER, AMPLE).source() == source && !changes.isEmpty();
  }
}
