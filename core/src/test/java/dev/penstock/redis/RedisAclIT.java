package dev.penstock.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.penstock.CapturedLog;
import dev.penstock.Cost;
import dev.penstock.Decision;
import dev.penstock.Identity;
import dev.penstock.Limit;
import dev.penstock.LimitPolicy;
import dev.penstock.Reservation;
import dev.penstock.redis.wire.RedisLog;
import dev.penstock.redis.wire.RedisScript;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.logging.LogRecord;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import redis.clients.jedis.ClientSetInfoConfig;
import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.RedisClusterClient;
import redis.clients.jedis.UnifiedJedis;

/** The smallest rights of a user with which everything works, and each of them necessary. */
class RedisAclIT {

  /** As the README has it. */
  private static final String SMALLEST =
      "~penstock:* +evalsha +eval +time +get +mget +set"
          + " +zadd +zcount +zscore +zrem +zremrangebyscore +zcard +pexpire";

  /** What a client of a cluster asks for besides. */
  private static final String ON_A_CLUSTER = " +cluster|slots";

  private static final Duration SOON = Duration.ofSeconds(10);
  private static final String SECRET = "verysecret";
  private static final Identity USER = Identity.user("acme", "u1");
  private static final LimitPolicy TEN = LimitPolicy.perIdentity("ten", Limit.perDay(10));
  private static final LimitPolicy TWO_BUCKETS =
      TEN.and(LimitPolicy.perWorkspace("all", Limit.perDay(10)));
  private static final LimitPolicy BUSY =
      LimitPolicy.perWorkspace("busy", Limit.perHour(100_000).withLease(100));
  private static final LimitPolicy TWO_AT_A_TIME =
      LimitPolicy.perIdentity("two", Limit.inFlight(2));
  private static final Cost TWO_SLOTS = Cost.units(Cost.CONCURRENT_REQUESTS, 2);
  private static final Pattern CALLED = Pattern.compile("redis\\.p?call\\('([A-Z]+)'");

  private static RedisServer server;

  @BeforeAll
  static void start() {
    server = RedisServer.start();
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  private static void allow(RedisServer at, String user, String rights) {
    Stream<String> command = Stream.of("ACL", "SETUSER", user, "reset", "on", ">" + SECRET);
    at.command(Stream.concat(command, Stream.of(rights.split(" "))).toArray(String[]::new));
  }

  private static RedisRateLimiterBuilder builder(String user, String path) {
    return RedisRateLimiter.builder(
            "redis://" + user + ":" + SECRET + "@127.0.0.1:" + server.port() + path)
        .timeout(Duration.ofSeconds(2))
        .cheapDenials(Duration.ZERO);
  }

  static Stream<String> rights() {
    return Stream.of(SMALLEST.split(" ")).filter(right -> right.startsWith("+"));
  }

  /** The script may call nothing that is not in the list, nor the list hold what nobody calls. */
  @Test
  void smallest_holdsWhatTheScriptsCall() {
    Set<String> called =
        Stream.of("acquire.lua", "probe.lua")
            .flatMap(name -> CALLED.matcher(RedisScript.resource(name)).results())
            .map(call -> call.group(1))
            .collect(Collectors.toCollection(TreeSet::new));
    assertThat(rights().map(right -> right.substring(1).toUpperCase(Locale.ROOT)))
        .containsExactlyInAnyOrderElementsOf(
            Stream.concat(Stream.of("EVAL", "EVALSHA"), called.stream()).toList());
    assertThat(probed()).containsExactlyElementsOf(called);
  }

  private static Set<String> probed() {
    return Pattern.compile("try\\('([A-Z]+)'")
        .matcher(RedisScript.resource("probe.lua"))
        .results()
        .map(call -> call.group(1))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  @ParameterizedTest
  @MethodSource("rights")
  void build_withoutOneOfThem_isRefusedByName(String right) {
    String command = right.substring(1);
    allow(
        server,
        "less",
        SMALLEST.replace(" " + right + " ", " ").replaceAll(" \\" + right + "$", ""));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder("less", "").build().close())
        .withMessageStartingWith(
            "Redis at 127.0.0.1:"
                + server.port()
                + " must be usable: the user may not run "
                + command.toUpperCase(Locale.ROOT)
                + "; add "
                + right
                + " to its ACL; it said: ");
  }

  @Test
  void build_databaseWithoutSelect_isRefusedByName() {
    allow(server, "select", SMALLEST);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder("select", "/1").build().close())
        .withMessageContaining("the user may not run SELECT; add +select to its ACL");
    allow(server, "select", SMALLEST + " +select");
    try (RedisRateLimiter limiter = builder("select", "/1").build()) {
      everythingWorks(limiter);
    }
  }

