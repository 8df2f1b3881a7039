package dev.penstock.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.penstock.Ban;
import dev.penstock.Cost;
import dev.penstock.Crowd;
import dev.penstock.Decision;
import dev.penstock.FakeClock;
import dev.penstock.Identity;
import dev.penstock.Limit;
import dev.penstock.LimitPolicy;
import dev.penstock.MetricFamily;
import dev.penstock.RateLimitEvent;
import dev.penstock.RateLimiter;
import dev.penstock.Reservation;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;

/** Threads and futures that wait; who passes when is {@code AwaitedReservationTest}'s. */
class InMemoryWaitingTest {

  private static final Identity USER = Identity.user("acme", "u1");
  private static final LimitPolicy HOURLY = LimitPolicy.perIdentity("hourly", Limit.perHour(1));
  private static final LimitPolicy SLOT = LimitPolicy.perIdentity("slot", Limit.inFlight(1));
  private static final Duration DAY = Duration.ofDays(1);
  private static final Duration HOUR = Duration.ofHours(1);

  private final InMemoryRateLimiter limiter = InMemoryRateLimiter.create(1000, new FakeClock(7));

  private static CompletableFuture<Reservation> await(RateLimiter limiter, LimitPolicy policy) {
    return limiter.acquireAsync(USER, policy, Cost.ONE_REQUEST, DAY);
  }

  private Duration retryAfter() {
    return limiter.peek(USER, HOURLY).retryAfter().orElseThrow();
  }

