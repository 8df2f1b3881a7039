package dev.penstock.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.BucketState;
import dev.penstock.Crowd;
import dev.penstock.Decision;
import dev.penstock.Decision.Source;
import dev.penstock.FailoverMode;
import dev.penstock.Identity;
import dev.penstock.Limit;
import dev.penstock.LimitPolicy;
import dev.penstock.Reservation;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** Limits in shadow that instances share through Redis, and what becomes of them without it. */
class RedisShadowIT {

  private static final Duration SOON = Duration.ofSeconds(10);
  private static final Duration PATIENCE = Duration.ofSeconds(5);
  private static final Identity USER = Identity.user("acme", "u1");
  private static final Identity OTHER = Identity.user("acme", "u2");
  private static final LimitPolicy TEN = LimitPolicy.perIdentity("ten", Limit.perDay(10));
  private static final LimitPolicy FOUR = LimitPolicy.perIdentity("four", Limit.perDay(4));
  private static final LimitPolicy TRIED = TEN.and(FOUR.asShadow());

  private final String prefix = "shadow-" + UUID.randomUUID();

  private RedisRateLimiterBuilder builder(String url) {
    return RedisRateLimiter.builder(url).prefix(prefix).timeout(PATIENCE);
  }

  private static long remaining(Decision decision) {
    return decision.buckets().get(0).remaining();
  }

  private static Decision shadow(Decision decision) {
    return decision.shadow().orElseThrow();
  }

  @Test
  void tryAcquire_shadow_isOneRoundTripAsWithout() {
    try (RedisRateLimiter limiter = builder(SharedRedis.url()).build();
        RedisRateLimiter other = builder(SharedRedis.url()).build()) {
      long before = limiter.statistics().roundTrips();
      for (int i = 0; i < 6; i++) {
        assertThat(shadow(limiter.tryAcquire(USER, TRIED)).permitted()).isEqualTo(i < 4);
      }
      Reservation run = limiter.reserve(OTHER, TRIED);
      assertThat(remaining(shadow(run.decision()))).isEqualTo(3);
      assertThat(limiter.statistics().roundTrips() - before).isEqualTo(7);
      assertThat(remaining(shadow(other.peek(USER, TRIED)))).isZero();
      assertThat(remaining(other.peek(USER, TRIED))).isEqualTo(4);
    }
  }

  /** Equal requests of one batch are one decision of the script, with a count. */
  @Test
  void tryAcquire_manyThreads_areTriedAsFarAsTheyArePermitted() {
    LimitPolicy policy =
        LimitPolicy.perIdentity("crowd", Limit.perDay(100))
            .and(LimitPolicy.perIdentity("crowd", Limit.perDay(40)).asShadow());
    try (RedisRateLimiter limiter = builder(SharedRedis.url()).cheapDenials(Duration.ZERO).build();
        Crowd crowd = new Crowd(16)) {
      List<List<Decision>> decisions =
          crowd.ask(
              thread -> {
                List<Decision> mine = new ArrayList<>();
                for (int i = 0; i < 10; i++) {
                  mine.add(limiter.tryAcquire(USER, policy));
                }
                return mine;
              });
      List<Decision> all = decisions.stream().flatMap(List::stream).toList();
      assertThat(all).filteredOn(Decision::permitted).hasSize(100);
      assertThat(all).filteredOn(each -> each.shadow().isPresent()).hasSize(100);
      assertThat(all).filteredOn(DecisionBuckets::isTried).hasSize(40);
    }
  }

  private static String firstKey(RedisServer server, String pattern) {
    List<?> found = (List<?>) Objects.requireNonNull(server.command("KEYS", pattern));
    return String.valueOf(found.get(0));
  }

  @Test
  void tryAcquire_foreignValueUnderTheKeyOfTheShadow_isDecidedByRedisWithoutIt() {
    try (RedisServer server = RedisServer.start(RedisServer.APPEND_ONLY);
        RedisRateLimiter limiter = builder(server.url()).build()) {
      limiter.tryAcquire(USER, FOUR.asShadow());
      String key = firstKey(server, "*shadow:*four*");
      server.command("SET", key, "not a bucket");
      Decision decision = limiter.tryAcquire(USER, TRIED);
      assertThat(decision.source()).isEqualTo(Source.REDIS);
      assertThat(remaining(decision)).isEqualTo(9);
      assertThat(decision.shadow()).isEmpty();
    }
  }

