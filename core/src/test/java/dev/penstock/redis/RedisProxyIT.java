package dev.penstock.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.penstock.Crowd;
import dev.penstock.Identity;
import dev.penstock.Limit;
import dev.penstock.LimitPolicy;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** A proxy that spreads keys over servers: a shared limit stays one limit, or is refused. */
class RedisProxyIT {

  private static final int THREADS = 16;
  private static final int ASKED = 100;
  private static final int CAPACITY = 500;
  private static final LimitPolicy PER_WORKSPACE =
      LimitPolicy.perWorkspace("workspace", Limit.perDay(CAPACITY));

  /** What PTTL says of a key without an end; of one that has ended meanwhile it is less. */
  private static final long NO_END = -1;

  private static final LimitPolicy EVERYONE = LimitPolicy.everyone("everyone", Limit.perDay(10));

  private static List<RedisServer> servers = List.of();

  @BeforeAll
  static void start() {
    servers = Stream.generate(() -> RedisServer.start()).limit(3).toList();
  }

  @AfterAll
  static void stop() {
    servers.forEach(RedisServer::close);
  }

  private static RedisRateLimiterBuilder builder(RespServer proxy, String prefix) {
    return RedisRateLimiter.builder(proxy.url())
        .timeout(Duration.ofSeconds(2))
        .prefix(prefix)
        .cheapDenials(Duration.ZERO);
  }

  /** Each thread asks in a hash tag of its own besides, so that batches would join both. */
  private static int permittedTogether(RedisRateLimiter limiter) {
    AtomicInteger permitted = new AtomicInteger();
    LimitPolicy apart = LimitPolicy.perWorkspace("apart", Limit.perSecond(1_000_000));
    try (Crowd crowd = new Crowd(THREADS)) {
      crowd.ask(
          thread -> {
            for (int i = 0; i < ASKED; i++) {
              limiter.tryAcquire(Identity.user("workspace-" + thread + "-" + i, "u"), apart);
              if (limiter
                  .tryAcquire(Identity.user("acme", "u" + thread), PER_WORKSPACE)
                  .permitted()) {
                permitted.incrementAndGet();
              }
            }
            return true;
          });
    }
    assertThat(limiter.statistics().failoverDecisions()).isZero();
    return permitted.get();
  }

  @Test
  void shardsByTag_batchesHoldOneTag_permitsTheLimit() throws IOException {
    try (RespServer proxy = ShardingProxy.start(servers, true);
        RedisRateLimiter limiter = builder(proxy, "by-tag").build()) {
      assertThat(permittedTogether(limiter)).isEqualTo(CAPACITY);
    }
  }

  @Test
  void shardsByTag_everyoneJoinedWithOthers_isRefusedUnlessInOneSlot() throws IOException {
    LimitPolicy joined = PER_WORKSPACE.and(EVERYONE);
    try (RespServer proxy = ShardingProxy.start(servers, true)) {
      try (RedisRateLimiter limiter = builder(proxy, "joined").build()) {
        assertThatIllegalArgumentException()
            .isThrownBy(() -> limiter.check(joined))
            .withMessage(
                "policy must not join a limit for everyone with others behind a proxy that shards,"
                    + " where their buckets lie in different slots, unless the limiter is built"
                    + " with oneSlot(): [workspace, everyone]");
      }
      try (RedisRateLimiter limiter = builder(proxy, "one-slot").oneSlot().build()) {
        int permitted = 0;
        for (int i = 0; i < 20; i++) {
          permitted += limiter.tryAcquire(Identity.user("w" + i, "u"), joined).permitted() ? 1 : 0;
        }
        assertThat(permitted).isEqualTo(10);
        assertThat(limiter.statistics().failoverDecisions()).isZero();
      }
    }
  }

  /** Nobody knew of the proxy when the policy was checked. */
  @Test
  void shardsByTag_foundOnlyLater_joinedPoliciesAreKeptByFailover() throws IOException {
    int port = LoopbackPorts.next();
    LimitPolicy joined = PER_WORKSPACE.and(EVERYONE);
    try (FaultProxy network = FaultProxy.to(port);
        RedisRateLimiter limiter =
            RedisRateLimiter.builder(network.url())
                .timeout(Duration.ofSeconds(2))
                .prefix("later")
                .build()) {
      assertThat(limiter.statistics().available()).isFalse();
      limiter.check(joined);
      try (RespServer proxy = ShardingProxy.start(servers, true, port)) {
        assertThat(proxy.port()).isEqualTo(port);
        Await.until("the proxy", Duration.ofSeconds(20), () -> limiter.statistics().available());
        int permitted = 0;
        for (int i = 0; i < 20; i++) {
          permitted += limiter.tryAcquire(Identity.user("w" + i, "u"), joined).permitted() ? 1 : 0;
        }
        assertThat(permitted).isEqualTo(10);
        assertThat(limiter.statistics().failoverDecisions()).isEqualTo(20);
        assertThat(limiter.statistics().available()).isTrue();
      }
    }
  }

  @Test
  void shardsByKey_isRefused() throws IOException {
    try (RespServer proxy = ShardingProxy.start(servers, false)) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> builder(proxy, "by-key").build().close())
          .withMessage(
              "Redis at 127.0.0.1:"
                  + proxy.port()
                  + " must be usable: it is a proxy that spreads the keys of one hash tag over"
                  + " several servers; have it go by hash tags (twemproxy: hash_tag: \"{}\"), or use"
                  + " one server");
    }
  }

  @Test
  void oneServer_isTakenForOne() throws IOException {
    try (RespServer proxy = ShardingProxy.start(servers.subList(0, 1), false);
        RedisRateLimiter limiter = builder(proxy, "one-server").build()) {
      limiter.check(PER_WORKSPACE.and(EVERYONE));
      assertThat(permittedTogether(limiter)).isEqualTo(CAPACITY);
    }
  }

  @Test
  void noScripts_isRefused() throws IOException {
    try (RespServer proxy = ShardingProxy.startWithoutScripts(servers)) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> builder(proxy, "no-scripts").build().close())
          .withMessage(
              "Redis at 127.0.0.1:"
                  + proxy.port()
                  + " must be usable: it ends the connection that sends EVAL; use a server, or a"
                  + " proxy, that runs Lua scripts");
    }
  }

  /** Two that greet at once do not read each other's probes. */
  @Test
  void manyBuildAtOnce_allAreServedAndLeaveNothingForLong() {
    RedisServer server = servers.get(0);
    try (Crowd crowd = new Crowd(8)) {
      crowd.ask(
          thread -> {
            try (RedisRateLimiter limiter =
                RedisRateLimiter.builder(server.url())
                    .timeout(Duration.ofSeconds(5))
                    .prefix("at-once")
                    .build()) {
              return limiter.statistics().available();
            }
          });
    }
    assertThat((List<?>) server.command("KEYS", "at-once:*"))
        .isNotEmpty()
        .allSatisfy(
            key ->
                assertThat((Long) server.command("PTTL", key.toString()))
                    .isNotEqualTo(NO_END)
                    .isLessThanOrEqualTo(40_000L));
  }
}
