package dev.penstock.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import dev.penstock.BucketState;
import dev.penstock.CapturedLog;
import dev.penstock.ChildJvm;
import dev.penstock.Cost;
import dev.penstock.Crowd;
import dev.penstock.Decision;
import dev.penstock.FailoverMode;
import dev.penstock.Identity;
import dev.penstock.Limit;
import dev.penstock.LimitPolicy;
import dev.penstock.Reservation;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.logging.LogRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.RedisSentinelClient;
import redis.clients.jedis.UnifiedJedis;

/** Slots in flight that several processes share, and what becomes of them when something fails. */
class RedisSlotsIT {

  /** A machine that stands still for a while shall be no end of it. */
  private static final Duration LIFE = Duration.ofSeconds(3);

  /** Tells what happens within a third of it from what does at its end, on a busy machine, too. */
  private static final Duration SLOW_LIFE = Duration.ofSeconds(9);

  /** So long that what is free again soon has been given back, and has not expired. */
  private static final Duration LONG_LIFE = Duration.ofMinutes(10);

  private static final Duration SOON = Duration.ofSeconds(20);
  private static final Duration PATIENCE = Duration.ofSeconds(5);
  private static final Identity USER = Identity.user("acme", "u1");
  private static final LimitPolicy FOUR = LimitPolicy.perIdentity("four", Limit.inFlight(4));
  private static final String KEY = "penstock:3:{w-4:acme}slots:4:four:u-4:acme2:u1";

  /** A slot whose reservation is collected is given back. */
  private final Queue<Reservation> reachable = new ConcurrentLinkedQueue<>();

  private RedisServer server;
  private FaultProxy proxy;
  private RedisRateLimiter limiter;
  private RedisRateLimiter other;

  @BeforeEach
  void start() {
    server = RedisServer.start(RedisServer.APPEND_ONLY);
    proxy = FaultProxy.to(server.port());
    limiter = builder(proxy.url()).build();
    other = builder(server.url()).build();
  }

  @AfterEach
  void close() {
    limiter.close();
    other.close();
    proxy.close();
    server.close();
    reachable.clear();
  }

  private static RedisRateLimiterBuilder builder(String url) {
    return RedisRateLimiter.builder(url).timeout(PATIENCE).slotLife(LIFE);
  }

  private List<Reservation> reserve(RedisRateLimiter by, LimitPolicy policy, int runs) {
    List<Reservation> held = new ArrayList<>();
    for (int i = 0; i < runs; i++) {
      Reservation run = by.reserve(USER, policy);
      assertThat(run.permitted()).isTrue();
      held.add(run);
    }
    reachable.addAll(held);
    return held;
  }

  private static long free(RedisRateLimiter by, LimitPolicy policy) {
    return by.peek(USER, policy).buckets().get(0).remaining();
  }

  private static void awaitFree(RedisRateLimiter by, LimitPolicy policy, long free) {
    Await.until(free + " free slots", SOON, () -> free(by, policy) == free);
  }

  private void awaitAway() {
    Identity nobody = Identity.user("nobody");
    LimitPolicy any = LimitPolicy.perIdentity("any", Limit.perDay(10));
    Await.until(
        "the outage",
        SOON,
        () -> {
          limiter.peek(nobody, any);
          return !limiter.statistics().available();
        });
  }

  private void awaitBack() {
    Await.until("the return", SOON, () -> limiter.statistics().available());
  }

  private long key(String command) {
    return number(command, KEY);
  }

  private long number(String command, String key) {
    return Long.parseLong(String.valueOf(server.command(command, key)));
  }

  @Test
  void reserve_twoInstances_shareTheSlots() {
    List<Reservation> here = reserve(limiter, FOUR, 3);
    reserve(other, FOUR, 1);
    assertThat(other.reserve(USER, FOUR).permitted()).isFalse();
    here.get(0).close();
    reserve(other, FOUR, 1);
    assertThat(key("ZCARD")).isEqualTo(4);
    assertThat(key("PTTL")).isBetween(1L, 600_000L);
  }

