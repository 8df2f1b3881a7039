package dev.penstock.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.penstock.Identity;
import dev.penstock.Limit;
import dev.penstock.LimitPolicy;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import redis.clients.jedis.RedisClient;
import redis.clients.jedis.UnifiedJedis;

/** A server that answers and refuses is an error at construction, in one line without secrets. */
class RedisRefusalIT {

  private static final String NO_ACCESS = "it refuses the user or the password";
  private static final String NO_SCRIPTS = "the user may not run scripts on these keys";
  private static final String NOT_SCRIPTED = "it knows no scripts, not the command EVALSHA";
  private static final String TOO_OLD =
      "its scripts may not write after reading the time: it is older than version 5, or has"
          + " lua-replicate-commands off";
  private static final String NO_DATABASE = "it has no database of this number";

  private static RedisServer server;
  private static RedisServer locked;

  @BeforeAll
  static void start() {
    server =
        RedisServer.start(
            "user unscripted on >verysecret ~* +@all -@scripting",
            "user fenced on >verysecret ~other:* +@all",
            "user uninformed on >verysecret ~* +@all -info",
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

  private static void assertRefused(
      RedisServer by, String credentials, String path, String reason) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> build(by, credentials, path).close())
        .withMessage("Redis must be usable: " + reason)
        .withNoCause();
  }

  @Test
  void build_wrongPassword_isRefused() {
    assertRefused(locked, ":notsosecret@", "", NO_ACCESS);
    assertRefused(server, "full:notsosecret@", "", NO_ACCESS);
    assertRefused(server, "nobody:notsosecret@", "", NO_ACCESS);
  }

  @Test
  void build_noPassword_isRefused() {
    assertRefused(locked, "", "", NO_ACCESS);
  }

  @Test
  void build_userWithoutScripts_isRefused() {
    assertRefused(server, "unscripted:verysecret@", "", NO_SCRIPTS);
  }

  @Test
  void build_userWithoutTheseKeys_isRefused() {
    assertRefused(server, "fenced:verysecret@", "", NO_SCRIPTS);
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
      assertRefused(old, "", "", TOO_OLD);
      assertThatIllegalArgumentException()
          .isThrownBy(() -> RedisRateLimiter.builder(jedis).build().close())
          .withMessage("Redis must be usable: " + TOO_OLD);
    }
  }

  @Test
  void build_serverWithoutScripts_isRefused() {
    try (RedisServer unscripted = RedisServer.start("rename-command EVALSHA \"\"")) {
      assertRefused(unscripted, "", "", NOT_SCRIPTED);
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
    assertRefused(server, "full:verysecret@", "/99", NO_DATABASE);
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
