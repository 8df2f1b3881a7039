package dev.penstock;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.logging.LogRecord;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** In-flight limits: how many requests may be under way at once. */
interface SlotsContract extends StoreUnderTest {

  Identity PILOT = Identity.user("acme", "pilot");

  private Reservation reserve(LimitPolicy policy) {
    return limiter().reserve(PILOT, policy);
  }

  private BucketState only(LimitPolicy policy) {
    return limiter().peek(PILOT, policy).buckets().get(0);
  }

  @Test
  default void reserve_allSlotsHeld_isDeniedAtATimeThatNobodyKnows() {
    LimitPolicy two = LimitPolicy.perIdentity("two", Limit.inFlight(2));
    Reservation first = reserve(two);
    Reservation second = reserve(two);
    assertThat(second.decision().buckets().get(0).remaining()).isZero();
    assertThat(second.decision().buckets().get(0).resetAfter()).isEmpty();
    Decision denied = reserve(two).decision();
    assertThat(denied.permitted()).isFalse();
    assertThat(denied.retryAfter()).isEmpty();
    assertThat(denied.never()).isFalse();
    assertThat(denied.deniedBy()).extracting(BucketState::name).containsExactly("two");
    assertThat(limiter().reserve(Identity.user("acme", "other"), two).permitted()).isTrue();
    first.close();
    assertThat(reserve(two).permitted()).isTrue();
    assertThat(reserve(two).permitted()).isFalse();
  }

  @Test
  default void close_andClientGoneAndCancel_giveTheSlotBackOnce() {
    LimitPolicy three = LimitPolicy.perIdentity("three", Limit.inFlight(3));
    Reservation closed = reserve(three);
    Reservation gone = reserve(three);
    Reservation cancelled = reserve(three);
    closed.close();
    assertThat(only(three).remaining()).isEqualTo(1);
    gone.clientGone();
    closed.close();
    gone.clientGone();
    gone.close();
    assertThat(only(three).remaining()).isEqualTo(2);
    cancelled.cancel();
    cancelled.close();
    assertThat(only(three).remaining()).isEqualTo(3);
    assertThat(only(three).resetAfter()).contains(Duration.ZERO);
  }

  @Test
  default void reserve_ratesAndSlots_takesFromAllOrFromNone() {
    LimitPolicy all =
        LimitPolicy.perIdentity("all-rate", Limit.perHour(3))
            .and(LimitPolicy.perIdentity("all-slots", Limit.inFlight(2)))
            .and(
                LimitPolicy.perWorkspace(
                    "all-tokens", Limit.perHour(100).withUnit("model-tokens").withOverdraft(50)));
    Cost cost = Cost.of(1).and("model-tokens", 10);
    Reservation first = limiter().reserve(PILOT, all, cost);
    Reservation second = limiter().reserve(PILOT, all, cost);
    Decision noSlot = limiter().reserve(PILOT, all, cost).decision();
    assertThat(noSlot.deniedBy()).extracting(BucketState::name).containsExactly("all-slots");
    assertThat(noSlot.buckets()).extracting(BucketState::remaining).containsExactly(1L, 0L, 80L);
    first.close();
    Decision noBudget = limiter().reserve(PILOT, all, cost.and("x", 1)).decision();
    assertThat(noBudget.permitted()).isTrue();
    second.settle(Cost.units("model-tokens", 200));
    second.close();
    Decision owing = limiter().reserve(PILOT, all, Cost.of(1)).decision();
    assertThat(owing.deniedBy())
        .extracting(BucketState::name)
        .containsExactly("all-rate", "all-tokens");
    assertThat(limiter().peek(PILOT, all, cost).buckets())
        .extracting(BucketState::remaining)
        .containsExactly(0L, 1L, 0L);
  }

  @Test
  default void reserve_severalSlots_takesAndGivesBackAll() {
    LimitPolicy four = LimitPolicy.perIdentity("four", Limit.inFlight(4));
    Cost three = Cost.units(Cost.CONCURRENT_REQUESTS, 3);
    Reservation heavy = limiter().reserve(PILOT, four, three);
    assertThat(only(four).remaining()).isEqualTo(1);
    assertThat(limiter().reserve(PILOT, four, three).permitted()).isFalse();
    Decision none =
        limiter().reserve(PILOT, four, Cost.units(Cost.CONCURRENT_REQUESTS, 0)).decision();
    assertThat(none.permitted()).isTrue();
    assertThat(only(four).remaining()).isEqualTo(1);
    Decision never =
        limiter().reserve(PILOT, four, Cost.units(Cost.CONCURRENT_REQUESTS, 5)).decision();
    assertThat(never.never()).isTrue();
    Reservation last = reserve(four);
    assertThat(limiter().reserve(PILOT, four, Cost.units(Cost.CONCURRENT_REQUESTS, 0)).permitted())
        .isFalse();
    heavy.settle(Cost.units(Cost.CONCURRENT_REQUESTS, 1));
    assertThat(only(four).remaining()).isZero();
    heavy.close();
    last.close();
    assertThat(only(four).remaining()).isEqualTo(4);
  }

  @Test
  default void reserve_unitOfOnesOwn_isHeldAsTheCostNamesIt() {
    LimitPolicy gpus = LimitPolicy.everyone("gpus", Limit.inFlight(8).withUnit("gpus"));
    Reservation run = limiter().reserve(PILOT, gpus, Cost.units("gpus", 6));
    assertThat(limiter().reserve(PILOT, gpus, Cost.units("gpus", 3)).permitted()).isFalse();
    assertThat(limiter().reserve(PILOT, gpus, Cost.of(1)).permitted()).isTrue();
    assertThat(only(gpus).remaining()).isEqualTo(2);
    run.close();
    assertThat(only(gpus).remaining()).isEqualTo(8);
  }

