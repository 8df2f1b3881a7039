package dev.penstock.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.BucketState;
import dev.penstock.CalendarUnit;
import dev.penstock.Cost;
import dev.penstock.Crowd;
import dev.penstock.Decision;
import dev.penstock.Decision.Source;
import dev.penstock.Identity;
import dev.penstock.Limit;
import dev.penstock.LimitPolicy;
import dev.penstock.Reservation;
import dev.penstock.redis.wire.RedisKeys;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import redis.clients.jedis.RedisClient;
import redis.clients.jedis.UnifiedJedis;

/** Windows that several instances share, whose clocks differ from each other and from Redis's. */
class RedisWindowsIT {

  private static final Identity USER = Identity.user("acme", "u1");
  private static final Limit DAY = Limit.fixedWindow(10, CalendarUnit.DAY, ZoneOffset.UTC);
  private static final LimitPolicy TEN = LimitPolicy.perIdentity("day", DAY);
  private static final Instant MIDNIGHT = Instant.parse("2026-05-05T00:00:00Z");

  private final String prefix = "windows-" + UUID.randomUUID();
  private final List<RedisRateLimiter> limiters = new ArrayList<>();

  private UnifiedJedis jedis;
  private ServerClock clock;

  @BeforeEach
  void connect() {
    jedis = RedisClient.create(SharedRedis.url());
    clock = new ServerClock(jedis, prefix + ":clock");
  }

  @AfterEach
  void disconnect() {
    limiters.forEach(RedisRateLimiter::close);
    jedis.close();
  }

  /** Returns an instance whose own clock stands at a time. */
  private RedisRateLimiter instance(Instant wall) {
    RedisRateLimiter limiter =
        RedisRateLimiter.builder(jedis)
            .cheapDenials(Duration.ZERO)
            .script(clock.script())
            .wallClock(() -> wall)
            .prefix(prefix)
            .build();
    limiters.add(limiter);
    return limiter;
  }

  private static BucketState take(RedisRateLimiter limiter, LimitPolicy policy, long tokens) {
    Decision decision = limiter.tryAcquire(USER, policy, tokens);
    assertThat(decision.source()).isEqualTo(Source.REDIS);
    return decision.buckets().get(0);
  }

  @Test
  void twoInstances_clocksThreeSecondsApartAtMidnight_goByRedis() {
    clock.set(MIDNIGHT.minusSeconds(1));
    RedisRateLimiter early = instance(MIDNIGHT.minusSeconds(3));
    RedisRateLimiter late = instance(MIDNIGHT.plusSeconds(1));
    assertThat(take(early, TEN, 6).permitted()).isTrue();
    assertThat(take(late, TEN, 4).permitted()).isTrue();
    assertThat(take(late, TEN, 1).retryAfter()).contains(Duration.ofSeconds(1));
    assertThat(take(early, TEN, 1).permitted()).isFalse();
    clock.advanceMicros(1_000_000);
    assertThat(take(early, TEN, 6).permitted()).isTrue();
    assertThat(take(late, TEN, 6).permitted()).isFalse();
    assertThat(take(late, TEN, 4).resetAfter()).contains(Duration.ofDays(1));
    assertThat(early.statistics().calls()).isEqualTo(early.statistics().roundTrips());
  }

  @Test
  void clientClock_offByDays_isAskedAgainOnceAndNeverAfter() {
    clock.set(MIDNIGHT.plusSeconds(5));
    for (Duration off :
        new Duration[] {Duration.ofDays(-3), Duration.ofDays(1), Duration.ofDays(400)}) {
      RedisRateLimiter limiter = instance(MIDNIGHT.plus(off));
      long before = limiter.statistics().roundTrips();
      assertThat(take(limiter, TEN, 1).permitted()).isTrue();
      long once = off.equals(Duration.ofDays(1)) ? 1 : 2;
      assertThat(limiter.statistics().roundTrips() - before).as("%s", off).isEqualTo(once);
      assertThat(take(limiter, TEN, 1).permitted()).isTrue();
      assertThat(limiter.statistics().roundTrips() - before).as("%s", off).isEqualTo(once + 1);
    }
    assertThat(take(limiters.get(0), TEN, 1).remaining()).isEqualTo(3);
  }

  @Test
  void reservation_ofTheDayBefore_givesNothingToThisOne() {
    clock.set(MIDNIGHT.minusSeconds(1));
    RedisRateLimiter limiter = instance(MIDNIGHT);
    Reservation run = limiter.reserve(USER, TEN, Cost.of(5));
    Reservation unaware = limiter.reserve(USER, TEN, Cost.of(2));
    clock.set(MIDNIGHT.plusSeconds(1));
    assertThat(take(instance(MIDNIGHT), TEN, 7).permitted()).isTrue();
    unaware.cancel();
    assertThat(take(limiter, TEN, 1).remaining()).isEqualTo(2);
    run.cancel();
    assertThat(take(limiter, TEN, 2).remaining()).isZero();
  }

