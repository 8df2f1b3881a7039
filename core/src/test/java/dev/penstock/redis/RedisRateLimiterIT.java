package dev.penstock.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.BucketState;
import dev.penstock.Cost;
import dev.penstock.Crowd;
import dev.penstock.Decision;
import dev.penstock.Identity;
import dev.penstock.Limit;
import dev.penstock.LimitPolicy;
import dev.penstock.Reservation;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.JedisClientConfig;
import redis.clients.jedis.RedisClient;
import redis.clients.jedis.RedisProtocol;
import redis.clients.jedis.UnifiedJedis;
import redis.clients.jedis.providers.PooledConnectionProvider;
import redis.clients.jedis.util.JedisURIHelper;

/** Limiters that share a server which harms none of them. */
class RedisRateLimiterIT {

  private static final Duration SOON = Duration.ofSeconds(10);
  private static final Identity USER = Identity.user("acme", "u1");
  private static final LimitPolicy TEN = LimitPolicy.perIdentity("ten", Limit.perHour(10));

  private final String prefix = "limiter-" + UUID.randomUUID();
  private final Closeables closeables = new Closeables();

  /** Closes what a test opened, the latest first. */
  private static final class Closeables {
    private final List<AutoCloseable> open = new CopyOnWriteArrayList<>();

    <T extends AutoCloseable> T add(T closeable) {
      open.add(0, closeable);
      return closeable;
    }
  }

  /** Keeps the arguments of every call of a script. */
  private static final class RecordingJedis extends UnifiedJedis {

    private final List<List<byte[]>> arguments = new CopyOnWriteArrayList<>();

    RecordingJedis(HostAndPort address, JedisClientConfig config) {
      super(new PooledConnectionProvider(address, config), RedisProtocol.RESP2);
    }