  @Test
  void reserve_ratesTokensAndSlots_isOneRoundTripAndADenialWritesNothing() {
    LimitPolicy all =
        LimitPolicy.perIdentity("runs", Limit.perMinute(2))
            .and(FOUR)
            .and(LimitPolicy.perWorkspace("tokens", Limit.perHour(9).withUnit("model-tokens")));
    reserve(limiter, all, 2);
    server.command("FLUSHALL");
    limiter.reset(USER, all);
    long before = limiter.statistics().roundTrips();
    reserve(limiter, all, 1);
    assertThat(limiter.statistics().roundTrips() - before).isEqualTo(1);
    long held = key("ZCARD");
    Decision denied = limiter.reserve(USER, all, Cost.of(1).and("model-tokens", 10)).decision();
    assertThat(denied.never()).isTrue();
    reserve(limiter, all, 1).get(0).close();
    assertThat(limiter.reserve(USER, all).decision().deniedBy())
        .extracting(BucketState::name)
        .containsExactly("runs");
    assertThat(key("ZCARD")).isEqualTo(held);
  }

  @Test
  void held_forSeveralLives_staysHeld() {
    List<Reservation> held = reserve(limiter, FOUR, 2);
    long since = System.nanoTime();
    Await.until(
        "three lives",
        SOON,
        () -> {
          assertThat(key("ZCARD")).isEqualTo(2);
          assertThat(free(other, FOUR)).isEqualTo(2);
          return System.nanoTime() - since > 3 * LIFE.toNanos();
        });
    held.forEach(Reservation::close);
    // A renewal under way may put back what is given back meanwhile, and then gives it back itself.
    Await.until("the end of the slots", SOON, () -> key("EXISTS") == 0);
  }

  @Test
  void process_killed_itsSlotsAreFreeAfterALife() {
    try (ChildJvm hog =
        ChildJvm.start(SlotHog.class, server.url(), Long.toString(LIFE.toMillis()), "100")) {
      assertThat(hog.hear()).isEqualTo("held");
      LimitPolicy policy = SlotHog.policy(100);
      assertThat(other.peek(SlotHog.USER, policy).permitted()).isFalse();
      hog.kill();
      Duration taken =
          Await.until(
              "all slots",
              SOON,
              () -> other.peek(SlotHog.USER, policy).buckets().get(0).remaining() == 100);
      System.out.println(
          "100 slots of a killed process were free after "
              + taken.toMillis()
              + " ms, their life being "
              + LIFE.toMillis());
    }
  }

  @Test
  void process_pausedBeyondALifeAndResumed_isCountedAgain() {
    try (ChildJvm hog =
        ChildJvm.start(SlotHog.class, server.url(), Long.toString(LIFE.toMillis()), "3")) {
      assertThat(hog.hear()).isEqualTo("held");
      LimitPolicy policy = SlotHog.policy(3);
      String hogs = KEY.replace("4:four", "6:hogged").replace("2:u1", "3:hog");
      hog.pause();
      Await.until(
          "the end of its slots",
          SOON,
          () -> other.peek(SlotHog.USER, policy).buckets().get(0).remaining() == 3);
      Reservation taken = other.reserve(SlotHog.USER, policy);
      assertThat(taken.permitted()).isTrue();
      hog.resume();
      Await.until("the count of all that live", SOON, () -> number("ZCARD", hogs) == 4);
      assertThat(other.reserve(SlotHog.USER, policy).permitted()).isFalse();
      hog.tell("close");
      assertThat(hog.hear()).isEqualTo("closed");
      Await.until(
          "the slots that it has given back",
          SOON,
          () -> other.peek(SlotHog.USER, policy).buckets().get(0).remaining() == 2);
      taken.close();
    }
  }

  @Test
  void flushAll_inMidFlight_isCountedAgainWithinAThirdOfALife() {
    try (RedisRateLimiter slow = builder(server.url()).slotLife(SLOW_LIFE).build();
        RedisRateLimiter others = builder(server.url()).slotLife(SLOW_LIFE).build()) {
      reserve(slow, FOUR, 2);
      reserve(others, FOUR, 1);
      server.command("FLUSHALL");
      Duration taken = Await.until("the count", SOON, () -> free(other, FOUR) == 1);
      System.out.println("slots were counted again " + taken.toMillis() + " ms after FLUSHALL");
      assertThat(taken).isLessThan(SLOW_LIFE);
    }
  }

