package dev.penstock.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.Crowd;
import dev.penstock.Decision;
import dev.penstock.Decision.Source;
import dev.penstock.FailoverMode;
import dev.penstock.Identity;
import dev.penstock.Limit;
import dev.penstock.LimitPolicy;
import dev.penstock.Partition;
import dev.penstock.PartitionedLimit;
import dev.penstock.RateLimiter;
import dev.penstock.Reservation;
import dev.penstock.metrics.Metrics;
import dev.penstock.redis.wire.RedisKeys;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What becomes of a request without Redis, by its mode, and what Redis is told afterwards. */
class RedisFaultModeIT {

  private static final Limit CLOSED = Limit.perDay(1).withFailover(FailoverMode.CLOSED);
  private static final Duration RETURN = Duration.ofSeconds(2);

  /** A dead server refuses connections at once; a machine that stands still shall be no outage. */
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  private static final Identity USER = Identity.user("user");
  private static final LimitPolicy TEN = LimitPolicy.perIdentity("ten", Limit.perDay(10));
  private static final LimitPolicy OTHER = LimitPolicy.perIdentity("other", Limit.perDay(100));

  private RedisServer server;

  @BeforeEach
  void start() {
    server = RedisServer.start(RedisServer.APPEND_ONLY);
  }

  @AfterEach
  void close() {
    server.close();
  }

  private RedisRateLimiterBuilder builder() {
    return RedisRateLimiter.builder(server.url()).timeout(PATIENCE);
  }

  /** Asks until a decision, which spends nothing, is not by Redis. */
  private static void awaitAway(RedisRateLimiter limiter) {
    Await.until("the outage", RETURN, () -> !limiter.statistics().available() || ask(limiter));
  }

  private static boolean ask(RedisRateLimiter limiter) {
    limiter.peek(Identity.user("nobody"), OTHER, 1);
    return false;
  }

  private static void awaitBack(RedisRateLimiter limiter) {
    Await.until("the return", RETURN, () -> limiter.statistics().available());
  }

  private static int permitted(RedisRateLimiter limiter, int requests, Source source) {
    int permitted = 0;
    for (int i = 0; i < requests; i++) {
      Decision decision = limiter.tryAcquire(USER, TEN, 1);
      assertThat(decision.source()).isEqualTo(source);
      permitted += decision.permitted() ? 1 : 0;
    }
    return permitted;
  }

  @Test
  void local_alone_goesOnFromRedis_andIsCharged() {
    try (RedisRateLimiter limiter = builder().build()) {
      assertThat(permitted(limiter, 3, Source.REDIS)).isEqualTo(3);
      server.kill();
      awaitAway(limiter);
      assertThat(permitted(limiter, 2, Source.LOCAL)).isEqualTo(2);
      server.restart();
      awaitBack(limiter);
      Decision next = limiter.tryAcquire(USER, TEN, 1);
      assertThat(next.source()).isEqualTo(Source.REDIS);
      assertThat(next.buckets().get(0).remaining()).isEqualTo(4);
      assertThat(permitted(limiter, 10, Source.REDIS)).isEqualTo(4);
    }
  }

  @Test
  void local_oneOfTwo_spendsHalf_andRedisIsChargedForBoth() {
    try (RedisRateLimiter one = builder().instances(2).build();
        RedisRateLimiter two = builder().instances(2).build()) {
      server.kill();
      awaitAway(one);
      awaitAway(two);
      assertThat(permitted(one, 10, Source.LOCAL)).isEqualTo(5);
      assertThat(permitted(two, 3, Source.LOCAL)).isEqualTo(3);
      server.restart();
      awaitBack(one);
      awaitBack(two);
      assertThat(one.tryAcquire(USER, TEN, 1).buckets().get(0).remaining()).isEqualTo(4);
      assertThat(two.tryAcquire(USER, TEN, 1).buckets().get(0).remaining()).isEqualTo(0);
      assertThat(permitted(one, 5, Source.REDIS)).isZero();
    }
  }

  @Test
  void local_costThatOnlyTheWholeLimitCanPay_isDeniedWithoutATime() {
    LimitPolicy minute = LimitPolicy.perIdentity("minute", Limit.perMinute(10));
    try (RedisRateLimiter limiter = builder().instances(3).build()) {
      server.kill();
      awaitAway(limiter);
      Decision later = limiter.tryAcquire(USER, minute, 5);
      assertThat(later.source()).isEqualTo(Source.LOCAL);
      assertThat(later.permitted()).isFalse();
      assertThat(later.never()).isFalse();
      assertThat(later.retryAfter()).isEmpty();
      assertThat(limiter.peek(USER, minute, 5).never()).isFalse();
      assertThat(limiter.tryAcquire(USER, minute, 11).never()).isTrue();
      assertThat(limiter.tryAcquire(USER, minute, 3).permitted()).isTrue();
      server.restart();
      awaitBack(limiter);
      assertThat(limiter.tryAcquire(USER, minute, 5).permitted()).isTrue();
    }
  }

