package dev.penstock.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.penstock.CapturedLog;
import dev.penstock.Identity;
import dev.penstock.Limit;
import dev.penstock.LimitPolicy;
import dev.penstock.redis.wire.RedisKeys;
import java.time.Duration;
import java.util.List;
import java.util.logging.LogRecord;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import redis.clients.jedis.RedisClient;
import redis.clients.jedis.UnifiedJedis;

/** A server that answers and refuses is an error at construction, in one line without secrets. */
class RedisRefusalIT {

  private static final String NO_ACCESS = "it refuses the user or the password; correct them";
  private static final String NO_EVAL = "the user may not run EVAL; add +eval to its ACL";
  private static final String NO_KEYS =
      "the user may not use these keys; add their prefix to its ACL, as ~penstock:*";
  private static final String NOT_SCRIPTED =
      "it does not know the command EVAL; use a server, or a proxy, that runs Lua scripts";
  private static final String TOO_OLD =
      "its scripts may not write after reading the time; use version 5 or later, without"
          + " lua-replicate-commands off";
  private static final String NO_DATABASE = "it has no database of this number; correct the number";
  private static final String REPLICA =
      "it is a replica, which takes no writes; name the primary, or pass a client that finds it,"
          + " as RedisSentinelClient does";
  private static final String SENTINEL =
      "it is a Sentinel; name the primary, or pass a RedisSentinelClient to"
          + " RedisRateLimiter.builder(UnifiedJedis)";
  private static final String CLUSTER_NODE =
      "it is one node of a cluster; pass a client of the whole to"
          + " RedisRateLimiter.builder(UnifiedJedis), a RedisClusterClient";

  private static RedisServer server;
  private static RedisServer locked;

  @BeforeAll
  static void start() {
    server =
        RedisServer.start(
            "maxmemory-policy allkeys-random",
            "user unscripted on >verysecret ~* +@all -@scripting",
            "user fenced on >verysecret ~other:* +@all",
            "user uninformed on >verysecret ~* +@all -info",
            "user unconfigured on >verysecret ~* +@all -config",
            "user full on >verysecret ~* +@all");
    locked = RedisServer.start("requirepass verysecret");
  }

  @AfterAll
  static void stop() {
    server.close();
    locked.close();
  }

  private static RedisRateLimiter build(RedisServer to, String credentials, String path) {
    return RedisRateLimiter.builder("redis://" + credentials + "127.0.0.1:" + to.port() + path)
        .timeout(Duration.ofSeconds(2))
        .build();
  }

