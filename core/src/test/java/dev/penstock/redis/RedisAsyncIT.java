package dev.penstock.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.penstock.Ban;
import dev.penstock.Cost;
import dev.penstock.Decision;
import dev.penstock.Identity;
import dev.penstock.Limit;
import dev.penstock.LimitPolicy;
import dev.penstock.RateLimitEvent;
import dev.penstock.RateLimiter;
import dev.penstock.Reservation;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Decisions for which no caller waits, on a server that stands still, dies, or answers. */
class RedisAsyncIT {

  private static final Duration SOON = Duration.ofSeconds(20);
  private static final Identity USER = Identity.user("acme", "u1");
  private static final LimitPolicy TEN = LimitPolicy.perIdentity("ten", Limit.perDay(10));
  private static final LimitPolicy THOUSAND =
      LimitPolicy.perIdentity("thousand", Limit.per(1000, Duration.ofDays(3_650)));
  private static final LimitPolicy SLOTS = LimitPolicy.perIdentity("slots", Limit.inFlight(2));
  private static final String LANE = "penstock-redis-async";

  private RedisServer server;

  @BeforeEach
  void start() {
    server = RedisServer.start();
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private RedisRateLimiterBuilder builder() {
    return RedisRateLimiter.builder(server.url())
        .timeout(Duration.ofSeconds(10))
        .cheapDenials(Duration.ZERO);
  }

  private static <T> T result(CompletableFuture<T> future) {
    return future.orTimeout(SOON.toSeconds(), TimeUnit.SECONDS).join();
  }

  /** Whoever waits for the network waits until the server goes on, which this test does later. */
  @Test
  void everyMethod_serverStandsStill_returnsBeforeItAnswers() {
    try (RedisRateLimiter limiter = builder().build()) {
      Reservation run = limiter.reserve(USER, TEN, Cost.of(2));
      server.pause();
      CompletableFuture<Decision> decision = limiter.tryAcquireAsync(USER, TEN);
      CompletableFuture<Reservation> slots = limiter.reserveAsync(USER, SLOTS, Cost.ONE_REQUEST);
      CompletableFuture<Void> settled = run.settleAsync(Cost.of(5));
      run.close();
      assertThat(decision).isNotDone();
      assertThat(slots).isNotDone();
      assertThat(settled).isNotDone();
      server.resume();
      assertThat(result(decision).source()).isEqualTo(Decision.Source.REDIS);
      assertThat(result(slots).permitted()).isTrue();
      result(settled);
      assertThat(remaining(limiter)).isEqualTo(4);
      result(slots).close();
    }
  }

  @Test
  void settleAsync_manyWhileTheServerStandsStill_theLastTotalIsCharged() {
    try (RedisRateLimiter limiter = builder().build()) {
      Reservation run = limiter.reserve(USER, TEN, Cost.of(2));
      server.pause();
      List<CompletableFuture<Void>> all = new ArrayList<>();
      for (int total : List.of(8, 3, 6, 10, 1, 7, 4)) {
        all.add(run.settleAsync(Cost.of(total)));
      }
      run.settle(Cost.of(5)); // while another thread tells Redis it is told with the others
      assertThat(all).noneMatch(CompletableFuture::isDone);
      server.resume();
      all.forEach(RedisAsyncIT::result);
      Await.until("the last is charged", SOON, () -> remaining(limiter) == 5);
      result(run.settleAsync(Cost.of(3)));
      assertThat(remaining(limiter)).isEqualTo(7);
    }
  }

  @Test
  void settleAsync_thenCancelled_allIsPutBack() {
    try (RedisRateLimiter limiter = builder().build()) {
      Reservation run = limiter.reserve(USER, TEN, Cost.of(2));
      server.pause();
      CompletableFuture<Void> more = run.settleAsync(Cost.of(6));
      CompletableFuture<Void> less = run.settleAsync(Cost.of(4));
      run.cancel();
      CompletableFuture<Void> late = run.settleAsync(Cost.of(5));
      server.resume();
      result(CompletableFuture.allOf(more, less, late));
      Await.until("all is put back", SOON, () -> remaining(limiter) == 10);
    }
  }

  /** As a stream settles, over a slow network, with one that others settle at the same time. */
  @Test
  void settleAsync_slowNetwork_isCarriedOutInTheOrderOfTheCalls() {
    Random random = new Random(15);
    try (FaultProxy proxy = FaultProxy.to(server.port());
        RedisRateLimiter limiter =
            RedisRateLimiter.builder(proxy.url())
                .timeout(Duration.ofSeconds(10))
                .cheapDenials(Duration.ZERO)
                .build()) {
      proxy.delay(Duration.ofMillis(3));
      List<CompletableFuture<Void>> told = new ArrayList<>();
      int charged = 0;
      List<Reservation> runs = new ArrayList<>();
      for (int i = 0; i < 40; i++) {
        runs.add(limiter.reserve(USER, THOUSAND, Cost.of(1 + random.nextInt(10))));
      }
      for (Reservation run : runs) {
        int total = 0;
        for (int i = 0; i < 8; i++) {
          total = random.nextInt(20);
          told.add(run.settleAsync(Cost.of(total)));
        }
        switch (random.nextInt(3)) {
          case 0 -> {
            run.cancel();
            total = 0;
          }
          case 1 -> run.close();
          default -> {}
        }
        charged += total;
      }
      told.forEach(RedisAsyncIT::result);
      long left = 1000L - charged;
      // What was cancelled is put back but for what has refilled since it was taken.
      Await.until("all is told", SOON, () -> remaining(limiter, THOUSAND) >= left - 1);
      assertThat(remaining(limiter, THOUSAND)).isLessThanOrEqualTo(left);
    }
  }

  private static long remaining(RateLimiter limiter) {
    return remaining(limiter, TEN);
  }

  private static long remaining(RateLimiter limiter, LimitPolicy policy) {
    return limiter.peek(USER, policy).buckets().get(0).remaining();
  }

  @Test
  void cancel_beforeTheAnswer_leavesNothingBehind() {
    try (RedisRateLimiter limiter = builder().build()) {
      limiter.tryAcquire(USER, TEN);
      server.pause();
      List<CompletableFuture<?>> all = new ArrayList<>();
      for (int i = 0; i < 6; i++) {
        all.add(limiter.tryAcquireAsync(USER, TEN));
      }
      for (int i = 0; i < 2; i++) {
        all.add(limiter.reserveAsync(USER, SLOTS, Cost.ONE_REQUEST));
      }
      all.forEach(future -> assertThat(future.cancel(true)).isTrue());
      server.resume();
      Await.until("what was taken is put back", SOON, () -> remaining(limiter) == 9);
      Await.until("slots are free", SOON, () -> limiter.peek(USER, SLOTS).permitted());
      Await.until("none is under way", SOON, () -> limiter.underWay() == 0);
      assertThat(limiter.statistics().failoverDecisions()).isZero();
    }
  }

  @Test
  void tryAcquireAsync_moreThanMayBeUnderWay_areDecidedAtOnceWithoutRedis() {
    try (RedisRateLimiter limiter = builder().underWay(2).build()) {
      server.pause();
      List<CompletableFuture<Decision>> all = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        all.add(limiter.tryAcquireAsync(USER, TEN));
      }
      CompletableFuture<Reservation> slot = limiter.reserveAsync(USER, SLOTS, Cost.ONE_REQUEST);
      assertThat(all.get(2))
          .isCompletedWithValueMatching(decision -> decision.source() == Decision.Source.LOCAL);
      assertThat(slot).isCompletedWithValueMatching(Reservation::permitted);
      assertThat(all.subList(0, 2)).noneMatch(CompletableFuture::isDone);
      server.resume();
      assertThat(result(all.get(0)).source()).isEqualTo(Decision.Source.REDIS);
      result(all.get(1));
      Await.until("none is under way", SOON, () -> limiter.underWay() == 0);
      result(slot).close();
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void callbacks_runOnTheThreadThatReadsRepliesOnlyIfAskedTo(boolean asked) {
    RedisRateLimiterBuilder builder = builder();
    try (RedisRateLimiter limiter = (asked ? builder.callbacks(Runnable::run) : builder).build()) {
      server.pause();
      CompletableFuture<String> thread =
          limiter
              .tryAcquireAsync(USER, TEN)
              .thenApply(decision -> Thread.currentThread().getName());
      assertThat(thread).isNotDone();
      server.resume();
      assertThat(result(thread).equals(LANE)).isEqualTo(asked);
    }
  }

  @Test
  void callbacks_executorThatRejects_costsNoDecision() {
    try (RedisRateLimiter limiter =
        builder()
            .callbacks(
                task -> {
                  throw new RejectedExecutionException("too much to do");
                })
            .build()) {
      assertThat(result(limiter.tryAcquireAsync(USER, TEN)).permitted()).isTrue();
    }
  }

  @Test
  void tryAcquireAsync_serverDies_everyOneIsDecidedByFailover() {
    try (RedisRateLimiter limiter =
        RedisRateLimiter.builder(server.url()).timeout(Duration.ofSeconds(1)).build()) {
      limiter.tryAcquire(USER, TEN);
      server.pause();
      List<CompletableFuture<Reservation>> all = new ArrayList<>();
      for (int i = 0; i < 40; i++) {
        all.add(limiter.reserveAsync(USER, TEN, Cost.ONE_REQUEST));
      }
      server.kill();
      List<Reservation> runs = all.stream().map(RedisAsyncIT::result).toList();
      // What was sent may have been carried out: it counts here as spent until that is known.
      assertThat(runs.stream().filter(Reservation::permitted).count()).isBetween(1L, 9L);
      assertThat(runs).allMatch(run -> run.decision().source() == Decision.Source.LOCAL);
      Await.until("Redis is away", SOON, () -> isDecidedAtOnce(limiter));
    }
  }

  private static boolean isDecidedAtOnce(RedisRateLimiter limiter) {
    CompletableFuture<Decision> decision = limiter.tryAcquireAsync(Identity.user("other"), TEN);
    return !limiter.statistics().available() && decision.isDone();
  }

  @Test
  void tryAcquireAsync_throughListenerAndBan_isToldOnceAndCanBeCancelled() {
    List<RateLimitEvent> told = new CopyOnWriteArrayList<>();
    try (RedisRateLimiter limiter = builder().build()) {
      RateLimiter outer =
          limiter
              .banning(Ban.after(3, Duration.ofMinutes(1)).lasting(Duration.ofMinutes(5)))
              .listening(told::add);
      assertThat(result(outer.tryAcquireAsync(USER, TEN)).permitted()).isTrue();
      Await.until("the listener is told", SOON, () -> told.size() == 1);
      server.pause();
      CompletableFuture<Decision> cancelled = outer.tryAcquireAsync(USER, TEN, Cost.of(4));
      assertThat(cancelled.cancel(true)).isTrue();
      assertThat(cancelled).isCancelled();
      server.resume();
      Await.until("what was taken is put back", SOON, () -> remaining(limiter) == 9);
      assertThat(told).hasSize(1);
      Reservation run = result(outer.reserveAsync(USER, TEN, Cost.ONE_REQUEST));
      result(run.settleAsync(Cost.of(3)));
      assertThat(remaining(limiter)).isEqualTo(6);
      assertThat(told)
          .extracting(RateLimitEvent::type)
          .endsWith(RateLimitEvent.Type.DECIDED, RateLimitEvent.Type.SETTLED);
    }
  }

  @Test
  void underWay_outOfRange_isRefused() {
    for (int underWay : List.of(0, 1_000_001)) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> builder().underWay(underWay))
          .withMessage("underWay must be from 1 to 1000000: " + underWay);
    }
  }
}
