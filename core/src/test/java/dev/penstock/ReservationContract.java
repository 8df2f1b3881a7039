package dev.penstock;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Reservations: what is taken, what it comes to when it is settled, and what is put back. */
interface ReservationContract extends StoreUnderTest {

  Identity RUNNER = Identity.user("acme", "runner");
  String MODEL_TOKENS = "model-tokens";

  /** A token every 6 seconds. */
  LimitPolicy ONE_BUDGET =
      LimitPolicy.perWorkspace(
          "one-budget", Limit.perMinute(10).withUnit(MODEL_TOKENS).withOverdraft(5));

  LimitPolicy RUNS_AND_BUDGET =
      LimitPolicy.perIdentity("reserved-runs", Limit.perHour(3)).and(ONE_BUDGET);

  private static Cost tokens(long amount) {
    return Cost.units(MODEL_TOKENS, amount);
  }

  private Reservation reserve(Cost cost) {
    return limiter().reserve(RUNNER, RUNS_AND_BUDGET, cost);
  }

  /** What is put back has refilled for as long as the test took; that is over in a second. */
  private List<Long> remainingSoon() {
    advance(Duration.ofSeconds(1));
    return limiter().peek(RUNNER, RUNS_AND_BUDGET).buckets().stream()
        .map(BucketState::remaining)
        .toList();
  }

  private Duration retryAfter() {
    return limiter().peek(RUNNER, ONE_BUDGET).retryAfter().orElseThrow();
  }

  @Test
  default void reserve_closedWithoutSettling_staysChargedAsEstimated() {
    try (Reservation run = reserve(tokens(4))) {
      assertThat(run.permitted()).isTrue();
      assertThat(run.decision().buckets())
          .extracting(BucketState::remaining)
          .containsExactly(2L, 6L);
    }
    assertThat(remainingSoon()).containsExactly(2L, 6L);
  }

  @Test
  default void reserve_denied_hasTakenNothingAndCannotBeSettled() {
    Reservation denied = reserve(tokens(11));
    assertThat(denied.permitted()).isFalse();
    assertThat(denied.decision().never()).isTrue();
    denied.settle(tokens(3));
    denied.cancel();
    denied.close();
    assertThat(remainingSoon()).containsExactly(3L, 10L);
  }

  @Test
  default void settle_more_chargesTheDifferenceOnce() {
    Reservation run = reserve(tokens(1));
    run.settle(tokens(4));
    run.settle(tokens(4));
    assertThat(remainingSoon()).containsExactly(2L, 6L);
    run.settle(tokens(7));
    assertThat(remainingSoon()).containsExactly(2L, 3L);
  }

  @Test
  default void settle_paidAfterTheFact_admitsAndThenCharges() {
    Reservation run = reserve(Cost.of(1));
    assertThat(remainingSoon()).containsExactly(2L, 10L);
    run.settle(tokens(6));
    assertThat(remainingSoon()).containsExactly(2L, 4L);
  }

  @Test
  default void settle_less_putsTheDifferenceBack() {
    Reservation run = reserve(Cost.of(2).and(MODEL_TOKENS, 9));
    run.settle(tokens(2));
    assertThat(remainingSoon()).containsExactly(1L, 8L);
    run.settle(Cost.of(1));
    assertThat(remainingSoon()).containsExactly(2L, 8L);
    run.settle(tokens(0));
    assertThat(remainingSoon()).containsExactly(2L, 10L);
  }

  @Test
  default void settle_lessOfAnEmptiedBucket_canBeTakenAgain() {
    limiter().reserve(RUNNER, ONE_BUDGET, tokens(10)).settle(tokens(6));
    assertThat(limiter().tryAcquire(RUNNER, ONE_BUDGET, tokens(5)).permitted()).isFalse();
    assertThat(limiter().tryAcquire(RUNNER, ONE_BUDGET, tokens(4)).permitted()).isTrue();
    assertThat(limiter().tryAcquire(RUNNER, ONE_BUDGET, tokens(1)).permitted()).isFalse();
  }

  @Test
  default void settle_beyondEmpty_owesUpToTheOverdraft() {
    Reservation run = reserve(tokens(8));
    run.settle(tokens(13));
    assertThat(retryAfter()).isEqualTo(Duration.ofSeconds(24));
    assertThat(limiter().tryAcquire(RUNNER, ONE_BUDGET).permitted()).isFalse();
    run.settle(tokens(1_000_000));
    assertThat(retryAfter()).isEqualTo(Duration.ofSeconds(36));
    Decision owing = limiter().peek(RUNNER, ONE_BUDGET);
    assertThat(owing.buckets().get(0).remaining()).isZero();
    assertThat(owing.buckets().get(0).resetAfter()).contains(Duration.ofSeconds(90));
    assertThat(limiter().tryAcquire(RUNNER, ONE_BUDGET, tokens(10)).retryAfter())
        .contains(Duration.ofSeconds(90));
    advance(Duration.ofSeconds(36));
    assertThat(limiter().tryAcquire(RUNNER, ONE_BUDGET).permitted()).isTrue();
  }

