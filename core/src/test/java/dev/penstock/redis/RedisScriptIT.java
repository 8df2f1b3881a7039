package dev.penstock.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.BucketState;
import dev.penstock.Cost;
import dev.penstock.Decision;
import dev.penstock.Identity;
import dev.penstock.Limit;
import dev.penstock.LimitPolicy;
import dev.penstock.Reservation;
import dev.penstock.TokenBucketLimit;
import dev.penstock.base.Inside;
import dev.penstock.redis.wire.RedisKeys;
import dev.penstock.redis.wire.RedisScript;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import redis.clients.jedis.RedisClient;
import redis.clients.jedis.UnifiedJedis;

/** What the script leaves on a real server, and what it costs there. */
class RedisScriptIT {

  private static final Duration SOON = Duration.ofSeconds(10);
  private static final Identity USER = Identity.user("acme", "u1");
  private static final Duration MINUTE = Duration.ofMinutes(1);
  private static final Limit TEN = Limit.perMinute(10);
  private static final LimitPolicy POLICY = LimitPolicy.perIdentity("ten", TEN);

  private static RedisServer server;

  private final String prefix = "script-" + UUID.randomUUID();
  private final RedisKeys keys = new RedisKeys(prefix, false);

  private UnifiedJedis jedis;
  private RedisRateLimiter limiter;

