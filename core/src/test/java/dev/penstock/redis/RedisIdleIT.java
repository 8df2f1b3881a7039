package dev.penstock.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.Decision.Source;
import dev.penstock.FailoverMode;
import dev.penstock.Identity;
import dev.penstock.Limit;
import dev.penstock.LimitPolicy;
import dev.penstock.http.TestTls;
import dev.penstock.redis.wire.ConnectionListener;
import dev.penstock.redis.wire.OwnConnections;
import dev.penstock.redis.wire.RedisUrl;
import java.io.IOException;
import java.lang.ref.WeakReference;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.RedisClient;
import redis.clients.jedis.UnifiedJedis;

/**
 * Sparse requests, and connections that end while nobody uses them. Quiet is told by messages that
 * the proxy has seen, and short; {@code -Dpenstock.quiet.decisions} says how many decisions are
 * made between them.
 */
class RedisIdleIT {

  private static final Duration DEADLINE = Duration.ofSeconds(20);
  private static final Duration RETURN = Duration.ofSeconds(2);

  /** A machine that stands still shall be no outage. */
  private static final Duration PATIENCE = Duration.ofSeconds(2);

  private static final Duration KEEP_ALIVE = Duration.ofMillis(50);

  /** A machine that stands still shall be no silence; all that is quiet together is longer. */
  private static final Duration SILENCE = Duration.ofSeconds(2);

  private static final int DECISIONS = Integer.getInteger("penstock.quiet.decisions", 30);
  private static final Identity USER = Identity.user("acme", "u1");
  private static final LimitPolicy MANY = LimitPolicy.perIdentity("many", Limit.perDay(100_000));

  private RedisServer server;

