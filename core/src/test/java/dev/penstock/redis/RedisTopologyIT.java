package dev.penstock.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.penstock.BucketState;
import dev.penstock.Cost;
import dev.penstock.Decision;
import dev.penstock.Identity;
import dev.penstock.Limit;
import dev.penstock.LimitPolicy;
import dev.penstock.Reservation;
import dev.penstock.redis.wire.RedisKeys;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.JedisClientConfig;
import redis.clients.jedis.RedisProtocol;
import redis.clients.jedis.RedisSentinelClient;
import redis.clients.jedis.UnifiedJedis;
import redis.clients.jedis.providers.ClusterConnectionProvider;

/** The limiter on Sentinel and on a Cluster, through the clients that a caller passes. */
class RedisTopologyIT {

  private static final Duration SOON = Duration.ofSeconds(10);
  private static final Identity USER = Identity.user("acme", "u1");
  private static final LimitPolicy PER_USER = LimitPolicy.perIdentity("user", Limit.perHour(10));
  private static final LimitPolicy PER_WORKSPACE =
      LimitPolicy.perWorkspace("workspace", Limit.perHour(15));
  private static final LimitPolicy EVERYONE = LimitPolicy.everyone("everyone", Limit.perHour(100));
  private static final int LOAD_THREADS = 4;
  private static final JedisClientConfig CONFIG =
      DefaultJedisClientConfig.builder().timeoutMillis(1_000).build();

  private static Set<HostAndPort> addresses(List<RedisServer> servers) {
    return servers.stream()
        .map(server -> new HostAndPort(LoopbackPorts.HOST, server.port()))
        .collect(Collectors.toSet());
  }

  private static RedisRateLimiterBuilder builder(UnifiedJedis jedis) {
    return RedisRateLimiter.builder(jedis).cheapDenials(Duration.ZERO);
  }

  @Test
  void sentinel_failover_redisDecidesAgainAndNothingIsThrown() {
    LimitPolicy plenty = LimitPolicy.perIdentity("plenty", Limit.perSecond(1_000_000_000));
    try (RedisSentinelGroup group = RedisSentinelGroup.start();
        UnifiedJedis jedis =
            RedisSentinelClient.builder()
                .masterName(RedisSentinelGroup.PRIMARY_NAME)
                .sentinels(addresses(group.sentinels()))
                .clientConfig(CONFIG)
                .sentinelClientConfig(CONFIG)
                .build();
        RedisRateLimiter limiter = builder(jedis).build()) {
      assertThat(limiter.tryAcquire(USER, plenty).source()).isEqualTo(Decision.Source.REDIS);
      RedisServer killed = group.primary();
      try (Load load = new Load(2, () -> limiter.tryAcquire(USER, plenty))) {
        group.failover();
        Duration taken =
            Await.until(
                "a decision by the promoted server",
                SOON,
                () -> limiter.tryAcquire(USER, plenty).source() == Decision.Source.REDIS);
        System.out.println("Redis decided " + taken.toMillis() + " ms after a promotion");
        load.stop();
        assertThat(load.denied()).isZero();
        assertThat(load.permitted()).isPositive();
      }
      assertThat(killed.isRunning()).isFalse();
      assertThat(limiter.statistics().available()).isTrue();
      assertThat(limiter.statistics().failoverDecisions()).isPositive();
    }
  }

  @Test
  void cluster_policies_thatFitASlotAreKeptAndOthersRefused() {
    try (RedisCluster cluster = RedisCluster.start();
        UnifiedJedis jedis = cluster.client()) {
      try (RedisRateLimiter limiter = builder(jedis).build()) {
        userAndWorkspace_areKept(limiter);
        everyoneAlone_isKept(limiter);
        everyoneWithOthers_isRefused(limiter, PER_USER.and(EVERYONE), "[user, everyone]");
        everyoneWithOthers_isRefused(limiter, EVERYONE.and(PER_WORKSPACE), "[everyone, workspace]");
        assertThat(limiter.statistics().failures()).isZero();
      }
      oneSlot_keepsAll(jedis);
      slotMoves_underLoad_nothingFails(cluster, jedis);
    }
  }

