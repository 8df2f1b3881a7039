package dev.penstock.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.penstock.Ban;
import dev.penstock.Cost;
import dev.penstock.Decision;
import dev.penstock.FailoverMode;
import dev.penstock.Identity;
import dev.penstock.Limit;
import dev.penstock.LimitPolicy;
import dev.penstock.RateLimiter;
import dev.penstock.Reservation;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import redis.clients.jedis.RedisClient;
import redis.clients.jedis.UnifiedJedis;

/** Who waits for tokens in Redis: where it stands in line, and what it leaves behind. */
class RedisWaitingIT {

  private static final Duration SOON = Duration.ofSeconds(20);
  private static final Duration HOUR = Duration.ofHours(1);
  private static final Duration DAY = Duration.ofDays(1);
  private static final Identity USER = Identity.user("acme", "u1");
  private static final Duration TURN = Duration.ofMinutes(10);
  private static final LimitPolicy ONE = LimitPolicy.perIdentity("one", Limit.of(1, 1, TURN));
  private static final int LINE_BYTES = 75;
  private static final int PLACE_BYTES = 28;

  private final String prefix = "waiting-" + UUID.randomUUID();

  private UnifiedJedis jedis;
  private RedisRateLimiter one;
  private RedisRateLimiter other;

  @BeforeEach
  void start() {
    jedis = RedisClient.create(SharedRedis.url());
    ServerClock clock = new ServerClock(jedis, prefix + ":clock");
    one = builder().script(clock.script()).build();
    other = builder().script(clock.script()).build();
  }

  private RedisRateLimiterBuilder builder() {
    return RedisRateLimiter.builder(SharedRedis.url())
        .timeout(Duration.ofSeconds(10))
        .prefix(prefix)
        .cheapDenials(Duration.ZERO);
  }

  @AfterEach
  void stop() {
    one.close();
    other.close();
    jedis.close();
  }

  private static CompletableFuture<Reservation> await(RateLimiter limiter, LimitPolicy policy) {
    return limiter.acquireAsync(USER, policy, Cost.ONE_REQUEST, DAY);
  }

  /** Returns after how many turns whoever comes next may pass. */
  private long behind(LimitPolicy policy) {
    Duration retryAfter = one.peek(USER, policy).retryAfter().orElse(Duration.ZERO);
    assertThat(retryAfter.toMillis() % TURN.toMillis()).isZero();
    return retryAfter.toMinutes() / TURN.toMinutes();
  }

  private void until(LimitPolicy policy, long tokens) {
    Await.until(
        "the next one is behind " + tokens,
        SOON,
        () -> behind(policy) == tokens && one.underWay() == 0 && other.underWay() == 0);
  }

  @Test
  void acquireAsync_twoInstances_standInOneLine() {
    one.tryAcquire(USER, ONE);
    CompletableFuture<Reservation> first = await(one, ONE);
    until(ONE, 2);
    CompletableFuture<Reservation> second = await(other, ONE);
    until(ONE, 3);
    assertThat(other.tryAcquire(USER, ONE).permitted()).isFalse();
    assertThat(first).isNotDone();
    assertThat(second).isNotDone();
    second.cancel(true);
    until(ONE, 2);
    first.cancel(true);
    until(ONE, 1);
    assertThat(one.underWay()).isZero();
  }

  @Test
  void acquire_wouldTakeTooLong_isDeniedAtOnceAndTakesNothing() throws Exception {
    one.tryAcquire(USER, ONE);
    Reservation denied = one.acquire(USER, ONE, Cost.ONE_REQUEST, TURN.minusMillis(1));
    assertThat(denied.permitted()).isFalse();
    assertThat(denied.decision().retryAfter()).contains(TURN);
    assertThat(one.acquireAsync(USER, ONE, Cost.ONE_REQUEST, TURN.minusMillis(1)).get())
        .extracting(Reservation::permitted)
        .isEqualTo(false);
    assertThat(behind(ONE)).isEqualTo(1);
    Reservation never = one.acquire(USER, ONE, Cost.of(2), DAY);
    assertThat(never.decision().never()).isTrue();
  }