  @Test
  void failover_toAReplicaWithoutThem_isCountedAgain() {
    DefaultJedisClientConfig config =
        DefaultJedisClientConfig.builder().timeoutMillis(1_000).build();
    try (RedisSentinelGroup group = RedisSentinelGroup.start();
        UnifiedJedis jedis =
            RedisSentinelClient.builder()
                .masterName(RedisSentinelGroup.PRIMARY_NAME)
                .sentinels(
                    Set.copyOf(
                        group.sentinels().stream()
                            .map(each -> new HostAndPort(LoopbackPorts.HOST, each.port()))
                            .toList()))
                .clientConfig(config)
                .sentinelClientConfig(config)
                .build();
        RedisRateLimiter bySentinel = RedisRateLimiter.builder(jedis).slotLife(LIFE).build()) {
      reserve(bySentinel, FOUR, 3);
      RedisServer replica = group.replica();
      group.failover();
      replica.command("FLUSHALL");
      Duration taken =
          Await.until(
              "the count",
              SOON,
              () -> {
                Decision seen = bySentinel.peek(USER, FOUR);
                return seen.source() == Decision.Source.REDIS
                    && seen.buckets().get(0).remaining() == 1;
              });
      System.out.println("slots were counted again " + taken.toMillis() + " ms after a failover");
    }
  }

  @Test
  void outage_runsStartAndEnd_allThatLiveAreCountedOnReturn() {
    List<Reservation> before = reserve(limiter, FOUR, 3);
    proxy.cut();
    awaitAway();
    before.get(0).close();
    Reservation meanwhile = limiter.reserve(USER, FOUR);
    assertThat(meanwhile.decision().source()).isEqualTo(Decision.Source.LOCAL);
    assertThat(meanwhile.permitted()).isTrue();
    awaitFree(other, FOUR, 4);
    Reservation ended = limiter.reserve(USER, FOUR);
    assertThat(ended.permitted()).isTrue();
    assertThat(limiter.reserve(USER, FOUR).permitted()).isFalse();
    ended.close();
    proxy.pass();
    awaitBack();
    awaitFree(other, FOUR, 1);
    meanwhile.close();
    before.get(1).close();
    before.get(2).close();
    awaitFree(other, FOUR, 4);
  }

  @Test
  void outage_share_countsWhatIsHeldHereSinceBefore() {
    try (RedisRateLimiter half = builder(proxy.url()).instances(2).build()) {
      LimitPolicy both = LimitPolicy.perIdentity("rate", Limit.perDay(6)).and(FOUR);
      List<Reservation> before = reserve(half, both, 1);
      proxy.cut();
      awaitAway();
      Await.until(
          "the outage", SOON, () -> half.peek(USER, both).source() == Decision.Source.LOCAL);
      reserve(half, both, 1);
      Decision denied = half.reserve(USER, both).decision();
      assertThat(denied.source()).isEqualTo(Decision.Source.LOCAL);
      assertThat(denied.deniedBy()).extracting(BucketState::name).containsExactly("four");
      assertThat(denied.retryAfter()).isEmpty();
      assertThat(denied.never()).isFalse();
      before.get(0).close();
      Reservation last = half.reserve(USER, both);
      assertThat(last.permitted()).isTrue();
      last.close();
      Decision noToken = half.reserve(USER, both).decision();
      assertThat(noToken.deniedBy()).extracting(BucketState::name).containsExactly("rate");
      assertThat(half.peek(USER, FOUR).buckets().get(0).remaining()).isEqualTo(1);
    }
  }

  @Test
  void outage_openAndClosed_areAsForTokens() {
    try (RedisRateLimiter open = builder(proxy.url()).failover(FailoverMode.OPEN).build();
        RedisRateLimiter closed = builder(proxy.url()).failover(FailoverMode.CLOSED).build()) {
      proxy.cut();
      Await.until(
          "the outage",
          SOON,
          () ->
              open.peek(USER, FOUR).source() == Decision.Source.OPEN
                  && closed.peek(USER, FOUR).source() == Decision.Source.CLOSED);
      List<Reservation> many = reserve(open, FOUR, 6);
      assertThat(closed.reserve(USER, FOUR).permitted()).isFalse();
      proxy.pass();
      Await.until("the count", SOON, () -> key("ZCARD") == 6);
      many.forEach(Reservation::close);
      awaitFree(other, FOUR, 4);
    }
  }

