package dev.penstock.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.Ban;
import dev.penstock.BucketState;
import dev.penstock.Decision;
import dev.penstock.Decision.Source;
import dev.penstock.FailoverMode;
import dev.penstock.Identity;
import dev.penstock.Limit;
import dev.penstock.LimitPolicy;
import dev.penstock.RateLimiter;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import redis.clients.jedis.RedisClient;
import redis.clients.jedis.UnifiedJedis;

/** Bans that instances share through Redis, and what becomes of them while it is away. */
class RedisBanIT {

  private static final Duration SOON = Duration.ofSeconds(10);
  private static final Duration PATIENCE = Duration.ofSeconds(5);
  private static final Identity USER = Identity.user("acme", "u1");
  private static final Identity OTHER = Identity.user("acme", "u2");
  private static final LimitPolicy ONE = LimitPolicy.perIdentity("one", Limit.perDay(1));
  private static final LimitPolicy HOT = LimitPolicy.perIdentity("hot", Limit.perDay(10_000));
  private static final LimitPolicy LEASED =
      LimitPolicy.perIdentity("hot", Limit.perDay(10_000).withLease(1000));
  private static final int INSTANCES = 4;
  private static final Duration AN_HOUR = Duration.ofHours(1);
  private static final Ban HOUR = Ban.after(3, AN_HOUR).lasting(AN_HOUR);

  private final String prefix = "ban-" + UUID.randomUUID();

  private RedisRateLimiterBuilder builder(String url) {
    return RedisRateLimiter.builder(url).prefix(prefix).timeout(PATIENCE);
  }

  private static void denyUntilBanned(RateLimiter banning) {
    for (int i = 0; i < 4; i++) {
      banning.tryAcquire(USER, ONE);
    }
    Await.until("the ban", SOON, () -> banning.peek(USER, HOT).banned());
  }

  @Test
  void tryAcquire_bannedByAnotherInstance_isDeniedHere() {
    try (RedisRateLimiter one = builder(SharedRedis.url()).build();
        RedisRateLimiter two = builder(SharedRedis.url()).build()) {
      denyUntilBanned(one.banning(HOUR));
      RateLimiter banning = two.banning(HOUR);
      Decision banned = banning.tryAcquire(USER, HOT);
      assertThat(banned.banned()).isTrue();
      assertThat(banned.retryAfter().orElseThrow())
          .isBetween(Duration.ofMinutes(59), Duration.ofHours(1));
      HOUR.lift(banning, USER);
      assertThat(banning.tryAcquire(USER, HOT).permitted()).isTrue();
      assertThat(banning.tryAcquire(OTHER, HOT).permitted()).isTrue();
    }
  }

  @Test
  void tryAcquire_permitted_isOneRoundTripAsWithoutABan() {
    try (RedisRateLimiter limiter = builder(SharedRedis.url()).build()) {
      RateLimiter banning = limiter.banning(HOUR);
      long before = limiter.statistics().roundTrips();
      for (int i = 0; i < 20; i++) {
        assertThat(banning.tryAcquire(USER, HOT).permitted()).isTrue();
      }
      assertThat(limiter.statistics().roundTrips() - before).isEqualTo(20);
    }
  }

  @Test
  void tryAcquire_leased_isServedFromTheLease_untilTheIdentityIsBannedElsewhere() {
    try (RedisRateLimiter limiter = builder(SharedRedis.url()).build();
        RedisRateLimiter other = builder(SharedRedis.url()).build()) {
      RateLimiter banning = limiter.banning(HOUR);
      Await.until(
          "a lease",
          SOON,
          () -> {
            banning.tryAcquire(USER, LEASED);
            return limiter.statistics().leasedDecisions() > 100;
          });
      assertThat(banning.tryAcquire(USER, LEASED).buckets())
          .extracting(BucketState::name)
          .containsExactly("hot");
      denyUntilBanned(other.banning(HOUR));
      Await.until("the ban", SOON, () -> banning.tryAcquire(USER, LEASED).banned());
    }
  }

  @Test
  void tryAcquire_bannedHereWithTokensInHand_isDeniedAtOnce() {
    try (RedisRateLimiter limiter = builder(SharedRedis.url()).build()) {
      RateLimiter banning = limiter.banning(HOUR, Runnable::run);
      Await.until(
          "a lease",
          SOON,
          () -> {
            banning.tryAcquire(USER, LEASED);
            return limiter.statistics().leasedDecisions() > 100;
          });
      for (int i = 0; i < 4; i++) {
        assertThat(banning.tryAcquire(USER, ONE).banned()).isFalse();
      }
      assertThat(banning.tryAcquire(USER, LEASED).banned()).isTrue();
    }
  }

  /** Nobody asks Redis for the bans of each of those who share a lease. */
  @Test
  void tryAcquire_leasedLimitsAreAllShared_asksRedis() {
    LimitPolicy shared = LimitPolicy.perWorkspace("hot", Limit.perDay(100_000).withLease(1000));
    try (RedisRateLimiter limiter = builder(SharedRedis.url()).build()) {
      RateLimiter banning = limiter.banning(HOUR);
      for (int i = 0; i < 100; i++) {
        assertThat(banning.tryAcquire(USER, shared).permitted()).isTrue();
      }
      assertThat(limiter.statistics().leasedDecisions()).isZero();
    }
  }

  private static void awaitAway(RateLimiter limiter) {
    Await.until("the outage", SOON, () -> limiter.peek(OTHER, HOT).source() != Source.REDIS);
  }