  @Test
  default void tryAcquire_policyWithSlots_isRefused() {
    LimitPolicy slots =
        LimitPolicy.perIdentity("rate", Limit.perMinute(5))
            .and(LimitPolicy.perIdentity("refused", Limit.inFlight(2)));
    String message =
        "policy must be reserved where a limit is in flight, as nobody could give the slot back: ";
    assertThatIllegalArgumentException()
        .isThrownBy(() -> limiter().tryAcquire(PILOT, slots))
        .withMessage(message + "rate+refused");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> limiter().tryAcquire(PILOT, slots, 2))
        .withMessage(message + "rate+refused");
    LimitPolicy lambda = identity -> slots.limits(identity);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> limiter().tryAcquire(PILOT, lambda, Cost.of(2)))
        .withMessage(message + "custom");
    assertThat(limiter().reserve(PILOT, lambda).permitted()).isTrue();
    assertThat(limiter().peek(PILOT, slots).buckets())
        .extracting(BucketState::remaining)
        .containsExactly(4L, 1L);
  }

  @Test
  default void reset_slots_stayWithThoseWhoHoldThem() {
    LimitPolicy both =
        LimitPolicy.perIdentity("reset-rate", Limit.perHour(5))
            .and(LimitPolicy.perIdentity("reset-slots", Limit.inFlight(2)));
    Reservation run = limiter().reserve(PILOT, both);
    limiter().reset(PILOT, both);
    assertThat(limiter().peek(PILOT, both).buckets())
        .extracting(BucketState::remaining)
        .containsExactly(5L, 1L);
    run.close();
    assertThat(limiter().peek(PILOT, both).buckets())
        .extracting(BucketState::remaining)
        .containsExactly(5L, 2L);
  }

  @Test
  default void changedLimit_slots_areStillCounted() {
    LimitPolicy four = LimitPolicy.perIdentity("changed", Limit.inFlight(4));
    LimitPolicy two = LimitPolicy.perIdentity("changed", Limit.inFlight(2));
    List<Reservation> runs = IntStream.range(0, 3).mapToObj(i -> reserve(four)).toList();
    assertThat(only(two).remaining()).isZero();
    assertThat(reserve(two).permitted()).isFalse();
    runs.get(0).close();
    assertThat(reserve(two).permitted()).isFalse();
    runs.get(1).close();
    assertThat(only(two).remaining()).isEqualTo(1);
    assertThat(only(four).remaining()).isEqualTo(3);
  }

  @Test
  default void reserve_sameNameAsATokenBucket_isAnotherBucket() {
    LimitPolicy slots = LimitPolicy.perIdentity("namesake", Limit.inFlight(2));
    LimitPolicy tokens = LimitPolicy.perIdentity("namesake", Limit.perHour(3));
    Reservation run = reserve(slots);
    assertThat(only(tokens).remaining()).isEqualTo(3);
    assertThat(limiter().tryAcquire(PILOT, tokens).permitted()).isTrue();
    assertThat(only(slots).remaining()).isEqualTo(1);
    run.close();
    assertThat(only(tokens).remaining()).isEqualTo(2);
  }

  @Test
  default void reserve_perWorkspace_isSharedByItsUsers() {
    LimitPolicy shared = LimitPolicy.perWorkspace("shared-slots", Limit.inFlight(2));
    Reservation one = limiter().reserve(Identity.user("acme", "a"), shared);
    Reservation two = limiter().reserve(Identity.user("acme", "b"), shared);
    assertThat(limiter().reserve(Identity.user("acme", "c"), shared).permitted()).isFalse();
    assertThat(limiter().reserve(Identity.user("other", "a"), shared).permitted()).isTrue();
    one.close();
    two.close();
  }

  @Test
  default void reserve_manyThreads_neverMoreThanTheLimitAndNoneLeaks() {
    int slots = 5;
    LimitPolicy busy = LimitPolicy.everyone("busy", Limit.inFlight(slots));
    AtomicInteger live = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    AtomicInteger permitted = new AtomicInteger();
    try (Crowd crowd = new Crowd(64)) {
      crowd.ask(
          thread -> {
            for (int i = 0; i < 160; i++) {
              try (Reservation run = limiter().reserve(PILOT, busy)) {
                if (run.permitted()) {
                  most.accumulateAndGet(live.incrementAndGet(), Math::max);
                  permitted.incrementAndGet();
                  Thread.onSpinWait();
                  live.decrementAndGet();
                }
              }
            }
            return thread;
          });
    }
    assertThat(most.get()).isBetween(1, slots);
    assertThat(permitted.get()).isPositive();
    assertThat(only(busy).remaining()).isEqualTo(slots);
  }

  @Test
  default void reserve_collectedUnclosed_isGivenBackAndSaidOnce() {
    LimitPolicy leaky = LimitPolicy.perIdentity("leaky", Limit.inFlight(3));
    List<Reservation> kept = new ArrayList<>();
    try (CapturedLog log = new CapturedLog(Reservation.class)) {
      kept.add(reserve(leaky));
      assertThat(reserve(leaky).permitted()).isTrue();
      while (only(leaky).remaining() < 2) {
        System.gc();
        Thread.onSpinWait();
      }
      assertThat(log.records())
          .extracting(LogRecord::getMessage)
          .containsExactly(
              "A slot of limit leaky was held by a reservation that nobody closed,"
                  + " it is given back");
    }
    assertThat(only(leaky).remaining()).isEqualTo(2);
    kept.forEach(Reservation::close);
    assertThat(only(leaky).remaining()).isEqualTo(3);
  }
}