  /** Whoever reads the count must not be told of a slot that another has given back since. */
  @Test
  void outage_manyThreads_neverMoreThanTheLimit() {
    LimitPolicy two =
        LimitPolicy.perIdentity("often", Limit.perSecond(1_000_000))
            .and(LimitPolicy.perIdentity("two", Limit.inFlight(2)));
    proxy.cut();
    awaitAway();
    AtomicInteger live = new AtomicInteger();
    try (Crowd crowd = new Crowd(6)) {
      List<Integer> most =
          crowd.ask(
              thread -> {
                int seen = 0;
                for (int i = 0; i < 2_000; i++) {
                  try (Reservation run = limiter.reserve(USER, two)) {
                    if (run.permitted()) {
                      seen = Math.max(seen, live.incrementAndGet());
                      live.decrementAndGet();
                    }
                  }
                }
                return seen;
              });
      assertThat(most).allMatch(seen -> seen <= 2).anyMatch(seen -> seen > 0);
    }
    assertThat(limiter.peek(USER, two).source()).isEqualTo(Decision.Source.LOCAL);
    assertThat(limiter.peek(USER, two).buckets().get(1).remaining()).isEqualTo(2);
  }

  /** What Redis has lost is known here: one process alone needs no luck to keep the limit. */
  @Test
  void redisLostThem_processAlone_staysWithinTheLimit() {
    List<Reservation> held = reserve(limiter, FOUR, 4);
    server.command("DEL", KEY);
    assertThat(limiter.reserve(USER, FOUR).permitted()).isFalse();
    held.get(0).close();
    assertThat(limiter.reserve(USER, FOUR).permitted()).isTrue();
  }

  @Test
  void close_interruptedThreads_isGivenBackSoon() {
    LimitPolicy wide = LimitPolicy.perIdentity("wide", Limit.inFlight(1_000));
    try (RedisRateLimiter lasting = builder(proxy.url()).slotLife(LONG_LIFE).build();
        Crowd crowd = new Crowd(8)) {
      crowd.ask(
          thread -> {
            List<Reservation> held = reserve(lasting, wide, 20);
            Thread.currentThread().interrupt();
            held.forEach(Reservation::close);
            return Thread.interrupted();
          });
      awaitFree(other, wide, 1_000);
    }
  }

  /** Of those that are only tried as of those that bite, whatever is decided without Redis. */
  @ParameterizedTest
  @EnumSource
  void reserve_takenAndNeverAnswered_isGivenBack(FailoverMode mode) {
    LimitPolicy policy = FOUR.and(LimitPolicy.perIdentity("tried", Limit.inFlight(4)).asShadow());
    try (RedisRateLimiter hasty =
        builder(proxy.url())
            .timeout(Duration.ofMillis(500))
            .failover(mode)
            .slotLife(LONG_LIFE)
            .build()) {
      Await.until("Redis", SOON, () -> hasty.statistics().available());
      long taken = server.calls("zadd");
      proxy.mute();
      Reservation run = hasty.reserve(USER, policy);
      assertThat(run.decision().source()).isNotEqualTo(Decision.Source.REDIS);
      assertThat(server.calls("zadd") - taken).isGreaterThanOrEqualTo(2);
      proxy.pass();
      run.close();
      Await.until(
          "the slots that nobody has",
          SOON,
          () -> {
            Decision seen = other.peek(USER, policy);
            return seen.buckets().get(0).remaining() == 4
                && seen.shadow().orElseThrow().buckets().get(0).remaining() == 4;
          });
    }
  }

  @Test
  void renewals_ofManyHolders_disturbNobody() {
    LimitPolicy many = LimitPolicy.everyone("many", Limit.inFlight(10_000));
    LimitPolicy plain = LimitPolicy.perIdentity("plain", Limit.perSecond(1_000_000));
    try (RedisRateLimiter slow = builder(server.url()).slotLife(SLOW_LIFE).build()) {
      List<Reservation> held = reserve(slow, many, 5_000);
      long since = System.nanoTime();
      Await.until(
          "two renewals",
          SOON,
          () -> {
            assertThat(slow.tryAcquire(USER, plain).source()).isEqualTo(Decision.Source.REDIS);
            return System.nanoTime() - since > SLOW_LIFE.dividedBy(3).multipliedBy(2).toNanos();
          });
      assertThat(free(limiter, many)).isEqualTo(5_000);
      assertThat(slow.statistics().failures()).isZero();
      held.forEach(Reservation::close);
      // What a renewal under way has put back is given back, and does not just expire.
      Duration taken = Await.until("all slots", SOON, () -> free(limiter, many) == 10_000);
      assertThat(taken).isLessThan(SLOW_LIFE.dividedBy(3).multipliedBy(2));
    }
  }

