package dev.penstock;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import dev.penstock.memory.InMemoryRateLimiter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;

/** Waiting for a limiter that does not know it. */
class AskingAgainTest {

  private static final Identity USER = Identity.user("acme", "u1");
  private static final LimitPolicy SECOND = LimitPolicy.perIdentity("second", Limit.perSecond(1));
  private static final LimitPolicy SLOT = LimitPolicy.perIdentity("slot", Limit.inFlight(1));
  private static final long NANOS = Duration.ofSeconds(1).toNanos();

  private final FakeClock clock = new FakeClock(0);
  private final RateLimiter memory = InMemoryRateLimiter.create(1000, clock);
  private final RateLimiter limiter = new RecordingLimiter(memory);

  private AskingAgain ask(LimitPolicy policy, Duration maxWait) {
    return AskingAgain.of(limiter, USER, policy, Cost.ONE_REQUEST, maxWait, clock);
  }

  @Test
  void look_denied_asksAgainAtRetryAfter() {
    limiter.tryAcquire(USER, SECOND);
    AskingAgain waiter = ask(SECOND, Duration.ofSeconds(3));
    assertThat(waiter.look()).isEqualTo(NANOS);
    clock.advanceNanos(NANOS);
    assertThat(limiter.tryAcquire(USER, SECOND).permitted()).as("another was faster").isTrue();
    assertThat(waiter.look()).isEqualTo(NANOS);
    clock.advanceNanos(NANOS);
    assertThat(waiter.look()).isZero();
    assertThat(waiter.result().permitted()).isTrue();
  }

  @Test
  void look_retryAfterBeyondTheWait_isDeniedAtOnce() {
    limiter.tryAcquire(USER, SECOND);
    AskingAgain waiter = ask(SECOND, Duration.ofNanos(NANOS - 1));
    assertThat(waiter.look()).isZero();
    assertThat(waiter.result().decision().retryAfter()).contains(Duration.ofSeconds(1));
  }

  @Test
  void look_never_isDeniedAtOnce() {
    AskingAgain waiter =
        AskingAgain.of(limiter, USER, SECOND, Cost.of(2), Duration.ofDays(99_999), clock);
    assertThat(waiter.look()).isZero();
    assertThat(waiter.result().decision().never()).isTrue();
  }

  @Test
  void look_noTimeKnown_asksAfterGrowingGapsUntilTheWaitIsOver() {
    Reservation held = limiter.reserve(USER, SLOT);
    AskingAgain waiter = ask(SLOT, Duration.ofSeconds(10));
    List<Long> gaps = new ArrayList<>();
    for (long gap = waiter.look(); gap > 0; gap = waiter.look()) {
      gaps.add(gap);
      clock.advanceNanos(gap);
    }
    assertThat(gaps.get(0)).isBetween(NANOS / 2000, NANOS / 1000);
    assertThat(gaps).allMatch(gap -> gap <= NANOS).anyMatch(gap -> gap >= NANOS / 2);
    assertThat(gaps).hasSizeBetween(17, 32);
    assertThat(clock.getAsLong()).isEqualTo(10 * NANOS);
    assertThat(waiter.result().permitted()).isFalse();
    held.close();
    assertThat(ask(SLOT, Duration.ZERO).look()).isZero();
  }

  @Test
  void look_banned_isDeniedAtOnce() {
    Ban ban = Ban.after(1, Duration.ofMinutes(1)).lasting(Duration.ofSeconds(2));
    RateLimiter banning = limiter.banning(ban);
    for (int i = 0; i < 4; i++) {
      banning.tryAcquire(USER, SECOND);
    }
    AskingAgain waiter =
        AskingAgain.of(banning, USER, SECOND, Cost.ONE_REQUEST, Duration.ofDays(1), clock);
    assertThat(waiter.look()).isZero();
    assertThat(waiter.result().decision().banned()).isTrue();
  }

  @Test
  void giveUp_permitted_isCancelled() {
    AskingAgain waiter = ask(SECOND, Duration.ZERO);
    assertThat(waiter.look()).isZero();
    waiter.giveUp();
    assertThat(limiter.tryAcquire(USER, SECOND).permitted()).isTrue();
  }

  @Test
  void acquire_slotComesFree_isPermitted() throws Exception {
    Reservation held = limiter.reserve(USER, SLOT);
    CompletableFuture<Reservation> waiting =
        limiter.acquireAsync(USER, SLOT, Cost.ONE_REQUEST, Duration.ofMinutes(1));
    held.close();
    Reservation first = waiting.get(1, TimeUnit.MINUTES);
    assertThat(first.permitted()).isTrue();
    first.close();
    assertThat(limiter.acquire(USER, SLOT, Cost.ONE_REQUEST, Duration.ofMinutes(1)).permitted())
        .isTrue();
  }

  @Test
  void acquireAsync_cancelled_asksNoMore() throws Exception {
    Reservation held = limiter.reserve(USER, SLOT);
    CompletableFuture<Reservation> waiting =
        limiter.acquireAsync(USER, SLOT, Cost.ONE_REQUEST, Duration.ofMinutes(1));
    CompletableFuture<Reservation> timed =
        limiter
            .acquireAsync(USER, SLOT, Cost.ONE_REQUEST, Duration.ofMinutes(1))
            .orTimeout(1, TimeUnit.MILLISECONDS);
    waiting.cancel(false);
    assertThatExceptionOfType(ExecutionException.class)
        .isThrownBy(timed::get)
        .withCauseInstanceOf(TimeoutException.class);
    held.close();
    assertThat(limiter.acquire(USER, SLOT, Cost.ONE_REQUEST, Duration.ofMinutes(1)).permitted())
        .isTrue();
  }

  @Test
  void acquire_interrupted_throwsAndTakesNothing() {
    Thread.currentThread().interrupt();
    assertThatExceptionOfType(InterruptedException.class)
        .isThrownBy(() -> limiter.acquire(USER, SECOND, Cost.ONE_REQUEST, Duration.ZERO));
    assertThat(Thread.currentThread().isInterrupted()).isFalse();
    assertThat(limiter.tryAcquire(USER, SECOND).permitted()).isTrue();
  }

  @Test
  @SuppressWarnings("NullAway") // null is what is tested
  void acquire_wrongArguments_areRefusedInTheirOrder() {
    for (RateLimiter any : List.of(limiter, memory, memory.listening(event -> {}))) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> any.acquire(USER, SECOND, Cost.ONE_REQUEST, Duration.ofNanos(-1)))
          .withMessage("maxWait must not be negative: PT-0.000000001S");
      assertThatIllegalArgumentException()
          .isThrownBy(() -> any.acquireAsync(USER, SECOND, Cost.ONE_REQUEST, Duration.ofDays(-1)))
          .withMessage("maxWait must not be negative: PT-24H");
      assertThatNullPointerException()
          .isThrownBy(() -> any.acquireAsync(null, null, null, null))
          .withMessage("identity");
      assertThatNullPointerException()
          .isThrownBy(() -> any.acquire(USER, null, null, null))
          .withMessage("policy");
      assertThatNullPointerException()
          .isThrownBy(() -> any.acquireAsync(USER, SECOND, null, null))
          .withMessage("cost");
      assertThatNullPointerException()
          .isThrownBy(() -> any.acquire(USER, SECOND, Cost.ONE_REQUEST, null))
          .withMessage("maxWait");
    }
  }
}