  @Test
  void openAndClosed_areCountedBySource() {
    Metrics metrics = Metrics.of();
    try (RedisRateLimiter limiter = builder().failover(FailoverMode.OPEN).build()) {
      RateLimiter counted = limiter.listening(metrics);
      server.kill();
      awaitAway(limiter);
      counted.tryAcquire(USER, TEN);
      counted.tryAcquire(USER, LimitPolicy.perIdentity("closed", CLOSED));
    }
    assertThat(metrics.prometheusText())
        .contains(
            "{outcome=\"permitted\",reason=\"failover\",source=\"open\"} 1\n",
            "{outcome=\"denied\",reason=\"failover\",source=\"closed\"} 1\n");
  }

  @Test
  void local_spentTwiceOver_deniedAndChargedAllTheSame() {
    try (RedisRateLimiter one = builder().build();
        RedisRateLimiter two = builder().build()) {
      server.kill();
      awaitAway(one);
      awaitAway(two);
      assertThat(permitted(one, 10, Source.LOCAL)).isEqualTo(10);
      assertThat(permitted(two, 10, Source.LOCAL)).isEqualTo(10);
      server.restart();
      awaitBack(one);
      awaitBack(two);
      assertThat(one.tryAcquire(USER, TEN, 1).permitted()).isFalse();
      Decision denied = two.tryAcquire(USER, TEN, 1);
      assertThat(denied.source()).isEqualTo(Source.REDIS);
      assertThat(denied.permitted()).isFalse();
      assertThat(denied.retryAfterNanos())
          .isGreaterThan(Duration.ofDays(1).plusMinutes(140).toNanos());
    }
  }

  @Test
  void open_letsPass() {
    try (RedisRateLimiter limiter = builder().failover(FailoverMode.OPEN).build()) {
      server.kill();
      awaitAway(limiter);
      assertThat(permitted(limiter, 50, Source.OPEN)).isEqualTo(50);
      server.restart();
      awaitBack(limiter);
      assertThat(permitted(limiter, 20, Source.REDIS)).isEqualTo(10);
    }
  }

  @Test
  void closed_turnsAway_andSaysForHowLong() {
    try (RedisRateLimiter limiter = builder().failover(FailoverMode.CLOSED).build()) {
      server.kill();
      awaitAway(limiter);
      assertThat(permitted(limiter, 50, Source.CLOSED)).isZero();
      assertThat(limiter.tryAcquire(USER, TEN, 1).retryAfter())
          .hasValueSatisfying(wait -> assertThat(wait).isBetween(Duration.ofMillis(1), RETURN));
      server.restart();
      awaitBack(limiter);
      assertThat(permitted(limiter, 20, Source.REDIS)).isEqualTo(10);
    }
  }

  @Test
  void modes_atTheLimits_applyToThem() {
    try (RedisRateLimiter limiter = builder().build()) {
      LimitPolicy open =
          LimitPolicy.perIdentity("open", Limit.perDay(1).withFailover(FailoverMode.OPEN));
      LimitPolicy closed = LimitPolicy.perIdentity("closed", CLOSED);
      server.kill();
      awaitAway(limiter);
      assertThat(limiter.tryAcquire(USER, open, 1).source()).isEqualTo(Source.OPEN);
      assertThat(limiter.tryAcquire(USER, TEN, 1).source()).isEqualTo(Source.LOCAL);
      assertThat(limiter.tryAcquire(USER, open.and(TEN), 1).source()).isEqualTo(Source.LOCAL);
      Decision both = limiter.tryAcquire(USER, TEN.and(closed), 1);
      assertThat(both.source()).isEqualTo(Source.CLOSED);
      assertThat(both.permitted()).isFalse();
      assertThat(limiter.tryAcquire(USER, TEN, 1).buckets().get(0).remaining()).isEqualTo(7);
    }
  }

  private static String key(Identity identity) {
    PartitionedLimit limit = new PartitionedLimit("ten", Limit.perDay(10), Partition.IDENTITY);
    return new RedisKeys("penstock", false).key(limit, identity);
  }

  @Test
  void foreignString_isKept_andTheDecisionIsLocal() {
    checkForeign(() -> server.command("SET", key(USER), "not a bucket"));
    assertThat(server.command("GET", key(USER))).isEqualTo("not a bucket");
    assertThat(server.command("PTTL", key(USER))).isEqualTo(-1L);
  }

  @Test
  void foreignType_isKept_andTheDecisionIsLocal() {
    checkForeign(
        () -> {
          server.command("DEL", key(USER));
          server.command("RPUSH", key(USER), "a", "b");
        });
    assertThat(server.command("LRANGE", key(USER), "0", "-1")).isEqualTo(List.of("a", "b"));
    assertThat(server.command("PTTL", key(USER))).isEqualTo(-1L);
  }

  /** One bucket alone is affected, however often it is asked for. */
  private void checkForeign(Runnable overwriting) {
    try (RedisRateLimiter limiter = builder().build();
        Crowd crowd = new Crowd(8)) {
      Reservation run = limiter.reserve(USER, TEN);
      overwriting.run();
      run.cancel();
      assertThat(
              crowd.ask(thread -> permitted(limiter, 20, Source.LOCAL)).stream()
                  .mapToInt(Integer::intValue)
                  .sum())
          .isEqualTo(9);
      limiter.peek(USER, TEN, 1);
      Decision other = limiter.tryAcquire(Identity.user("other"), TEN, 1);
      assertThat(other.source()).isEqualTo(Source.REDIS);
      assertThat(limiter.statistics().available()).isTrue();
      System.out.println("Fault foreign value: " + limiter.statistics());
    }
  }
}