  @Test
  void smallest_everythingWorks() {
    allow(server, "smallest", SMALLEST);
    try (RedisRateLimiter limiter = builder("smallest", "").build()) {
      everythingWorks(limiter);
    }
  }

  private static void everythingWorks(RedisRateLimiter limiter) {
    Reservation run = limiter.reserve(USER, TEN, Cost.of(8));
    assertThat(run.permitted()).isTrue();
    run.settle(Cost.of(9));
    assertThat(limiter.tryAcquire(USER, TEN, 2).permitted()).isFalse();
    run.settle(Cost.of(8));
    assertThat(limiter.peek(USER, TEN, 2).permitted()).isTrue();
    run.cancel();
    Await.until("the refill of a round trip", SOON, () -> limiter.peek(USER, TEN, 10).permitted());
    assertThat(limiter.tryAcquire(USER, TEN, 10).permitted()).isTrue();
    limiter.reset(USER, TEN);
    Decision whole = limiter.tryAcquire(USER, TEN.and(BUSY), 10);
    assertThat(whole.permitted()).isTrue();
    assertThat(whole.source()).isEqualTo(Decision.Source.REDIS);
    for (int i = 0; i < 200; i++) {
      assertThat(limiter.tryAcquire(USER, BUSY).permitted()).isTrue();
    }
    limiter.reset(USER, TEN);
    Reservation slots = limiter.reserve(USER, TWO_AT_A_TIME, TWO_SLOTS);
    assertThat(slots.permitted()).isTrue();
    assertThat(limiter.reserve(USER, TWO_AT_A_TIME, TWO_SLOTS).permitted()).isFalse();
    slots.close();
    Reservation again = limiter.reserve(USER, TWO_AT_A_TIME, TWO_SLOTS);
    assertThat(again.permitted()).isTrue();
    again.close();
    assertThat(limiter.statistics().failures()).isZero();
    assertThat(limiter.statistics().failoverDecisions()).isZero();
  }

  @Test
  void smallest_onACluster_everythingWorks() {
    try (RedisCluster cluster = RedisCluster.start()) {
      cluster.nodes().forEach(node -> allow(node, "smallest", SMALLEST + ON_A_CLUSTER));
      try (UnifiedJedis jedis = clusterClient(cluster);
          RedisRateLimiter limiter =
              RedisRateLimiter.builder(jedis).cheapDenials(Duration.ZERO).build()) {
        everythingWorks(limiter);
      }
    }
  }

  private static RedisClusterClient clusterClient(RedisCluster cluster) {
    return RedisClusterClient.builder()
        .nodes(
            cluster.nodes().stream()
                .map(node -> new HostAndPort(LoopbackPorts.HOST, node.port()))
                .collect(Collectors.toSet()))
        .clientConfig(
            DefaultJedisClientConfig.builder()
                .timeoutMillis(2_000)
                .user("smallest")
                .password(SECRET)
                .clientSetInfoConfig(ClientSetInfoConfig.DISABLED)
                .build())
        .build();
  }

  /** Those that every decision needs. */
  static Stream<String> rightsOfTokens() {
    return rights().limit(5);
  }

  /** Those that every reservation of a slot needs. */
  static Stream<String> rightsOfSlots() {
    return Stream.of("+zadd", "+zcount", "+zcard", "+pexpire");
  }

  @ParameterizedTest
  @MethodSource("rightsOfSlots")
  void slotRightTakenAway_atRunTime_isSaidAndItsReturnFound(String right) {
    allow(server, "slots", SMALLEST);
    LimitPolicy two = LimitPolicy.perIdentity("slots-" + right.substring(1), Limit.inFlight(2));
    try (CapturedLog log = new CapturedLog(RedisRateLimiter.class);
        RedisRateLimiter limiter = builder("slots", "").build()) {
      server.command("ACL", "SETUSER", "slots", "-" + right.substring(1));
      Reservation run = limiter.reserve(USER, two);
      assertThat(run.permitted()).isTrue();
      assertThat(run.decision().source()).isEqualTo(Decision.Source.LOCAL);
      run.close();
      server.command("ACL", "SETUSER", "slots", right);
      Await.until(
          "a decision by Redis, with " + right,
          Duration.ofSeconds(20),
          () -> limiter.peek(USER, two).source() == Decision.Source.REDIS);
      assertThat(log.records().get(0).getMessage())
          .contains("as the user may not run what the script calls");
    }
  }