  @Test
  void reserve_moreSlotsThanRedisKeepsForOne_isNever() {
    LimitPolicy many = LimitPolicy.everyone("huge", Limit.inFlight(1_000_000));
    Cost most = Cost.units(Cost.CONCURRENT_REQUESTS, 1_000);
    Reservation run = limiter.reserve(USER, many, most);
    assertThat(run.permitted()).isTrue();
    assertThat(free(other, many)).isEqualTo(999_000);
    Cost more = Cost.units(Cost.CONCURRENT_REQUESTS, 1_001);
    assertThat(limiter.reserve(USER, many, more).decision().never()).isTrue();
    run.close();
    assertThat(free(other, many)).isEqualTo(1_000_000);
  }

  @Test
  void clockWentBack_processKilled_itsSlotsAreFreeAllTheSame() {
    reserve(limiter, FOUR, 1);
    long ahead = System.currentTimeMillis() + Duration.ofHours(1).toMillis();
    server.command("ZADD", KEY, Long.toString(ahead), "dead-1", Long.toString(ahead), "dead-2");
    awaitFree(other, FOUR, 3);
    Await.until("the count of what lives", SOON, () -> key("ZCARD") == 1);
  }

  @Test
  void outage_costThatOnlyTheWholeLimitHolds_isNotNever() {
    try (RedisRateLimiter half = builder(proxy.url()).instances(2).build()) {
      proxy.cut();
      Await.until(
          "the outage", SOON, () -> half.peek(USER, FOUR).source() == Decision.Source.LOCAL);
      Decision three = half.reserve(USER, FOUR, Cost.units(Cost.CONCURRENT_REQUESTS, 3)).decision();
      assertThat(three.permitted()).isFalse();
      assertThat(three.never()).isFalse();
      Decision five = half.reserve(USER, FOUR, Cost.units(Cost.CONCURRENT_REQUESTS, 5)).decision();
      assertThat(five.never()).isTrue();
    }
  }

  @Test
  void collected_unclosedWithoutTraffic_isGivenBack() {
    try (CapturedLog log = new CapturedLog(Reservation.class)) {
      assertThat(limiter.reserve(USER, FOUR).permitted()).isTrue();
      Await.until(
          "the end of the slot",
          SOON,
          () -> {
            System.gc();
            return key("EXISTS") == 0 && log.records().size() == 1;
          });
    }
  }

  @Test
  void heldAtMost_inRedis_isGivenBackThenAndSaid() {
    LimitPolicy brief =
        LimitPolicy.perIdentity("brief", Limit.inFlight(1).withHeldAtMost(LIFE.multipliedBy(2)));
    try (CapturedLog log = new CapturedLog(Reservation.class)) {
      Reservation run = limiter.reserve(USER, brief);
      awaitFree(other, brief, 1);
      Await.until("the line of the log", SOON, () -> !log.records().isEmpty());
      assertThat(log.records())
          .extracting(LogRecord::getMessage)
          .containsExactly("A slot of limit brief was held for longer than PT6S, it is given back");
      run.close();
      assertThat(free(other, brief)).isEqualTo(1);
    }
  }

  @Test
  void reserve_keyHoldsAForeignValue_isDecidedHere() {
    reserve(limiter, FOUR, 1).get(0).close();
    server.command("SET", KEY, "foreign");
    assertThat(limiter.reserve(USER, FOUR).decision().source()).isEqualTo(Decision.Source.LOCAL);
    assertThat(server.command("GET", KEY)).isEqualTo("foreign");
  }

  @ParameterizedTest
  @ValueSource(strings = {"PT0.999S", "PT10M0.001S", "PT-1S"})
  void slotLife_outOfRange_namesTheValue(Duration life) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> RedisRateLimiter.builder(server.url()).slotLife(life))
        .withMessage("slotLife must be from PT1S to PT10M: " + life);
  }

  @Test
  @SuppressWarnings("NullAway") // null is what is tested
  void slotLife_null_namesTheParameter() {
    assertThatNullPointerException()
        .isThrownBy(() -> RedisRateLimiter.builder(server.url()).slotLife(null))
        .withMessage("slotLife");
  }
}