  /** What was last heard says no to all who do not wait, and not to one who does. */
  @Test
  void acquireAsync_deniedWithoutRedisAsItIs_waitsAllTheSame() {
    try (RedisRateLimiter cheap = builder().cheapDenials(Duration.ofSeconds(1)).build()) {
      cheap.tryAcquire(USER, ONE);
      cheap.tryAcquire(USER, ONE);
      CompletableFuture<Reservation> waiting = await(cheap, ONE);
      Await.until(
          "it stands in line",
          SOON,
          () -> cheap.peek(USER, ONE).retryAfter().orElseThrow().compareTo(TURN) > 0);
      assertThat(waiting).isNotDone();
      waiting.cancel(true);
    }
  }

  @Test
  void acquire_interrupted_givesBack() throws Exception {
    one.tryAcquire(USER, ONE);
    CompletableFuture<Boolean> interrupted = new CompletableFuture<>();
    Thread waiter =
        new Thread(
            () -> {
              try {
                one.acquire(USER, ONE, Cost.ONE_REQUEST, DAY);
                interrupted.complete(false);
              } catch (InterruptedException e) {
                interrupted.complete(!Thread.currentThread().isInterrupted());
              }
            });
    waiter.start();
    until(ONE, 2);
    waiter.interrupt();
    assertThat(interrupted.get(1, TimeUnit.MINUTES)).isTrue();
    assertThat(behind(ONE)).isEqualTo(1);
    Thread.currentThread().interrupt();
    assertThatExceptionOfType(InterruptedException.class)
        .isThrownBy(() -> one.acquire(USER, ONE, Cost.ONE_REQUEST, DAY));
    assertThat(behind(ONE)).isEqualTo(1);
  }

  @Test
  void acquireAsync_timedOut_givesBack() {
    one.tryAcquire(USER, ONE);
    CompletableFuture<Reservation> waiting = await(one, ONE);
    until(ONE, 2);
    waiting.orTimeout(1, TimeUnit.NANOSECONDS);
    until(ONE, 1);
  }