  @Test
  void reservation_cancelledByOneOfSeveral_putsBackItsOwn() {
    clock.set(MIDNIGHT);
    LimitPolicy hour =
        LimitPolicy.perIdentity("hour", Limit.slidingWindow(10, Duration.ofHours(1)));
    RedisRateLimiter one = instance(MIDNIGHT);
    RedisRateLimiter two = instance(MIDNIGHT.plusSeconds(3));
    Reservation run = one.reserve(USER, hour, Cost.of(4));
    assertThat(take(two, hour, 6).permitted()).isTrue();
    run.settle(Cost.of(1));
    assertThat(take(two, hour, 4).permitted()).isFalse();
    assertThat(take(two, hour, 3).permitted()).isTrue();
    run.cancel();
    assertThat(take(one, hour, 1).remaining()).isZero();
  }

  @Test
  void manyAtOnce_ofSeveralCosts_takeWhatTheyArePermittedAndNoMore() {
    clock.set(MIDNIGHT);
    LimitPolicy both =
        LimitPolicy.perIdentity("day", Limit.fixedWindow(200, CalendarUnit.DAY, ZoneOffset.UTC))
            .and(LimitPolicy.perWorkspace("hour", Limit.slidingWindow(180, Duration.ofHours(1))));
    RedisRateLimiter limiter = instance(MIDNIGHT.minus(Duration.ofDays(9)));
    try (Crowd crowd = new Crowd(16)) {
      List<Integer> permitted =
          crowd.ask(
              thread -> {
                int mine = 0;
                for (int i = 0; i < 30; i++) {
                  int cost = 1 + (thread + i) % 3;
                  mine += limiter.tryAcquire(USER, both, cost).permitted() ? cost : 0;
                }
                return mine;
              });
      assertThat(permitted.stream().mapToInt(Integer::intValue).sum()).isEqualTo(180);
    }
    Decision after = limiter.peek(USER, both);
    assertThat(after.buckets()).extracting(BucketState::remaining).containsExactly(20L, 0L);
  }

  @Test
  void denial_redisHasJustSaidSo_isRepeatedHere() {
    clock.set(MIDNIGHT);
    try (RedisRateLimiter limiter =
        RedisRateLimiter.builder(jedis).script(clock.script()).prefix(prefix).build()) {
      assertThat(take(limiter, TEN, 8).permitted()).isTrue();
      assertThat(take(limiter, TEN, 3).permitted()).isFalse();
      BucketState denied = take(limiter, TEN, 3);
      assertThat(limiter.statistics().cheapDenials()).isEqualTo(2);
      assertThat(denied.remaining()).isEqualTo(2);
      assertThat(denied.retryAfter())
          .hasValueSatisfying(
              time -> assertThat(time).isBetween(Duration.ofHours(23), Duration.ofHours(24)));
      assertThat(take(limiter, TEN, 2).permitted()).isTrue();
      assertThat(take(limiter, TEN, 11).never()).isTrue();
    }
  }

  @Test
  void key_ofAnotherValueAsLong_isLeftAsItIs() {
    clock.set(MIDNIGHT);
    RedisRateLimiter limiter = instance(MIDNIGHT);
    for (Limit limit : new Limit[] {Limit.perDay(10), DAY}) {
      LimitPolicy policy = LimitPolicy.perIdentity("foreign", limit);
      String key = new RedisKeys(prefix, false).key(policy.limits(USER).get(0), USER);
      jedis.set(key, "a text of thirty-three characters");
      assertThat(limiter.tryAcquire(USER, policy).source()).isEqualTo(Source.LOCAL);
      assertThat(jedis.get(key)).hasSize(33).startsWith("a text");
    }
  }

  @Test
  void key_ofAWindow_endsWhenItCountsNoMore() {
    LimitPolicy hour =
        LimitPolicy.perIdentity("hour", Limit.slidingWindow(10, Duration.ofHours(1)));
    try (RedisRateLimiter limiter =
        RedisRateLimiter.builder(jedis).prefix(prefix + "-life").build()) {
      limiter.tryAcquire(USER, TEN);
      limiter.tryAcquire(USER, hour);
    }
    assertThat(life("day")).isBetween(Duration.ZERO, Duration.ofDays(1));
    assertThat(life("hour")).isBetween(Duration.ofHours(1), Duration.ofHours(2));
  }

  private Duration life(String name) {
    String key = jedis.keys(prefix + "-life*:" + name + ":*").iterator().next();
    return Duration.ofMillis(jedis.pttl(key));
  }
}