  /** Of a class that says nothing of what it speaks to. */
  private static final class PlainClient extends UnifiedJedis {
    PlainClient(ClusterConnectionProvider provider) {
      super(provider, RedisProtocol.RESP2);
    }
  }

  @Test
  void cluster_plainClient_isRecognised() {
    try (RedisCluster cluster = RedisCluster.start();
        UnifiedJedis jedis =
            new PlainClient(new ClusterConnectionProvider(addresses(cluster.nodes()), CONFIG))) {
      List<String> probes = new RedisKeys("penstock", false).probes("");
      assertThat(probes.stream().map(cluster::slot)).doesNotHaveDuplicates();
      try (RedisRateLimiter limiter = builder(jedis).build()) {
        everyoneWithOthers_isRefused(limiter, PER_USER.and(EVERYONE), "[user, everyone]");
        everyoneAlone_isKept(limiter);
      }
      try (RedisRateLimiter limiter = builder(jedis).oneSlot().prefix("one-slot").build()) {
        limiter.check(PER_USER.and(EVERYONE));
      }
    }
  }

  private static void userAndWorkspace_areKept(RedisRateLimiter limiter) {
    LimitPolicy both = PER_USER.and(PER_WORKSPACE);
    limiter.check(both);
    Identity colleague = Identity.user("acme", "u2");
    assertThat(limiter.tryAcquire(USER, both, 10).permitted()).isTrue();
    assertThat(limiter.tryAcquire(USER, both).permitted()).isFalse();
    Decision byWorkspace = limiter.tryAcquire(colleague, both, 6);
    assertThat(byWorkspace.source()).isEqualTo(Decision.Source.REDIS);
    assertThat(byWorkspace.deniedBy()).extracting("name").containsExactly("workspace");
    Reservation run = limiter.reserve(colleague, both, Cost.of(5));
    assertThat(run.permitted()).isTrue();
    run.settle(Cost.of(3));
    assertThat(limiter.peek(colleague, both).buckets())
        .extracting(BucketState::remaining)
        .containsExactly(7L, 2L);
    run.cancel();
    limiter.reset(USER, both);
    assertThat(limiter.tryAcquire(USER, both, 10).permitted()).isTrue();
    for (int i = 0; i < 50; i++) {
      Decision elsewhere = limiter.tryAcquire(Identity.user("workspace-" + i, "u1"), both);
      assertThat(elsewhere.permitted()).isTrue();
      assertThat(elsewhere.source()).isEqualTo(Decision.Source.REDIS);
    }
  }

  private static void everyoneAlone_isKept(RedisRateLimiter limiter) {
    limiter.check(EVERYONE);
    assertThat(limiter.tryAcquire(USER, EVERYONE, 100).permitted()).isTrue();
    Decision denied = limiter.tryAcquire(Identity.user("u9"), EVERYONE);
    assertThat(denied.permitted()).isFalse();
    assertThat(denied.source()).isEqualTo(Decision.Source.REDIS);
  }