  @BeforeEach
  void start() {
    server = RedisServer.start();
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private static RedisRateLimiterBuilder builder(IdleProxy proxy) {
    return RedisRateLimiter.builder(proxy.url()).timeout(PATIENCE).keepAlive(KEEP_ALIVE);
  }

  private static void checkByRedis(RedisRateLimiter limiter, int decisions) {
    for (int i = 0; i < decisions; i++) {
      assertThat(limiter.tryAcquire(USER, MANY).source()).isEqualTo(Source.REDIS);
    }
    assertThat(limiter.statistics().missedDecisions()).isZero();
    assertThat(limiter.statistics().failoverDecisions()).isZero();
  }

  /** Waits until so many signs of life have passed: quiet, but for them. */
  private static void awaitQuiet(IdleProxy proxy, int signs) {
    int until = proxy.messages() + signs;
    Await.until("signs of life", DEADLINE, () -> proxy.messages() >= until);
  }

  @Test
  void quiet_proxyEndsSilentConnections_noneIsSilent() throws IOException {
    try (IdleProxy proxy = IdleProxy.to(server.port(), SILENCE);
        RedisRateLimiter limiter = builder(proxy).build()) {
      Await.until("connections ahead", DEADLINE, () -> proxy.accepted() == 4);
      for (int i = 0; i < DECISIONS; i++) {
        checkByRedis(limiter, 1);
        awaitQuiet(proxy, 8);
      }
      assertThat(proxy.accepted()).isEqualTo(4);
    }
  }

  @Test
  void quiet_overTls_noneIsSilentAndNoCallFindsNoConnection(@TempDir Path directory)
      throws IOException, GeneralSecurityException {
    TestTls tls = TestTls.of(directory, "ip:127.0.0.1");
    RedisUrl url = RedisUrl.parse("rediss://127.0.0.1");
    AtomicInteger lost = new AtomicInteger();
    AtomicInteger unopened = new AtomicInteger();
    try (IdleProxy proxy = IdleProxy.overTls(server.port(), SILENCE, tls.server());
        OwnConnections connections =
            new OwnConnections(
                new HostAndPort(LoopbackPorts.HOST, proxy.port()),
                url.config(PATIENCE, tls.client()),
                PATIENCE,
                KEEP_ALIVE)) {
      connections.listen(counting(lost, unopened));
      connections.callAnew(UnifiedJedis::ping);
      for (int i = 0; i < DECISIONS; i++) {
        awaitQuiet(proxy, 8);
        assertThat(connections.<String>call(System.nanoTime(), jedis -> jedis.set("key", "value")))
            .isEqualTo("OK");
      }
      assertThat(lost).hasValue(0);
      assertThat(unopened).hasValue(0);
      proxy.endAll();
      Await.until("the loss", DEADLINE, () -> lost.get() > 0 && proxy.open() == 4);
      assertThat(connections.<String>call(System.nanoTime(), jedis -> jedis.get("key")))
          .isEqualTo("value");
    }
  }

  private static ConnectionListener counting(AtomicInteger lost, AtomicInteger unopened) {
    return new ConnectionListener() {
      @Override
      public void onOpeningFailed(RuntimeException e) {
        unopened.incrementAndGet();
      }

      @Override
      public void onIdleLost() {
        lost.incrementAndGet();
      }
    };
  }

  @Test
  void idleConnections_endedByTheOtherSide_areReplacedOffTheRequestsPath() throws IOException {
    try (IdleProxy proxy = IdleProxy.to(server.port(), DEADLINE);
        RedisRateLimiter limiter = builder(proxy).build()) {
      for (int round = 1; round <= 5; round++) {
        int ahead = 4 * round;
        Await.until(
            "connections ahead", DEADLINE, () -> proxy.accepted() >= ahead && proxy.open() == 4);
        checkByRedis(limiter, 3);
        proxy.endAll();
      }
    }
  }

  @Test
  void idleConnections_justEnded_theRequestThatFindsThemDeadIsDecidedByRedis() throws IOException {
    try (IdleProxy proxy = IdleProxy.to(server.port(), DEADLINE);
        RedisRateLimiter limiter = builder(proxy).keepAlive(DEADLINE).build()) {
      for (int round = 0; round < 5; round++) {
        checkByRedis(limiter, 1);
        Await.until("connections ahead", DEADLINE, () -> proxy.open() == 4);
        proxy.endAll();
      }
      checkByRedis(limiter, 1);
    }
  }

  @Test
  void idleConnections_forgottenByTheNetwork_areReplacedOffTheRequestsPath() throws IOException {
    try (IdleProxy proxy = IdleProxy.to(server.port(), DEADLINE);
        RedisRateLimiter limiter = builder(proxy).timeout(Duration.ofSeconds(1)).build()) {
      Await.until("connections ahead", DEADLINE, () -> proxy.accepted() == 4);
      proxy.forgetAll();
      Await.until("other connections", DEADLINE, () -> proxy.accepted() >= 8);
      checkByRedis(limiter, 3);
    }
  }

  @Test
  void closed_redisIsThere_noRequestIsRejectedAfterQuiet() throws IOException {
    try (IdleProxy proxy = IdleProxy.to(server.port(), SILENCE);
        RedisRateLimiter limiter = builder(proxy).failover(FailoverMode.CLOSED).build()) {
      for (int i = 0; i < 10; i++) {
        awaitQuiet(proxy, 20);
        checkByRedis(limiter, 1);
      }
    }
  }

  @Test
  void repointed_oldServerIsAReplica_callersClientFindsTheNewOne() throws IOException {
    try (RedisServer next = RedisServer.start();
        IdleProxy proxy = IdleProxy.to(server.port(), DEADLINE);
        UnifiedJedis jedis = RedisClient.create(proxy.url());
        RedisRateLimiter limiter = RedisRateLimiter.builder(jedis).build()) {
      checkRepointed(next, proxy, limiter);
    }
  }

  @Test
  void repointed_oldServerIsAReplica_ownConnectionsFindTheNewOne() throws IOException {
    try (RedisServer next = RedisServer.start();
        IdleProxy proxy = IdleProxy.to(server.port(), DEADLINE);
        RedisRateLimiter limiter = builder(proxy).build()) {
      checkRepointed(next, proxy, limiter);
    }
  }

  private void checkRepointed(RedisServer next, IdleProxy proxy, RedisRateLimiter limiter) {
    checkByRedis(limiter, 3);
    server.command("REPLICAOF", LoopbackPorts.HOST, Integer.toString(next.port()));
    proxy.leadTo(next.port());
    Await.until("a decision of the new server", RETURN, () -> isPermittedByRedis(limiter));
    assertThat(next.command("DBSIZE")).isNotEqualTo(0L);
  }

  private static boolean isPermittedByRedis(RedisRateLimiter limiter) {
    var decision = limiter.tryAcquire(USER, MANY);
    return decision.permitted() && decision.source() == Source.REDIS;
  }

  @Test
  void keeper_limiterIsClosedOrGarbage_ends() throws IOException {
    int before = keepers();
    try (IdleProxy proxy = IdleProxy.to(server.port(), DEADLINE)) {
      RedisRateLimiter closed = builder(proxy).build();
      Await.until("a keeper", DEADLINE, () -> keepers() == before + 1);
      closed.close();
      Await.until("its end", DEADLINE, () -> keepers() == before);
      WeakReference<RedisRateLimiter> lost = new WeakReference<>(builder(proxy).build());
      Await.until(
          "the end of a forgotten one",
          DEADLINE,
          () -> {
            System.gc();
            return lost.get() == null && keepers() == before;
          });
    }
  }

  private static int keepers() {
    return (int)
        Thread.getAllStackTraces().keySet().stream()
            .filter(thread -> thread.getName().equals("penstock-redis-keeper"))
            .count();
  }
}