  @Test
  default void settle_noOverdraft_empties() {
    LimitPolicy runs = LimitPolicy.perIdentity("no-overdraft", Limit.perMinute(10));
    limiter().reserve(RUNNER, runs).settle(Cost.of(Long.MAX_VALUE));
    assertThat(limiter().peek(RUNNER, runs).retryAfter()).contains(Duration.ofSeconds(6));
  }

  /** What was said, and there was no overdraft for, was never taken: it comes off first. */
  @Test
  default void settle_lessAfterMoreThanTheOverdraft_putsBackWhatWasTaken() {
    Reservation run = reserve(tokens(1));
    run.settle(tokens(100));
    run.settle(tokens(50));
    assertThat(retryAfter()).isEqualTo(Duration.ofSeconds(36));
    run.settle(tokens(3));
    assertThat(remainingSoon()).containsExactly(2L, 7L);
  }

  @Test
  default void settle_limitChangedMeanwhile_isOfTheLimitThatWasCharged() {
    Reservation run = reserve(tokens(2));
    LimitPolicy twice =
        LimitPolicy.perWorkspace("one-budget", Limit.perMinute(20).withUnit(MODEL_TOKENS));
    assertThat(limiter().peek(RUNNER, twice).buckets().get(0).remaining()).isEqualTo(16);
    run.settle(tokens(5));
    assertThat(limiter().peek(RUNNER, twice).buckets().get(0).remaining()).isEqualTo(10);
  }

  @Test
  default void cancel_putsAllBackAndCloses() {
    Reservation run = reserve(tokens(4));
    run.settle(tokens(12));
    run.cancel();
    assertThat(remainingSoon()).containsExactly(3L, 10L);
    run.settle(tokens(5));
    run.cancel();
    run.close();
    assertThat(remainingSoon()).containsExactly(3L, 10L);
  }

  /** In part, and for longer than the bucket takes to fill. */
  @ParameterizedTest
  @ValueSource(longs = {1, 12, 600})
  default void cancel_refilledSince_fillsToTheCapacityAndNoFurther(long seconds) {
    Reservation run = reserve(tokens(5));
    advance(Duration.ofSeconds(seconds));
    run.cancel();
    run.cancel();
    assertThat(limiter().tryAcquire(RUNNER, ONE_BUDGET, tokens(10)).permitted()).isTrue();
    assertThat(limiter().tryAcquire(RUNNER, ONE_BUDGET, tokens(1)).permitted()).isFalse();
  }

  @Test
  default void close_settledAfterwards_changesNothing() {
    Reservation run = reserve(tokens(4));
    run.close();
    run.close();
    run.settle(tokens(1));
    run.cancel();
    assertThat(remainingSoon()).containsExactly(2L, 6L);
  }

  @Test
  default void clientGone_runsEveryTaskOnceAndCanStillBeSettled() {
    List<String> ran = new ArrayList<>();
    Reservation run = reserve(tokens(1));
    run.onClientGone(() -> ran.add("first"));
    run.onClientGone(
        () -> {
          throw new IllegalStateException("a task that fails");
        });
    run.onClientGone(() -> ran.add("last"));
    try (CapturedLog log = new CapturedLog(Reservation.class)) {
      run.clientGone();
      run.clientGone();
      assertThat(log.records()).hasSize(1);
    }
    assertThat(ran).containsExactly("first", "last");
    run.onClientGone(() -> ran.add("late"));
    assertThat(ran).containsExactly("first", "last", "late");
    run.settle(tokens(4));
    assertThat(remainingSoon()).containsExactly(2L, 6L);
  }

  @Test
  default void clientGone_closedOrDenied_runsNothing() {
    List<String> ran = new ArrayList<>();
    Reservation closed = reserve(tokens(1));
    closed.onClientGone(() -> ran.add("closed"));
    closed.close();
    closed.clientGone();
    closed.onClientGone(() -> ran.add("after"));
    Reservation denied = reserve(tokens(11));
    denied.onClientGone(() -> ran.add("denied"));
    denied.clientGone();
    assertThat(ran).isEmpty();
  }

  @Test
  default void settle_manyAtOnce_chargesEachExactly() {
    LimitPolicy wide =
        LimitPolicy.everyone("wide-budget", Limit.perDay(100_000).withUnit(MODEL_TOKENS));
    try (Crowd crowd = new Crowd(20)) {
      crowd.ask(
          thread -> {
            List<Reservation> open = new ArrayList<>();
            for (int i = 0; i < 10; i++) {
              Reservation run = limiter().reserve(RUNNER, wide, tokens(2));
              run.settle(tokens(5 + i));
              open.add(run);
            }
            open.forEach(Reservation::close);
            return thread;
          });
    }
    assertThat(limiter().peek(RUNNER, wide).buckets().get(0).remaining())
        .isEqualTo(100_000 - 20 * 95);
  }

  @Test
  @SuppressWarnings("NullAway") // null is what is tested
  default void everyMethod_nullOfAReservation_namesTheParameter() {
    assertThatNullPointerException()
        .isThrownBy(() -> limiter().reserve(RUNNER, ONE_BUDGET, null))
        .withMessage("cost");
    assertThatNullPointerException()
        .isThrownBy(() -> reserve(tokens(1)).settle(null))
        .withMessage("total");
    assertThatNullPointerException()
        .isThrownBy(() -> reserve(tokens(1)).onClientGone(null))
        .withMessage("task");
  }
}