  private static void everyoneWithOthers_isRefused(
      RedisRateLimiter limiter, LimitPolicy policy, String names) {
    String message =
        "policy must not join a limit for everyone with others on a Redis Cluster, where their"
            + " buckets lie in different slots, unless the limiter is built with oneSlot(): "
            + names;
    assertThatIllegalArgumentException()
        .isThrownBy(() -> limiter.check(policy))
        .withMessage(message);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> limiter.tryAcquire(USER, policy))
        .withMessage(message);
  }

  private static void oneSlot_keepsAll(UnifiedJedis jedis) {
    LimitPolicy all = PER_USER.and(PER_WORKSPACE).and(EVERYONE);
    try (RedisRateLimiter limiter = builder(jedis).oneSlot().prefix("one-slot").build()) {
      limiter.check(all);
      for (int i = 0; i < 12; i++) {
        Decision decision = limiter.tryAcquire(USER, all);
        assertThat(decision.source()).isEqualTo(Decision.Source.REDIS);
        assertThat(decision.permitted()).isEqualTo(i < 10);
      }
      assertThat(limiter.peek(USER, EVERYONE).buckets().get(0).remaining()).isEqualTo(90);
      limiter.reset(USER, all);
      assertThat(limiter.peek(USER, all, 10).permitted()).isTrue();
    }
  }

  private static void slotMoves_underLoad_nothingFails(RedisCluster cluster, UnifiedJedis jedis) {
    LimitPolicy policy =
        LimitPolicy.perIdentity("moving", Limit.of(1_000_000, 1, Duration.ofMinutes(1)))
            .and(LimitPolicy.perWorkspace("along", Limit.of(1_000_000, 1, Duration.ofMinutes(1))));
    List<Boolean> changes = new CopyOnWriteArrayList<>();
    String key = new RedisKeys("penstock", false).key(policy.limits(USER).get(0), USER);
    int slot = cluster.slot(key);
    try (RedisRateLimiter limiter = builder(jedis).onAvailability(changes::add).build();
        Load load = new Load(LOAD_THREADS, () -> limiter.tryAcquire(USER, policy))) {
      List<RedisServer> nodes = cluster.nodes();
      for (int i = 0; i < 6; i++) {
        int before = load.permitted();
        Await.until("some load", SOON, () -> load.permitted() > before + 50);
        RedisServer from = cluster.owner(slot);
        cluster.moveSlot(slot, from, nodes.get((nodes.indexOf(from) + 1) % nodes.size()));
      }
      int before = load.permitted();
      Await.until("some load", SOON, () -> load.permitted() > before + 50);
      load.stop();
      System.out.println("While a slot moved: " + load.permitted() + " " + limiter.statistics());
      assertThat(load.denied()).isZero();
      RedisStatistics statistics = limiter.statistics();
      assertThat(changes).as("Redis gone or back").isEmpty();
      assertThat(statistics.failoverDecisions()).isEqualTo(statistics.failures());
      assertThat(limiter.tryAcquire(USER, policy).permitted()).isTrue();
      long spent = 1_000_000 - limiter.peek(USER, policy).buckets().get(0).remaining();
      // A call that failed may have been charged all the same.
      long failed = statistics.failures();
      assertThat(spent).isBetween(load.permitted() + 1L, load.permitted() + 1 + failed);
    }
  }

  /** Threads that ask until they are stopped, and fail with the first exception. */
  private static final class Load implements AutoCloseable {

    private final ExecutorService pool;
    private final List<Future<?>> threads = new ArrayList<>();
    private final AtomicBoolean stopped = new AtomicBoolean();
    private final AtomicInteger permitted = new AtomicInteger();
    private final AtomicInteger denied = new AtomicInteger();

    Load(int threads, Supplier<Decision> request) {
      pool = Executors.newFixedThreadPool(threads);
      for (int i = 0; i < threads; i++) {
        this.threads.add(pool.submit(() -> run(request)));
      }
    }

    private void run(Supplier<Decision> request) {
      while (!stopped.get()) {
        (request.get().permitted() ? permitted : denied).incrementAndGet();
      }
    }

    int permitted() {
      return permitted.get();
    }

    int denied() {
      return denied.get();
    }

    void stop() {
      stopped.set(true);
      for (Future<?> thread : threads) {
        try {
          thread.get(10, TimeUnit.SECONDS);
        } catch (Exception e) {
          throw new AssertionError("a thread of the load failed", e);
        }
      }
    }

    @Override
    public void close() {
      stopped.set(true);
      pool.shutdownNow();
    }
  }
}