  private static void awaitBack(RateLimiter limiter) {
    Await.until("the return", SOON, () -> limiter.peek(OTHER, HOT).source() == Source.REDIS);
  }

  @Test
  void local_bannedBeforeOrDuringAnOutage_isBannedThroughIt() {
    try (RedisServer server = RedisServer.start(RedisServer.APPEND_ONLY);
        RedisRateLimiter limiter = builder(server.url()).instances(3).build()) {
      RateLimiter banning = limiter.banning(HOUR);
      denyUntilBanned(banning);
      server.kill();
      awaitAway(banning);
      Decision before = banning.tryAcquire(USER, HOT);
      assertThat(before.source()).isEqualTo(Source.LOCAL);
      assertThat(before.banned()).isTrue();
      assertThat(before.retryAfter().orElseThrow())
          .isBetween(Duration.ofMinutes(59), Duration.ofHours(1));
      for (int i = 0; i < 4; i++) {
        banning.tryAcquire(OTHER, ONE);
      }
      Await.until("the ban", SOON, () -> banning.peek(OTHER, HOT).banned());
      assertThat(banning.tryAcquire(OTHER, HOT).retryAfter().orElseThrow())
          .isBetween(Duration.ofMinutes(59), Duration.ofHours(1));
      server.restart();
      awaitBack(banning);
      for (Identity identity : new Identity[] {USER, OTHER}) {
        Decision after = banning.tryAcquire(identity, HOT);
        assertThat(after.source()).isEqualTo(Source.REDIS);
        assertThat(after.banned()).isTrue();
        assertThat(after.retryAfter().orElseThrow())
            .isBetween(Duration.ofMinutes(59), Duration.ofHours(1));
      }
      HOUR.lift(banning, OTHER);
      assertThat(banning.tryAcquire(OTHER, HOT).permitted()).isTrue();
    }
  }

  /**
   * Each bans by itself, as nobody can tell it of the others, and on the return each says so to
   * Redis, where a bucket owes no more than two refills.
   */
  @Test
  void local_bannedByEveryInstance_isBannedAtMostTwiceAsLongFromTheReturn() {
    try (RedisServer server = RedisServer.start();
        FaultProxy proxy = FaultProxy.to(server.port());
        UnifiedJedis jedis = RedisClient.create(server.url())) {
      ServerClock clock = new ServerClock(jedis, prefix + ":clock");
      List<RedisRateLimiter> fleet =
          Stream.generate(() -> instance(proxy.url(), clock)).limit(INSTANCES).toList();
      List<RateLimiter> banning =
          fleet.stream().map(limiter -> limiter.banning(HOUR, Runnable::run)).toList();
      proxy.cut();
      banning.forEach(RedisBanIT::awaitAway);
      banning.forEach(RedisBanIT::denyUntilBanned);
      proxy.pass();
      banning.forEach(RedisBanIT::awaitBack);
      for (RateLimiter each : banning) {
        Decision banned = each.tryAcquire(USER, HOT);
        assertThat(banned.source()).isEqualTo(Source.REDIS);
        assertThat(banned.banned()).isTrue();
        assertThat(banned.retryAfter().orElseThrow()).isLessThanOrEqualTo(AN_HOUR.multipliedBy(2));
      }
      clock.advanceMicros(AN_HOUR.multipliedBy(2).toNanos() / 1000);
      for (RateLimiter each : banning) {
        // By what the clocks of the processes have gone on meanwhile, it may be a little longer.
        Await.until(
            "the end of the ban",
            SOON,
            () -> {
              clock.advanceMicros(1_000);
              return each.tryAcquire(USER, HOT).permitted();
            });
      }
      fleet.forEach(RedisRateLimiter::close);
    }
  }

  private RedisRateLimiter instance(String url, ServerClock clock) {
    return builder(url)
        .instances(INSTANCES)
        .cheapDenials(Duration.ZERO)
        .script(clock.script())
        .build();
  }

  @Test
  void open_bannedBefore_isBannedThroughTheOutage_andNobodyElseIs() {
    try (RedisServer server = RedisServer.start(RedisServer.APPEND_ONLY);
        RedisRateLimiter limiter = builder(server.url()).failover(FailoverMode.OPEN).build()) {
      RateLimiter banning = limiter.banning(HOUR);
      denyUntilBanned(banning);
      server.kill();
      awaitAway(banning);
      assertThat(banning.tryAcquire(USER, HOT).banned()).isTrue();
      for (int i = 0; i < 20; i++) {
        assertThat(banning.tryAcquire(OTHER, ONE)).isSameAs(Decision.open());
      }
    }
  }

  @Test
  void closed_turnsAwayForAWhile_andBansNobodyForIt() {
    try (RedisServer server = RedisServer.start(RedisServer.APPEND_ONLY);
        RedisRateLimiter limiter = builder(server.url()).failover(FailoverMode.CLOSED).build()) {
      RateLimiter banning = limiter.banning(HOUR);
      server.kill();
      awaitAway(banning);
      for (int i = 0; i < 20; i++) {
        Decision decision = banning.tryAcquire(USER, HOT);
        assertThat(decision.source()).isEqualTo(Source.CLOSED);
        assertThat(decision.banned()).isFalse();
      }
      server.restart();
      awaitBack(banning);
      assertThat(banning.tryAcquire(USER, HOT).permitted()).isTrue();
    }
  }
}