  @BeforeAll
  static void start() {
    server = RedisServer.start();
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @BeforeEach
  void connect() {
    jedis = RedisClient.create(server.url());
    limiter = RedisRateLimiter.builder(jedis).prefix(prefix).cheapDenials(Duration.ZERO).build();
  }

  @AfterEach
  void disconnect() {
    limiter.close();
    jedis.close();
  }

  private String key(LimitPolicy policy) {
    return keys.key(policy.limits(USER).get(0), USER);
  }

  private static long calls(String command) {
    Map<String, String> statistics = server.info("commandstats");
    String counted = statistics.getOrDefault("cmdstat_" + command, "calls=0,");
    return Long.parseLong(counted.substring("calls=".length(), counted.indexOf(',')));
  }

  private static long writes() {
    return calls("set") + calls("del");
  }

  /** Returns, of one moment, the microseconds until the bucket is full and those of the key. */
  private List<Long> lives(String key) {
    String script = "local t = redis.call('TIME') return {t[1], t[2], redis.call('PTTL', KEYS[1])}";
    List<?> reply = (List<?>) jedis.eval(script, List.of(key), List.of());
    long now = Long.parseLong(text(reply, 0)) * 1_000_000 + Long.parseLong(text(reply, 1));
    return List.of(value(key).fullAtMicros() - now, Long.parseLong(text(reply, 2)) * 1000);
  }

  private ScriptBytes.Value value(String key) {
    return ScriptBytes.value(jedis.get(key.getBytes(StandardCharsets.UTF_8)));
  }

  private static String text(List<?> reply, int index) {
    return Objects.requireNonNull(reply.get(index)).toString();
  }

  @ParameterizedTest
  @CsvSource({
    "1, 1, PT0.000001S",
    "10000000, 10000000, PT1M",
    "1, 1, PT24H",
    "7, 7, PT1S",
    "1, 1, P3653D",
    "999999999999999, 999999999999999, P3500D"
  })
  void write_anyLimit_isOf21BytesAndLivesForMillisecondsRoundedUp(
      long capacity, long refill, Duration period) {
    Limit limit = Limit.of(capacity, refill, period);
    LimitPolicy policy = LimitPolicy.perIdentity("size", limit);
    // The tiniest bucket is full again before it can be looked at, so what is written is kept
    // aside.
    String keep =
        """
        local function keep(key, value, px, life)
          redis.call('MSET', '%s', value, '%s', life)
          redis.call('SET', key, value, px, life)
        end
        """
            .formatted(prefix, prefix + ":life");
    String script = keep + RedisScript.resource().replace("redis.call('SET', key", "keep(key");
    try (RedisRateLimiter written =
        RedisRateLimiter.builder(jedis).prefix(prefix).script(script).build()) {
      assertThat(written.tryAcquire(USER, policy, capacity).permitted()).isTrue();
    }
    ScriptBytes.Value value = value(prefix);
    assertThat(value.form()).isEqualTo(1);
    assertThat(value.fillNanos()).isEqualTo(Inside.nanosToFill(limit));
    long millis = (Inside.nanosToFill(limit) + 999_999) / 1_000_000;
    assertThat(jedis.get(prefix + ":life")).isEqualTo(Long.toString(millis));
  }

  @Test
  void key_everyOne_endsWhenItsBucketIsFull() {
    LimitPolicy three =
        POLICY
            .and(LimitPolicy.perWorkspace("workspace", Limit.perDay(1)))
            .and(LimitPolicy.everyone("everyone", Limit.of(1, 1, Duration.ofDays(3_653))));
    limiter.tryAcquire(USER, three);
    List<String> written = three.limits(USER).stream().map(limit -> keys.key(limit, USER)).toList();
    assertThat(jedis.keys(prefix + "*")).containsAll(written);
    for (String key : written) {
      List<Long> lives = lives(key);
      long slack = lives.get(1) - lives.get(0);
      assertThat(slack).as("life of the key beyond its bucket's, us").isBetween(-1_000L, 5_000L);
    }
    for (String key : jedis.keys(prefix + "*")) {
      assertThat(jedis.pttl(key)).as(key).isNotEqualTo(-1);
    }
  }

  @Test
  void key_fullBucket_isGone() {
    LimitPolicy quick = LimitPolicy.perIdentity("quick", Limit.of(1, 1, Duration.ofMillis(40)));
    assertThat(limiter.tryAcquire(USER, quick).permitted()).isTrue();
    assertThat(jedis.pttl(key(quick))).isBetween(-2L, 40L);
    Await.until("the end of a key", SOON, () -> !jedis.exists(key(quick)));
    assertThat(limiter.tryAcquire(USER, quick).permitted()).isTrue();
  }

  @Test
  void denial_writesNothing() {
    limiter.tryAcquire(USER, POLICY, 10);
    ScriptBytes.Value value = value(key(POLICY));
    long before = writes();
    for (int i = 0; i < 50; i++) {
      assertThat(limiter.tryAcquire(USER, POLICY, 5).permitted()).isFalse();
      assertThat(limiter.tryAcquire(USER, POLICY, 11).never()).isTrue();
    }
    assertThat(writes()).isEqualTo(before);
    assertThat(value(key(POLICY))).isEqualTo(value);
    List<Long> lives = lives(key(POLICY));
    assertThat(lives.get(1) - lives.get(0)).isBetween(-1_000L, 5_000L);
  }

  @Test
  void denial_byOneOfTwo_writesNeither() {
    LimitPolicy both = POLICY.and(LimitPolicy.perWorkspace("five", Limit.perMinute(5)));
    long before = writes();
    assertThat(limiter.tryAcquire(USER, both, 6).permitted()).isFalse();
    assertThat(writes()).isEqualTo(before);
    assertThat(jedis.exists(key(POLICY))).isFalse();
  }

  @Test
  void denial_limitChanged_writesNothing() {
    LimitPolicy changed = LimitPolicy.perIdentity("ten", Limit.perSecond(1));
    limiter.tryAcquire(USER, POLICY, 10);
    ScriptBytes.Value value = value(key(POLICY));
    for (int i = 0; i < 5; i++) {
      assertThat(limiter.peek(USER, changed).permitted()).isFalse();
      assertThat(limiter.tryAcquire(USER, changed).permitted()).isFalse();
    }
    assertThat(value(key(POLICY))).isEqualTo(value);
  }

  /** The user is locked out for one refill, and not for as long as the clock went back. */
  @Test
  void denial_clockWentBack_cutsToEmptyOnce() {
    ServerClock clock = new ServerClock(jedis, prefix + ":clock");
    try (RedisRateLimiter clocked =
        RedisRateLimiter.builder(jedis)
            .prefix(prefix)
            .script(clock.script())
            .cheapDenials(Duration.ZERO)
            .build()) {
      clocked.tryAcquire(USER, POLICY, 10);
      clock.advanceMicros(-Duration.ofHours(1).toNanos() / 1000);
      assertThat(clocked.peek(USER, POLICY).retryAfter()).contains(Duration.ofSeconds(6));
      long ahead = value(prefixed()).fullAtMicros();
      assertThat(clocked.tryAcquire(USER, POLICY).retryAfter()).contains(Duration.ofSeconds(6));
      long cut = value(prefixed()).fullAtMicros();
      assertThat(cut).isLessThan(ahead);
      assertThat(clocked.tryAcquire(USER, POLICY).permitted()).isFalse();
      assertThat(value(prefixed()).fullAtMicros()).isEqualTo(cut);
      clock.advanceMicros(Duration.ofSeconds(6).toNanos() / 1000);
      assertThat(clocked.tryAcquire(USER, POLICY).permitted()).isTrue();
      assertThat(clocked.tryAcquire(USER, POLICY).permitted()).isFalse();
    }
  }

  /** Two versions of a service on one Redis: each goes by what it knows under its own numbers. */
  @Test
  void twoVersions_alternatingAtRandom_neverPermitMoreThanTheWhole() {
    ServerClock clock = new ServerClock(jedis, prefix + ":clock");
    List<Limit> versions = List.of(Limit.perMinute(10), Limit.perHour(100), Limit.of(3, 1, MINUTE));
    List<RedisRateLimiter> limiters = new ArrayList<>();
    for (int i = 0; i < versions.size(); i++) {
      limiters.add(
          RedisRateLimiter.builder(jedis)
              .prefix(prefix)
              .script(clock.script())
              .cheapDenials(Duration.ZERO)
              .build());
    }
    Random random = new Random(20261129);
    double used = 0;
    int permitted = 0;
    for (int i = 0; i < 2_000; i++) {
      int version = random.nextInt(versions.size());
      Limit limit = versions.get(version);
      long cost = 1 + random.nextLong(limit.capacity());
      LimitPolicy policy = LimitPolicy.perIdentity("versioned", limit);
      if (limiters.get(version).tryAcquire(USER, policy, cost).permitted()) {
        used += (double) cost / limit.capacity();
        permitted++;
      }
      assertThat(used).isLessThanOrEqualTo(1 + 1e-6);
      long micros = random.nextLong(10_000_000);
      clock.advanceMicros(micros);
      used = Math.max(0, used - micros / 60e6);
    }
    limiters.forEach(RedisRateLimiter::close);
    assertThat(permitted).isGreaterThan(10);
  }

  private String prefixed() {
    return new RedisKeys(prefix, false).key(POLICY.limits(USER).get(0), USER);
  }

  @Test
  void peek_createsNoKeyAndWritesNothing() {
    long before = writes();
    assertThat(limiter.peek(USER, POLICY).permitted()).isTrue();
    assertThat(jedis.exists(key(POLICY))).isFalse();
    limiter.tryAcquire(USER, POLICY);
    ScriptBytes.Value value = value(key(POLICY));
    assertThat(limiter.peek(USER, POLICY).permitted()).isTrue();
    assertThat(value(key(POLICY))).isEqualTo(value);
    assertThat(writes()).isEqualTo(before + 1);
  }

  @Test
  void settle_lessInPartOrToFull_theKeyLivesForOneRefill() {
    Reservation run = limiter.reserve(USER, POLICY, Cost.of(4));
    for (int tokens = 1; tokens >= 0; tokens--) {
      run.settle(Cost.of(tokens));
      assertThat(value(key(POLICY)).form()).isEqualTo(2);
      assertThat(jedis.pttl(key(POLICY))).isBetween(55_000L, 60_001L);
    }
    Await.until(
        "the refill of a round trip", SOON, () -> limiter.peek(USER, POLICY, 10).permitted());
  }

  @Test
  void take_afterAReset_theKeyLivesForOneRefill() {
    limiter.reset(USER, POLICY);
    limiter.tryAcquire(USER, POLICY, 2);
    assertThat(jedis.pttl(key(POLICY))).isBetween(55_000L, 60_001L);
    limiter.tryAcquire(USER, POLICY, 8);
    assertThat(jedis.pttl(key(POLICY))).isBetween(55_000L, 60_001L);
  }

  @Test
  void reset_anyValue_isAFullBucketThatLivesForOneRefill() {
    LimitPolicy four =
        POLICY
            .and(LimitPolicy.perWorkspace("spent", TEN))
            .and(LimitPolicy.perWorkspace("list", TEN))
            .and(LimitPolicy.perWorkspace("tiny", Limit.of(1, 1, Duration.ofNanos(100))));
    limiter.tryAcquire(USER, LimitPolicy.perWorkspace("spent", TEN), 10);
    jedis.rpush(key(LimitPolicy.perWorkspace("list", TEN)), "a");
    limiter.reset(USER, four);
    for (var limit : four.limits(USER).subList(0, 3)) {
      String key = keys.key(limit, USER);
      assertThat(value(key).form()).isEqualTo(2);
      assertThat(jedis.pttl(key)).isBetween(55_000L, 60_001L);
    }
    assertThat(limiter.statistics().failures()).isZero();
    assertThat(limiter.tryAcquire(USER, four).permitted()).isTrue();
  }

  @Test
  void scriptFlush_isNotSeenByTheCaller() {
    long loads = limiter.statistics().scriptLoads();
    limiter.tryAcquire(USER, POLICY, 4);
    for (int i = 1; i <= 3; i++) {
      server.command("SCRIPT", "FLUSH");
      Decision decision = limiter.tryAcquire(USER, POLICY);
      assertThat(decision.permitted()).isTrue();
      assertThat(decision.source()).isEqualTo(Decision.Source.REDIS);
      assertThat(decision.buckets()).extracting(BucketState::remaining).containsExactly(6L - i);
      assertThat(limiter.statistics().scriptLoads()).isEqualTo(loads + i);
    }
    assertThat(limiter.statistics().failures()).isZero();
  }

  @Test
  void decision_ofThreeBuckets_isOneRoundTrip() {
    LimitPolicy three =
        POLICY
            .and(LimitPolicy.perWorkspace("workspace", TEN))
            .and(LimitPolicy.everyone("everyone", TEN));
    long digests = calls("evalsha");
    long texts = calls("eval");
    long counted = limiter.statistics().calls();
    for (int i = 0; i < 20; i++) {
      assertThat(limiter.tryAcquire(USER, three).permitted()).isEqualTo(i < 10);
    }
    assertThat(limiter.peek(USER, three).permitted()).isFalse();
    assertThat(calls("evalsha")).isEqualTo(digests + 21);
    assertThat(calls("eval")).isEqualTo(texts);
    assertThat(limiter.statistics().calls()).isEqualTo(counted + 21);
  }

  @ParameterizedTest
  @CsvSource({"1/day, P30D, 30", "10000000/minute, PT1M, 10000000", "3/second, PT24H, 259199"})
  void refill_inUnevenSteps_losesNoFractionOfAToken(String rate, Duration span, long tokens) {
    ServerClock clock = new ServerClock(jedis, prefix + ":clock");
    TokenBucketLimit limit = (TokenBucketLimit) Limit.parse(rate);
    limit = limit.withCapacity(Math.max(limit.capacity(), 3_000));
    LimitPolicy policy = LimitPolicy.perIdentity("refill", limit);
    Random random = new Random(20261123);
    long taken = 0;
    try (RedisRateLimiter clocked =
        RedisRateLimiter.builder(jedis)
            .prefix(prefix)
            .script(clock.script())
            .cheapDenials(Duration.ZERO)
            .build()) {
      assertThat(clocked.tryAcquire(USER, policy, limit.capacity()).permitted()).isTrue();
      long left = TimeUnit.NANOSECONDS.toMicros(span.toNanos());
      // No step fills the bucket, where it would stop to gain.
      long longest = left / 200;
      assertThat(Inside.nanosToFill(limit)).isGreaterThan(2_000 * longest);
      while (left > 0) {
        long step = Math.min(left, 1 + random.nextLong(longest));
        clock.advanceMicros(step);
        left -= step;
        long gained = clocked.peek(USER, policy).buckets().get(0).remaining();
        if (gained > 0) {
          assertThat(clocked.tryAcquire(USER, policy, gained).permitted()).isTrue();
          taken += gained;
        }
      }
    }
    assertThat(taken).isEqualTo(tokens);
  }
}