  /** What it said is in words of its version, behind what is in ours. */
  private static void assertRefused(
      RedisServer by, String credentials, String path, String reason, String said) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> build(by, credentials, path).close())
        .withMessageStartingWith(
            "Redis at 127.0.0.1:" + by.port() + " must be usable: " + reason + "; it said: " + said)
        .withNoCause()
        .satisfies(
            e ->
                assertThat(e.getMessage())
                    .hasLineCount(1)
                    .doesNotContain("secret", "script:", "@user_script"));
  }

  @Test
  void build_wrongPassword_isRefused() {
    assertRefused(locked, ":notsosecret@", "", NO_ACCESS, "WRONGPASS ");
    assertRefused(server, "full:notsosecret@", "", NO_ACCESS, "WRONGPASS ");
    assertRefused(server, "nobody:notsosecret@", "", NO_ACCESS, "WRONGPASS ");
  }

  @Test
  void build_noPassword_isRefused() {
    assertRefused(locked, "", "", NO_ACCESS, "NOAUTH ");
  }

  @Test
  void build_userWithoutScripts_isRefused() {
    assertRefused(server, "unscripted:verysecret@", "", NO_EVAL, "NOPERM ");
  }

  @Test
  void build_userWithoutTheseKeys_isRefused() {
    assertRefused(server, "fenced:verysecret@", "", NO_KEYS, "NOPERM ");
  }

  /** The old one, where it runs; and everywhere, one that replicates as the old ones did. */
  static Stream<Arguments> tooOld() {
    return Stream.concat(
        RedisBinary.tooOld().stream().map(old -> arguments(old, List.of())),
        Stream.of(arguments(RedisBinary.find(""), List.of("lua-replicate-commands no"))));
  }

  @ParameterizedTest
  @MethodSource("tooOld")
  void build_serverTooOld_isRefused(RedisBinary binary, List<String> lines) {
    try (RedisServer old = RedisServer.start(binary, lines.toArray(String[]::new));
        UnifiedJedis jedis = RedisClient.create(old.url())) {
      assertRefused(old, "", "", TOO_OLD, "Write commands not allowed after non deterministic");
      assertThatIllegalArgumentException()
          .isThrownBy(() -> RedisRateLimiter.builder(jedis).build().close())
          .withMessageStartingWith(
              "Redis must be usable: " + TOO_OLD + "; it said: Write commands");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"EVAL", "EVALSHA"})
  void build_serverWithoutScripts_isRefused(String command) {
    try (RedisServer unscripted = RedisServer.start("rename-command " + command + " \"\"")) {
      String reason = NOT_SCRIPTED.replace("EVAL", command);
      assertRefused(unscripted, "", "", reason, "ERR unknown command");
    }
  }

  @Test
  void build_replica_isRefused() {
    try (RedisServer replica = RedisServer.start("replicaof 127.0.0.1 " + server.port());
        UnifiedJedis jedis = RedisClient.create(replica.url())) {
      assertRefused(replica, "", "", REPLICA, "READONLY ");
      assertThatIllegalArgumentException()
          .isThrownBy(() -> RedisRateLimiter.builder(jedis).build().close())
          .withMessageStartingWith("Redis must be usable: " + REPLICA + "; it said: READONLY ");
    }
  }

  @Test
  void build_sentinel_isRefused() {
    try (RedisServer sentinel = RedisServer.startSentinel()) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> build(sentinel, "", "").close())
          .withMessage("Redis at 127.0.0.1:" + sentinel.port() + " must be usable: " + SENTINEL);
    }
  }

  /** A node says so of a slot it serves by CROSSSLOT, of another by MOVED, of all CLUSTERDOWN. */
  @Test
  void build_oneNodeOfACluster_isRefused() {
    try (RedisCluster cluster = RedisCluster.start();
        RedisServer loose = RedisServer.start("cluster-enabled yes")) {
      String key = new RedisKeys("penstock", false).probes("").get(0);
      RedisServer owner = cluster.owner(cluster.slot(key));
      for (RedisServer node : cluster.nodes()) {
        assertRefused(node, "", "", CLUSTER_NODE, node == owner ? "CROSSSLOT " : "MOVED ");
        try (UnifiedJedis jedis = RedisClient.create(node.url())) {
          assertThatIllegalArgumentException()
              .isThrownBy(() -> RedisRateLimiter.builder(jedis).build().close())
              .withMessageStartingWith(
                  "Redis must be usable: " + CLUSTER_NODE + "; it said: MOVED ");
        }
      }
      assertRefused(loose, "", "", CLUSTER_NODE, "CLUSTERDOWN ");
    }
  }

  /** What waiting mends starts in failover, as a server that is away does. */
  @Test
  void build_serverThatIsFull_startsInFailoverAndSaysWhatItSaid() {
    try (RedisServer full = RedisServer.start("maxmemory 1", "maxmemory-policy noeviction");
        CapturedLog log = new CapturedLog(RedisRateLimiter.class);
        RedisRateLimiter limiter = build(full, "", "")) {
      assertThat(limiter.statistics().available()).isFalse();
      assertThat(log.records().get(0).getMessage())
          .startsWith(
              "Redis at 127.0.0.1:"
                  + full.port()
                  + " is away, limits are kept by failover: it says OOM command not allowed");
      full.command("CONFIG", "SET", "maxmemory", "0");
      Await.until(
          "a server that is not full",
          Duration.ofSeconds(10),
          () -> limiter.statistics().available());
    }
  }

  @Test
  void build_evictingPolicy_isWarnedOf() {
    try (RedisServer evicting = RedisServer.start("maxmemory-policy volatile-lru");
        CapturedLog log = new CapturedLog(RedisRateLimiter.class);
        RedisRateLimiter limiter = build(evicting, "", "")) {
      assertThat(limiter.statistics().available()).isTrue();
      assertThat(log.records())
          .extracting(LogRecord::getMessage)
          .containsExactly(
              "Redis at 127.0.0.1:"
                  + evicting.port()
                  + " may drop buckets that are not full: maxmemory-policy volatile-lru");
    }
  }

  @Test
  void build_userWithoutConfig_isServedWithoutAWarning() {
    try (CapturedLog log = new CapturedLog(RedisRateLimiter.class);
        RedisRateLimiter limiter = build(server, "unconfigured:verysecret@", "")) {
      assertThat(limiter.statistics().available()).isTrue();
      assertThat(log.records()).isEmpty();
    }
  }

  @Test
  void build_userWithoutInfo_isServed() {
    try (RedisRateLimiter limiter = build(server, "uninformed:verysecret@", "/4")) {
      assertThat(limiter.statistics().available()).isTrue();
    }
  }

  @Test
  void build_unknownDatabase_isRefused() {
    assertRefused(server, "full:verysecret@", "/99", NO_DATABASE, "ERR ");
  }

  @Test
  void build_rightCredentials_isServedFromThatDatabase() {
    try (RedisRateLimiter limiter = build(server, "full:verysecret@", "/3")) {
      limiter.tryAcquire(Identity.user("u1"), LimitPolicy.perIdentity("ten", Limit.perHour(10)));
      assertThat(limiter.statistics().failures()).isZero();
      assertThat(server.info("keyspace")).containsKey("db3").doesNotContainKey("db0");
    }
  }
}