  @Test
  void tryAcquire_leasedLimits_areServedFromLeases_andTheShadowByItsShare() {
    LimitPolicy hot = LimitPolicy.perIdentity("hot", Limit.perDay(10_000).withLease(1_000));
    LimitPolicy policy = hot.and(LimitPolicy.perIdentity("hot", Limit.perDay(600)).asShadow());
    try (RedisRateLimiter limiter = builder(SharedRedis.url()).build()) {
      int would = 0;
      for (int i = 0; i < 2_000; i++) {
        Decision decision = limiter.tryAcquire(USER, policy);
        assertThat(decision.permitted()).isTrue();
        would += shadow(decision).permitted() ? 1 : 0;
      }
      assertThat(limiter.statistics().leasedDecisions()).isGreaterThan(1_000);
      assertThat(would).isEqualTo(600);
    }
  }

  private static void awaitAway(RedisRateLimiter limiter) {
    Await.until("the outage", SOON, () -> limiter.peek(OTHER, TEN).source() != Source.REDIS);
  }

  private static void awaitBack(RedisRateLimiter limiter) {
    Await.until("the return", SOON, () -> limiter.peek(OTHER, TEN).source() == Source.REDIS);
  }

  @Test
  void local_goesOnFromRedis_andIsCharged() {
    try (RedisServer server = RedisServer.start(RedisServer.APPEND_ONLY);
        RedisRateLimiter limiter = builder(server.url()).build()) {
      assertThat(remaining(shadow(limiter.tryAcquire(USER, TRIED)))).isEqualTo(3);
      server.kill();
      awaitAway(limiter);
      Decision local = limiter.tryAcquire(USER, TRIED, 2);
      assertThat(local.source()).isEqualTo(Source.LOCAL);
      assertThat(shadow(local).source()).isEqualTo(Source.LOCAL);
      assertThat(remaining(local)).isEqualTo(7);
      assertThat(remaining(shadow(local))).isEqualTo(1);
      assertThat(shadow(limiter.tryAcquire(USER, TRIED, 2)).permitted()).isFalse();
      Decision alone = limiter.tryAcquire(OTHER, FOUR.asShadow());
      assertThat(alone.source()).isEqualTo(Source.LOCAL);
      assertThat(alone.buckets()).isEmpty();
      assertThat(remaining(shadow(alone))).isEqualTo(3);
      server.restart();
      awaitBack(limiter);
      Decision back = limiter.tryAcquire(USER, TRIED);
      assertThat(back.source()).isEqualTo(Source.REDIS);
      assertThat(remaining(back)).isEqualTo(4);
      assertThat(shadow(back).permitted()).isTrue();
      assertThat(remaining(shadow(back))).isZero();
    }
  }

  @Test
  void openAndClosed_tryNothing() {
    try (RedisServer server = RedisServer.start(RedisServer.APPEND_ONLY);
        RedisRateLimiter open = builder(server.url()).failover(FailoverMode.OPEN).build();
        RedisRateLimiter closed = builder(server.url()).failover(FailoverMode.CLOSED).build()) {
      server.kill();
      awaitAway(open);
      awaitAway(closed);
      assertThat(open.tryAcquire(USER, TRIED)).isSameAs(Decision.open());
      assertThat(open.tryAcquire(USER, FOUR.asShadow()).permitted()).isTrue();
      assertThat(closed.tryAcquire(USER, TRIED).source()).isEqualTo(Source.CLOSED);
      Decision alone = closed.tryAcquire(USER, FOUR.asShadow());
      assertThat(alone.permitted()).as("a limit in shadow never denies").isTrue();
      assertThat(alone.shadow()).isEmpty();
    }
  }

  @Test
  void slots_heldThroughAnOutage_areKnownToRedisAfterIt() {
    LimitPolicy policy = TEN.and(LimitPolicy.perIdentity("slots", Limit.inFlight(2)).asShadow());
    try (RedisServer server = RedisServer.start(RedisServer.APPEND_ONLY);
        RedisRateLimiter limiter = builder(server.url()).build();
        RedisRateLimiter other = builder(server.url()).build()) {
      Reservation first = limiter.reserve(USER, policy);
      assertThat(remaining(shadow(first.decision()))).isEqualTo(1);
      server.kill();
      awaitAway(limiter);
      Reservation second = limiter.reserve(USER, policy);
      assertThat(shadow(second.decision()).permitted()).isTrue();
      Reservation third = limiter.reserve(USER, policy);
      assertThat(third.permitted()).isTrue();
      assertThat(shadow(third.decision()).permitted()).isFalse();
      server.restart();
      awaitBack(limiter);
      Await.until("both slots", SOON, () -> remaining(shadow(other.peek(USER, policy))) == 0);
      List.of(first, second, third).forEach(Reservation::close);
      Await.until("no slot", SOON, () -> remaining(shadow(other.peek(USER, policy))) == 2);
      assertThat(limiter.peek(USER, policy).buckets())
          .extracting(BucketState::name)
          .containsExactly("ten");
    }
  }
}