  private static void until(BooleanSupplier condition) {
    long since = System.nanoTime();
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime() - since).isLessThan(Duration.ofMinutes(1).toNanos());
      Thread.onSpinWait();
    }
  }

  @Test
  void acquire_holdsTheCost_returnsAtOnce() throws Exception {
    try (Reservation reservation = limiter.acquire(USER, HOURLY, Cost.ONE_REQUEST, DAY)) {
      assertThat(reservation.permitted()).isTrue();
    }
    assertThat(limiter.acquire(USER, HOURLY, Cost.ONE_REQUEST, Duration.ZERO).permitted())
        .isFalse();
    assertThat(retryAfter()).isEqualTo(HOUR);
  }

  @Test
  void acquire_interruptedWhileItWaits_givesBack() throws Exception {
    limiter.tryAcquire(USER, HOURLY);
    for (LimitPolicy policy : List.of(HOURLY, HOURLY.and(SLOT))) {
      CompletableFuture<Boolean> interrupted = new CompletableFuture<>();
      Thread waiter =
          new Thread(
              () -> {
                try {
                  limiter.acquire(USER, policy, Cost.ONE_REQUEST, DAY);
                  interrupted.complete(false);
                } catch (InterruptedException e) {
                  interrupted.complete(!Thread.currentThread().isInterrupted());
                }
              });
      waiter.start();
      until(() -> retryAfter().equals(HOUR.multipliedBy(2)));
      waiter.interrupt();
      assertThat(interrupted.get(1, TimeUnit.MINUTES)).isTrue();
      assertThat(retryAfter()).isEqualTo(HOUR);
      assertThat(limiter.peek(USER, SLOT).permitted()).isTrue();
    }
  }

  @Test
  void acquire_interruptedBefore_takesNothing() {
    Thread.currentThread().interrupt();
    assertThatExceptionOfType(InterruptedException.class)
        .isThrownBy(() -> limiter.acquire(USER, HOURLY, Cost.ONE_REQUEST, DAY));
    assertThat(limiter.size()).isZero();
  }

  @Test
  void acquireAsync_cancelled_givesBackBeforeCancelReturns() {
    limiter.tryAcquire(USER, HOURLY);
    List<RateLimiter> limiters =
        List.of(limiter, limiter.listening(event -> {}), limiter.banning(ban()));
    for (RateLimiter any : limiters) {
      CompletableFuture<Reservation> waiting = await(any, HOURLY);
      assertThat(waiting).isNotDone();
      assertThat(retryAfter()).isEqualTo(HOUR.multipliedBy(2));
      assertThat(waiting.cancel(true)).isTrue();
      assertThat(retryAfter()).isEqualTo(HOUR);
      assertThatExceptionOfType(CancellationException.class).isThrownBy(waiting::join);
    }
  }

  private static Ban ban() {
    return Ban.after(1, Duration.ofMinutes(1)).lasting(Duration.ofMinutes(1));
  }

  @Test
  void acquireAsync_timedOutOrCompleted_givesBack() {
    limiter.tryAcquire(USER, HOURLY);
    CompletableFuture<Reservation> timed =
        await(limiter, HOURLY).orTimeout(1, TimeUnit.NANOSECONDS);
    until(() -> retryAfter().equals(HOUR));
    assertThat(timed).isCompletedExceptionally();
    CompletableFuture<Reservation> waiting = await(limiter, HOURLY);
    try (Reservation other = limiter.reserve(USER, SLOT)) {
      waiting.complete(other);
    }
    assertThat(retryAfter()).isEqualTo(HOUR);
  }

  @Test
  void acquireAsync_slotComesFree_isCompletedOffTheThreadThatFreesItAndTheTimer() {
    Reservation held = limiter.reserve(USER, SLOT);
    CompletableFuture<Thread> thread =
        await(limiter, SLOT)
            .thenApply(
                reservation -> {
                  assertThat(reservation.permitted()).isTrue();
                  return Thread.currentThread();
                });
    held.close();
    assertThat(thread.join()).isNotSameAs(Thread.currentThread());
    assertThat(thread.join().getName()).doesNotContain("penstock-waits");
  }

  @Test
  void acquireAsync_manyByTheSystemClock_passInTheOrderOfArrival() {
    InMemoryRateLimiter system = InMemoryRateLimiter.create();
    LimitPolicy policy = LimitPolicy.perIdentity("p", Limit.of(1, 100, Duration.ofSeconds(1)));
    long since = System.nanoTime();
    List<Long> passed = new CopyOnWriteArrayList<>();
    List<CompletableFuture<Void>> all = new ArrayList<>();
    for (int i = 0; i < 30; i++) {
      all.add(
          await(system, policy)
              .thenAccept(
                  reservation -> {
                    assertThat(reservation.permitted()).isTrue();
                    passed.add(System.nanoTime() - since);
                  }));
    }
    all.forEach(CompletableFuture::join);
    for (int i = 0; i < passed.size(); i++) {
      assertThat(passed.get(i)).isGreaterThanOrEqualTo(Duration.ofMillis(10).toNanos() * i);
    }
  }

  @Test
  void acquire_slots_neverMoreThanThereAreAndAllAreServed() {
    LimitPolicy three = LimitPolicy.perIdentity("three", Limit.inFlight(3));
    AtomicInteger inside = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    try (Crowd crowd = new Crowd(12)) {
      crowd.ask(
          number -> {
            for (int i = 0; i < 300; i++) {
              try (Reservation run = acquire(three)) {
                assertThat(run.permitted()).isTrue();
                most.accumulateAndGet(inside.incrementAndGet(), Math::max);
                inside.decrementAndGet();
              }
            }
            return true;
          });
    }
    assertThat(most.get()).isBetween(1, 3);
    assertThat(limiter.peek(USER, three).buckets().get(0).remaining()).isEqualTo(3);
    assertThat(samples("penstock_slots_awaited")).isZero();
  }

  private Reservation acquire(LimitPolicy policy) {
    try {
      return limiter.acquire(USER, policy, Cost.ONE_REQUEST, DAY);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void acquire_slotsCancelledAtRandom_noneIsLost() {
    try (Crowd crowd = new Crowd(8)) {
      crowd.ask(
          number -> {
            for (int i = 0; i < 2000; i++) {
              CompletableFuture<Reservation> waiting = await(limiter, SLOT);
              boolean isCancelled = (i + number) % 3 == 0 && waiting.cancel(false);
              if (!isCancelled) {
                waiting.join().close();
              }
            }
            return true;
          });
    }
    until(() -> limiter.peek(USER, SLOT).permitted());
    assertThat(samples("penstock_slots_awaited")).isZero();
    assertThat(samples("penstock_slots_held")).isZero();
  }

  private double samples(String family) {
    return limiter.metrics().stream()
        .filter(metric -> metric.name().equals(family))
        .flatMap(metric -> metric.samples().stream())
        .mapToDouble(sample -> ((MetricFamily.Value) sample).value())
        .sum();
  }

  @Test
  void metrics_callersWaitForASlot_countsThem() {
    Reservation held = limiter.reserve(USER, SLOT);
    CompletableFuture<Reservation> first = await(limiter, SLOT);
    CompletableFuture<Reservation> second = await(limiter, SLOT);
    assertThat(samples("penstock_slots_awaited")).isEqualTo(2);
    second.cancel(false);
    held.close();
    assertThat(samples("penstock_slots_awaited")).as("it is served by whoever closes").isZero();
    first.join().close();
  }

  @Test
  void listening_acquire_isToldOnceWhenTheWaitIsOver() throws Exception {
    List<RateLimitEvent> events = new CopyOnWriteArrayList<>();
    RateLimiter listened = limiter.listening(events::add);
    Reservation held = limiter.reserve(USER, SLOT);
    CompletableFuture<Reservation> waiting = await(listened, SLOT);
    assertThat(events).isEmpty();
    held.close();
    waiting.join().cancel();
    assertThat(events)
        .extracting(RateLimitEvent::type)
        .containsExactly(RateLimitEvent.Type.DECIDED, RateLimitEvent.Type.CANCELLED);
    limiter.tryAcquire(USER, HOURLY);
    listened.acquire(USER, HOURLY, Cost.ONE_REQUEST, Duration.ofMinutes(1));
    assertThat(events.get(2).decision().permitted()).isFalse();
    assertThat(events).hasSize(3);
  }

  @Test
  void banning_acquireOfWhoeverIsBanned_isDeniedAtOnce() throws Exception {
    RateLimiter banning = limiter.banning(ban());
    limiter.tryAcquire(USER, HOURLY);
    CompletableFuture<Reservation> before = await(banning, HOURLY);
    assertThat(before).isNotDone();
    for (int i = 0; i < 3; i++) {
      banning.acquire(USER, HOURLY, Cost.ONE_REQUEST, Duration.ofMinutes(1));
    }
    Decision banned = banning.acquire(USER, HOURLY, Cost.ONE_REQUEST, DAY).decision();
    assertThat(banned.banned()).isTrue();
    before.cancel(false);
  }
}