    @Override
    public Object evalsha(byte[] digest, List<byte[]> keys, List<byte[]> texts) {
      arguments.add(texts);
      return super.evalsha(digest, keys, texts);
    }
  }

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable closeable : closeables.open) {
      closeable.close();
    }
  }

  private RedisRateLimiter limiter(Duration cheapDenials) {
    return closeables.add(
        RedisRateLimiter.builder(SharedRedis.url())
            .prefix(prefix)
            .timeout(Duration.ofSeconds(2))
            .cheapDenials(cheapDenials)
            .build());
  }

  private static boolean permits(RedisRateLimiter limiter) {
    return limiter.tryAcquire(USER, TEN).permitted();
  }

  @Test
  void tryAcquire_passedClient_isServedAndLeftOpen() {
    try (UnifiedJedis jedis = RedisClient.create(SharedRedis.url())) {
      try (RedisRateLimiter limiter = RedisRateLimiter.builder(jedis).prefix(prefix).build()) {
        Decision decision = limiter.tryAcquire(USER, TEN, 4);
        assertThat(decision.permitted()).isTrue();
        assertThat(decision.source()).isEqualTo(Decision.Source.REDIS);
        assertThat(decision.buckets().get(0).remaining()).isEqualTo(6);
      }
      assertThat(jedis.ping()).isEqualTo("PONG");
    }
  }

  @Test
  void hideNames_theSameDecisions_noNameInRedis() {
    byte[] secret = "sixteen bytes at least".getBytes(StandardCharsets.UTF_8);
    LimitPolicy both = TEN.and(LimitPolicy.perWorkspace("team", Limit.perHour(10)));
    try (UnifiedJedis jedis = RedisClient.create(SharedRedis.url());
        RedisRateLimiter limiter =
            RedisRateLimiter.builder(jedis).prefix(prefix).hideNames(secret).build()) {
      assertThat(limiter.tryAcquire(USER, both, 10).permitted()).isTrue();
      assertThat(limiter.tryAcquire(USER, both).permitted()).isFalse();
      assertThat(jedis.keys(prefix + ":3:*:*"))
          .filteredOn(key -> !key.contains("}probe:"))
          .hasSize(2)
          .noneMatch(key -> key.contains("acme") || key.contains("2:u1"));
      limiter.reset(USER, both);
      assertThat(limiter.tryAcquire(USER, both, 10).permitted()).isTrue();
    }
  }

  @Test
  void tryAcquire_emptyBucket_isDeniedWithoutACall() {
    RedisRateLimiter limiter = limiter(Duration.ofSeconds(60));
    limiter.tryAcquire(USER, TEN, 10);
    long calls = limiter.statistics().calls();
    for (int i = 0; i < 100; i++) {
      Decision denial = limiter.tryAcquire(USER, TEN);
      assertThat(denial.permitted()).isFalse();
      assertThat(denial.source()).isEqualTo(Decision.Source.REDIS);
      assertThat(denial.buckets().get(0).remaining()).isZero();
      assertThat(denial.retryAfter().orElseThrow())
          .isBetween(Duration.ofMinutes(5), Duration.ofMinutes(6));
    }
    assertThat(limiter.statistics().calls()).isEqualTo(calls);
    assertThat(limiter.statistics().cheapDenials()).isEqualTo(100);
  }

  @Test
  void tryAcquire_emptyBucketOfManyThreads_oneAsksAgainNowAndThen() {
    Duration pause = Duration.ofMillis(200);
    RedisRateLimiter limiter = limiter(pause);
    long begun = System.nanoTime();
    limiter.tryAcquire(USER, TEN, 10);
    long calls = limiter.statistics().calls();
    try (Crowd crowd = new Crowd(16)) {
      crowd.ask(
          thread -> {
            while (limiter.statistics().calls() < calls + 4) {
              assertThat(permits(limiter)).isFalse();
            }
            return thread;
          });
    }
    assertThat(limiter.statistics().calls() - calls)
        .isBetween(4L, (System.nanoTime() - begun) / pause.toNanos());
  }

  /** The other bucket is full again long before: nothing is known of it. */
  @Test
  void tryAcquire_deniedByOneOfSeveral_doesNotAskEachTime() {
    RedisRateLimiter limiter = limiter(Duration.ofSeconds(60));
    LimitPolicy everyone = LimitPolicy.everyone("everyone", Limit.perSecond(2_000));
    LimitPolicy both = TEN.and(everyone);
    assertThat(limiter.tryAcquire(USER, both, 10).permitted()).isTrue();
    Await.until("a full bucket", SOON, () -> limiter.peek(USER, everyone, 2_000).permitted());
    assertThat(limiter.tryAcquire(USER, both).permitted()).isFalse();
    long calls = limiter.statistics().calls();
    for (int i = 0; i < 1_000; i++) {
      Decision denied = limiter.tryAcquire(USER, both);
      assertThat(denied.source()).isEqualTo(Decision.Source.REDIS);
      assertThat(denied.deniedBy()).extracting(BucketState::name).containsExactly("ten");
      assertThat(denied.buckets()).hasSize(2);
    }
    assertThat(limiter.statistics().calls()).isEqualTo(calls);
    assertThat(limiter.tryAcquire(USER, everyone).permitted()).isTrue();
    assertThat(limiter.tryAcquire(Identity.user("acme", "u2"), both).permitted()).isTrue();
  }

  @Test
  void tryAcquire_cheapDenialsOff_asksEachTime() {
    RedisRateLimiter limiter = limiter(Duration.ZERO);
    limiter.tryAcquire(USER, TEN, 10);
    long calls = limiter.statistics().calls();
    for (int i = 0; i < 10; i++) {
      assertThat(permits(limiter)).isFalse();
    }
    assertThat(limiter.statistics().calls()).isEqualTo(calls + 10);
    assertThat(limiter.statistics().cheapDenials()).isZero();
  }

  @Test
  void tryAcquire_anotherLimitOrCost_isNotDeniedByWhatIsKnown() {
    RedisRateLimiter limiter = limiter(Duration.ofSeconds(60));
    Reservation run = limiter.reserve(USER, TEN, Cost.of(8));
    assertThat(limiter.tryAcquire(USER, TEN, 3).permitted()).isFalse();
    assertThat(limiter.tryAcquire(USER, TEN, 2).permitted()).isTrue();
    LimitPolicy larger = LimitPolicy.perIdentity("ten", Limit.perHour(100));
    assertThat(permits(limiter)).isFalse();
    run.settle(Cost.of(7));
    assertThat(limiter.tryAcquire(USER, larger, 10).permitted()).isTrue();
  }

  @Test
  void settleOrReset_here_endsCheapDenialsAtOnce() {
    RedisRateLimiter limiter = limiter(Duration.ofSeconds(60));
    Reservation run = limiter.reserve(USER, TEN, Cost.of(10));
    assertThat(permits(limiter)).isFalse();
    run.settle(Cost.of(9));
    assertThat(permits(limiter)).isTrue();
    assertThat(permits(limiter)).isFalse();
    limiter.reset(USER, TEN);
    assertThat(limiter.tryAcquire(USER, TEN, 10).permitted()).isTrue();
  }

  @Test
  void settleOrReset_elsewhere_isSeenWhenTheCapIsOver() {
    RedisRateLimiter limiter = limiter(Duration.ofMillis(50));
    RedisRateLimiter other = limiter(Duration.ofMillis(50));
    Reservation run = other.reserve(USER, TEN, Cost.of(10));
    assertThat(permits(limiter)).isFalse();
    run.settle(Cost.of(9));
    Await.until("a token put back elsewhere", SOON, () -> permits(limiter));
    assertThat(permits(limiter)).isFalse();
    other.reset(USER, TEN);
    Await.until("a reset elsewhere", SOON, () -> permits(limiter));
  }

  @Test
  void tryAcquire_twoLimitersOfSixteenThreads_permitExactlyTheCapacity() {
    RedisRateLimiter one = limiter(Duration.ofSeconds(1));
    RedisRateLimiter two = limiter(Duration.ofSeconds(1));
    try (Crowd crowd = new Crowd(16)) {
      for (int round = 0; round < 20; round++) {
        LimitPolicy policy = LimitPolicy.perIdentity("round-" + round, Limit.perDay(50));
        List<Integer> permitted =
            crowd.ask(
                thread -> {
                  RedisRateLimiter limiter = thread % 2 == 0 ? one : two;
                  int sum = 0;
                  for (int i = 0; i < 10; i++) {
                    sum += limiter.tryAcquire(USER, policy).permitted() ? 1 : 0;
                  }
                  return sum;
                });
        assertThat(permitted.stream().mapToInt(Integer::intValue).sum()).isEqualTo(50);
      }
    }
    assertThat(one.statistics().failoverDecisions()).isZero();
    assertThat(two.statistics().failoverDecisions()).isZero();
  }

  @Test
  void tryAcquire_sixtyFourThreadsOnOneBucket_travelTogetherAndTakeExactlyTheCapacity() {
    RedisRateLimiter limiter = limiter(Duration.ZERO);
    LimitPolicy policy = LimitPolicy.perIdentity("hot", Limit.perDay(1_000));
    try (Crowd crowd = new Crowd(64)) {
      List<Set<Long>> levels =
          crowd.ask(
              thread -> {
                Set<Long> remaining = new HashSet<>();
                for (int i = 0; i < 30; i++) {
                  Decision decision = limiter.tryAcquire(USER, policy);
                  if (decision.permitted()) {
                    remaining.add(decision.buckets().get(0).remaining());
                  }
                }
                return remaining;
              });
      assertThat(levels.stream().mapToInt(Set::size).sum()).isEqualTo(1_000);
      assertThat(levels.stream().flatMap(Set::stream).distinct()).hasSize(1_000);
    }
    RedisStatistics statistics = limiter.statistics();
    assertThat(statistics.failoverDecisions()).isZero();
    assertThat(statistics.calls()).isEqualTo(64 * 30);
    assertThat(statistics.roundTrips()).isLessThan(64 * 30 / 2);
  }

  /** What is known is how long something takes, and no longer than a refill, whatever the clock. */
  @Test
  void tryAcquire_arguments_holdNoTimeOfTheClients() {
    URI uri = URI.create(SharedRedis.url());
    JedisClientConfig config =
        DefaultJedisClientConfig.builder()
            .user(JedisURIHelper.getUser(uri))
            .password(JedisURIHelper.getPassword(uri))
            .database(JedisURIHelper.getDBIndex(uri))
            .build();
    RecordingJedis jedis =
        closeables.add(new RecordingJedis(JedisURIHelper.getHostAndPort(uri), config));
    RedisRateLimiter limiter =
        closeables.add(
            RedisRateLimiter.builder(jedis).prefix(prefix).cheapDenials(Duration.ZERO).build());
    jedis.arguments.clear();
    for (int i = 0; i < 12; i++) {
      limiter.tryAcquire(USER, TEN);
    }
    String bucket = " | 1 360000000 0 3600000000 0 0 0 0 0 0";
    assertThat(jedis.arguments).hasSize(12);
    for (int i = 0; i < 12; i++) {
      List<byte[]> sent = jedis.arguments.get(i);
      boolean tells = i > 0;
      assertThat(ScriptBytes.group(sent.get(0))).isEqualTo("t 1 0 1 1 " + (tells ? 1 : 0) + bucket);
      assertThat(sent).hasSize(tells ? 2 : 1);
      if (tells) {
        long known = Long.parseLong(new String(sent.get(1), StandardCharsets.US_ASCII));
        assertThat(known).isBetween(1L, 3_600_000_000L);
      }
    }
  }

  @Test
  void statistics_countWhatHappened() {
    RedisRateLimiter limiter = limiter(Duration.ofSeconds(60));
    RedisStatistics atFirst = limiter.statistics();
    assertThat(atFirst.available()).isTrue();
    assertThat(atFirst.calls()).isZero();
    assertThat(atFirst.scriptLoads()).isBetween(0L, 1L);
    Reservation run = limiter.reserve(USER, TEN, Cost.of(10));
    limiter.tryAcquire(USER, TEN);
    limiter.peek(USER, TEN);
    run.settle(Cost.of(9));
    limiter.reset(USER, TEN);
    assertThat(limiter.statistics())
        .isEqualTo(new RedisStatistics(true, 4, 4, 0, 0, atFirst.scriptLoads(), 0, 1, 0, 0));
  }

  @Test
  void cancel_redisJustDied_forgetsNothingOfTheBucket() {
    try (RedisServer dying = RedisServer.start();
        RedisRateLimiter limiter =
            RedisRateLimiter.builder(dying.url()).cheapDenials(Duration.ZERO).build()) {
      Identity user = Identity.user("acme", "u1");
      LimitPolicy once = LimitPolicy.perIdentity("once", Limit.perDay(1));
      Reservation run = limiter.reserve(user, once);
      assertThat(run.permitted()).isTrue();
      dying.kill();
      run.cancel();
      Decision decision = limiter.tryAcquire(user, once);
      assertThat(decision.source()).isEqualTo(Decision.Source.LOCAL);
      assertThat(decision.permitted()).isFalse();
    }
  }
}