  /** Of one instance those behind have the places before; what goes back is the last one's. */
  @Test
  void cancel_othersWaitBehindInTheSameInstance_goesBackExactly() {
    one.tryAcquire(USER, ONE);
    List<CompletableFuture<Reservation>> all = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      all.add(await(one, ONE));
      until(ONE, 2 + i);
    }
    for (int i = 0; i < 4; i++) {
      all.get(i).cancel(true);
      until(ONE, 4 - i);
    }
  }

  private void untilLeft(int places) {
    Await.until(
        "as many places are left as " + places,
        SOON,
        () ->
            jedis.keys(prefix + ":3:*").stream()
                .anyMatch(key -> jedis.strlen(key) == LINE_BYTES + places * PLACE_BYTES));
  }

  /** Behind the one behind, a newcomer would be too late; beside it, two would pass at once. */
  @Test
  void cancel_anotherInstanceWaitsBehind_whoeverComesNextTakesThePlaceOver() {
    one.tryAcquire(USER, ONE);
    CompletableFuture<Reservation> first = await(one, ONE);
    until(ONE, 2);
    CompletableFuture<Reservation> second = await(other, ONE);
    until(ONE, 3);
    first.cancel(true);
    untilLeft(1);
    assertThat(behind(ONE)).as("nothing goes back").isEqualTo(3);
    CompletableFuture<Reservation> third =
        one.acquireAsync(USER, ONE, Cost.ONE_REQUEST, TURN.multipliedBy(2));
    untilLeft(0);
    until(ONE, 3);
    assertThat(third).isNotDone();
    third.cancel(true);
    untilLeft(1);
    assertThat(second).isNotDone();
    second.cancel(true);
    until(ONE, 1);
  }

  @Test
  void acquireAsync_unnamedUnit_waitsUntilTheBucketHoldsAToken() {
    LimitPolicy tokens =
        LimitPolicy.perIdentity("tokens", Limit.of(1, 20, Duration.ofSeconds(1)).withUnit("t"));
    LimitPolicy both = LimitPolicy.perIdentity("many", Limit.perSecond(1000)).and(tokens);
    try (RedisRateLimiter live = builder().build()) {
      long before = System.nanoTime();
      live.tryAcquire(USER, tokens, Cost.units("t", 1));
      Reservation run = await(live, both).orTimeout(20, TimeUnit.SECONDS).join();
      assertThat(run.permitted()).isTrue();
      assertThat(System.nanoTime() - before).isGreaterThan(Duration.ofMillis(50).toNanos());
    }
  }

  @Test
  void acquireAsync_banned_isDeniedAtOnce() {
    RateLimiter banning =
        one.banning(Ban.after(1, Duration.ofMinutes(1)).lasting(HOUR), Runnable::run);
    banning.tryAcquire(USER, ONE);
    CompletableFuture<Reservation> before = await(banning, ONE);
    until(ONE, 2);
    assertThat(before).isNotDone();
    for (int i = 0; i < 3; i++) {
      banning.tryAcquire(USER, ONE);
    }
    Decision banned = await(banning, ONE).orTimeout(20, TimeUnit.SECONDS).join().decision();
    assertThat(banned.banned()).isTrue();
    before.cancel(false);
  }

  @Test
  void acquireAsync_shadowLimit_isTriedWhenTheWaitIsOver() {
    LimitPolicy fast = LimitPolicy.perIdentity("fast", Limit.of(1, 20, Duration.ofSeconds(1)));
    LimitPolicy shadow = LimitPolicy.perIdentity("shadow", Limit.perHour(1)).asShadow();
    try (RedisRateLimiter live = builder().build()) {
      live.tryAcquire(USER, fast);
      Reservation run = await(live, fast.and(shadow)).orTimeout(20, TimeUnit.SECONDS).join();
      assertThat(run.decision().shadow()).get().extracting(Decision::permitted).isEqualTo(true);
      assertThat(live.peek(USER, shadow).shadow().orElseThrow().permitted()).isFalse();
      run.cancel();
      Await.until(
          "the refill of a round trip",
          SOON,
          () -> live.peek(USER, shadow).shadow().orElseThrow().permitted());
    }
  }

  @Test
  void acquireAsync_policyInFailover_decidesOrWaitsHere() {
    RedisServer server = RedisServer.start();
    LimitPolicy fast = LimitPolicy.perIdentity("fast", Limit.of(1, 5, Duration.ofSeconds(1)));
    LimitPolicy open = turns("open", FailoverMode.OPEN);
    LimitPolicy closed = turns("closed", FailoverMode.CLOSED);
    try (RedisRateLimiter live =
        RedisRateLimiter.builder(server.url()).cheapDenials(Duration.ZERO).build()) {
      for (LimitPolicy policy : List.of(ONE, open, closed)) {
        live.tryAcquire(USER, policy);
      }
      CompletableFuture<Reservation> waiting = await(live, ONE);
      long before = System.nanoTime();
      live.tryAcquire(USER, fast);
      List<CompletableFuture<Reservation>> all = new ArrayList<>();
      for (int i = 0; i < 10; i++) {
        all.add(await(live, fast));
      }
      Await.until("all are placed", SOON, () -> live.underWay() == 0);
      server.close();
      CompletableFuture<Reservation> behind = await(live, fast);
      for (CompletableFuture<Reservation> each : all) {
        assertThat(each.orTimeout(20, TimeUnit.SECONDS).join().permitted()).isTrue();
      }
      assertThat(System.nanoTime() - before).isGreaterThan(Duration.ofSeconds(2).toNanos());
      assertThat(behind.orTimeout(20, TimeUnit.SECONDS).join().decision().source())
          .isEqualTo(Decision.Source.LOCAL);
      assertThat(System.nanoTime() - before)
          .as("behind those who waited for Redis")
          .isGreaterThan(Duration.ofMillis(2200).toNanos());
      assertThat(await(live, open).orTimeout(20, TimeUnit.SECONDS).join().permitted()).isTrue();
      assertThat(await(live, closed).orTimeout(20, TimeUnit.SECONDS).join().permitted()).isFalse();
      CompletableFuture<Reservation> here = await(live, ONE);
      Await.until(
          "it waits behind",
          SOON,
          () ->
              live.peek(USER, ONE).retryAfter().orElseThrow().compareTo(TURN.multipliedBy(2)) > 0);
      here.cancel(true);
      Await.until(
          "it is given back",
          SOON,
          () ->
              live.peek(USER, ONE).retryAfter().orElseThrow().compareTo(TURN.multipliedBy(2)) <= 0);
      assertThat(waiting).isNotDone();
      waiting.cancel(true);
    } finally {
      server.close();
    }
  }

  private static LimitPolicy turns(String name, FailoverMode mode) {
    return LimitPolicy.perIdentity(name, Limit.of(1, 1, TURN).withFailover(mode));
  }
}
