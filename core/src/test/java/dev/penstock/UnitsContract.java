package dev.penstock;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Limits that count different units, in one decision. */
interface UnitsContract extends StoreUnderTest {

  Identity USER = Identity.user("acme", "u1");
  String TOKENS = "model-tokens";

  LimitPolicy RUNS = LimitPolicy.perIdentity("runs", Limit.perMinute(3));
  LimitPolicy BUDGET = LimitPolicy.perWorkspace("budget", Limit.perMinute(10_000).withUnit(TOKENS));
  LimitPolicy BOTH = RUNS.and(BUDGET);

  private List<Long> remaining() {
    return limiter().peek(USER, BOTH).buckets().stream().map(BucketState::remaining).toList();
  }

  @Test
  default void tryAcquire_severalUnits_chargesEachLimitItsOwn() {
    Decision decision = limiter().tryAcquire(USER, BOTH, Cost.of(2).and(TOKENS, 4000));
    assertThat(decision.permitted()).isTrue();
    assertThat(decision.buckets()).extracting(BucketState::remaining).containsExactly(1L, 6000L);
  }

  @Test
  default void tryAcquire_oneUnitDenied_chargesNone() {
    assertThat(limiter().tryAcquire(USER, BOTH, Cost.units(TOKENS, 9000)).permitted()).isTrue();
    Decision denied = limiter().tryAcquire(USER, BOTH, Cost.units(TOKENS, 2000));
    assertThat(denied.permitted()).isFalse();
    assertThat(denied.deniedBy()).extracting(BucketState::name).containsExactly("budget");
    assertThat(denied.retryAfter()).contains(Duration.ofSeconds(6));
    assertThat(remaining()).containsExactly(2L, 1000L);
    assertThat(limiter().tryAcquire(USER, BOTH, Cost.of(3).and(TOKENS, 1)).deniedBy())
        .extracting(BucketState::name)
        .containsExactly("runs");
    assertThat(remaining()).containsExactly(2L, 1000L);
  }

  @Test
  default void tryAcquire_unitThatTheCostDoesNotName_mustHoldATokenAndGivesNone() {
    assertThat(limiter().tryAcquire(USER, BUDGET).permitted()).isTrue();
    assertThat(limiter().tryAcquire(USER, BUDGET, Cost.units(TOKENS, 9999)).permitted()).isTrue();
    Decision admitted = limiter().tryAcquire(USER, BOTH);
    assertThat(admitted.permitted()).isTrue();
    assertThat(admitted.buckets()).extracting(BucketState::remaining).containsExactly(2L, 1L);
    limiter().tryAcquire(USER, BUDGET, Cost.units(TOKENS, 1));
    Decision denied = limiter().tryAcquire(USER, BOTH);
    assertThat(denied.deniedBy()).extracting(BucketState::name).containsExactly("budget");
    assertThat(denied.retryAfter()).contains(Duration.ofMillis(6));
    assertThat(limiter().peek(USER, BOTH).buckets()).isEqualTo(denied.buckets());
    assertThat(remaining()).containsExactly(2L, 0L);
    advance(Duration.ofMillis(6));
    assertThat(limiter().tryAcquire(USER, BOTH).permitted()).isTrue();
  }

  @Test
  default void tryAcquire_unitOfNoLimit_isChargedToNobody() {
    assertThat(limiter().tryAcquire(USER, RUNS, Cost.units("images", 1_000_000)).permitted())
        .isTrue();
    assertThat(remaining()).containsExactly(2L, 10_000L);
  }

  @Test
  default void tryAcquire_concurrentRequests_areOneUnlessNamed() {
    LimitPolicy policy =
        LimitPolicy.perIdentity("slots", Limit.perMinute(5).withUnit(Cost.CONCURRENT_REQUESTS));
    limiter().tryAcquire(USER, policy);
    limiter().tryAcquire(USER, policy, Cost.units(Cost.CONCURRENT_REQUESTS, 3));
    assertThat(limiter().peek(USER, policy).buckets())
        .extracting(BucketState::remaining)
        .containsExactly(1L);
  }

  @Test
  default void tryAcquire_amountAboveTheCapacity_isNeverPermitted() {
    Decision denied = limiter().tryAcquire(USER, BOTH, Cost.units(TOKENS, Long.MAX_VALUE));
    assertThat(denied.never()).isTrue();
    assertThat(remaining()).containsExactly(3L, 10_000L);
  }

  @Test
  default void tryAcquire_manyAtOnce_takesEachUnitExactly() {
    LimitPolicy wide =
        LimitPolicy.perIdentity("wide", Limit.perDay(50))
            .and(LimitPolicy.everyone("tokens", Limit.perDay(1000).withUnit(TOKENS)))
            .and(LimitPolicy.everyone("admitted", Limit.perDay(7).withUnit("images")));
    Cost cost = Cost.of(1).and(TOKENS, 30);
    try (Crowd crowd = new Crowd(40)) {
      assertThat(crowd.permitted(i -> limiter().tryAcquire(USER, wide, cost))).isEqualTo(33);
    }
    assertThat(limiter().peek(USER, wide).buckets())
        .extracting(BucketState::remaining)
        .containsExactly(17L, 10L, 7L);
  }

  @Test
  @SuppressWarnings("NullAway") // null is what is tested
  default void tryAcquire_noCost_namesTheParameter() {
    assertThatNullPointerException()
        .isThrownBy(() -> limiter().tryAcquire(USER, RUNS, (Cost) null))
        .withMessage("cost");
    assertThatNullPointerException()
        .isThrownBy(() -> limiter().peek(USER, RUNS, (Cost) null))
        .withMessage("cost");
  }
}