  @ParameterizedTest
  @MethodSource("rightsOfTokens")
  void rightTakenAway_atRunTime_isSaidAndItsReturnFound(String right) {
    allow(server, "changing", SMALLEST);
    try (CapturedLog log = new CapturedLog(RedisRateLimiter.class);
        RedisRateLimiter limiter = builder("changing", "").build()) {
      server.command("ACL", "SETUSER", "changing", "-" + right.substring(1));
      server.command("SCRIPT", "FLUSH");
      Identity other = Identity.user("other", right);
      Await.until(
          "Redis away, without " + right,
          Duration.ofSeconds(20),
          () -> {
            limiter.tryAcquire(other, TWO_BUCKETS);
            return !limiter.statistics().available();
          });
      server.command("ACL", "SETUSER", "changing", right);
      Await.until(
          "Redis back, with " + right,
          Duration.ofSeconds(20),
          () -> limiter.statistics().available());
      assertThat(toldOfRedis(log))
          .allSatisfy(
              line ->
                  assertThat(line)
                      .startsWith("Redis at 127.0.0.1:" + server.port() + " is ")
                      .doesNotContain(SECRET, "penstock:3:", "@user_script")
                      .doesNotContainPattern("script: [0-9a-f]{40}"));
      assertThat(toldOfRedis(log).get(0))
          .contains(" is away, limits are kept by failover: the user may not run ");
    }
  }

  /** Whoever is connected stays so: it shows when a connection is opened. */
  @Test
  void passwordChanged_atRunTime_isSaidWithoutItAndItsReturnFound() {
    allow(server, "renewed", SMALLEST);
    try (CapturedLog log = new CapturedLog(RedisRateLimiter.class);
        RedisRateLimiter limiter = builder("renewed", "").build()) {
      server.command("ACL", "SETUSER", "renewed", "resetpass", ">another" + SECRET);
      server.command("CLIENT", "KILL", "USER", "renewed");
      Await.until(
          "Redis away, with another password",
          Duration.ofSeconds(20),
          () -> {
            limiter.tryAcquire(USER, TEN);
            return !limiter.statistics().available();
          });
      Await.until(
          "a line on the password",
          Duration.ofSeconds(20),
          () -> toldOfRedis(log).stream().anyMatch(line -> line.contains("WRONGPASS")));
      server.command("ACL", "SETUSER", "renewed", ">" + SECRET);
      Await.until(
          "Redis back, with the password",
          Duration.ofSeconds(20),
          () -> limiter.statistics().available());
      assertThat(log.records().stream().map(LogRecord::getMessage))
          .allSatisfy(
              line ->
                  assertThat(line)
                      .contains("Redis at 127.0.0.1:" + server.port() + " is ")
                      .doesNotContain(SECRET));
    }
  }

  /** Returns the lines on Redis itself, without those on single decisions. */
  private static List<String> toldOfRedis(CapturedLog log) {
    return log.records().stream()
        .map(LogRecord::getMessage)
        .filter(line -> !line.startsWith("A decision was made by failover"))
        .toList();
  }

  /** The probe's key is still allowed: it finds Redis back, and the next requests lose it. */
  @Test
  void keysTakenAway_atRunTime_flapsInFewLines() {
    allow(server, "flapping", SMALLEST);
    AtomicInteger returns = new AtomicInteger();
    try (CapturedLog log = new CapturedLog(RedisRateLimiter.class);
        RedisRateLimiter limiter =
            builder("flapping", "")
                .onAvailability(available -> returns.addAndGet(available ? 1 : 0))
                .build()) {
      server.command("ACL", "SETUSER", "flapping", "resetkeys", "~penstock:3:{[*]}*");
      Identity other = Identity.user("other", "u1");
      Await.until(
          "some returns",
          Duration.ofSeconds(60),
          () -> {
            limiter.tryAcquire(other, TEN);
            return returns.get() > RedisLog.LINES_PER_MINUTE;
          });
      assertThat(toldOfRedis(log)).hasSizeBetween(2, RedisLog.LINES_PER_MINUTE);
      assertThat(toldOfRedis(log).get(0))
          .startsWith(
              "Redis at 127.0.0.1:"
                  + server.port()
                  + " is away, limits are kept by failover: the user may not use these keys; add"
                  + " their prefix to its ACL, as ~penstock:*; it said: NOPERM ");
    }
  }
}
