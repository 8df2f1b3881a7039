package dev.penstock;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Limits in shadow: decided on their own buckets, and never felt by a request. */
interface ShadowContract extends StoreUnderTest {

  Identity TRIED = Identity.user("acme", "tried");
  LimitPolicy FIVE = LimitPolicy.perIdentity("shadow-five", Limit.perHour(5));
  LimitPolicy TWO = LimitPolicy.perIdentity("shadow-two", Limit.perHour(2));

  private static List<Long> remaining(Decision decision) {
    return decision.buckets().stream().map(BucketState::remaining).toList();
  }

  private static List<Long> tried(Decision decision) {
    return remaining(decision.shadow().orElseThrow());
  }

  @Test
  default void tryAcquire_shadowBesideEnforced_neverDeniesAndSaysWhatItWould() {
    LimitPolicy policy = FIVE.and(TWO.asShadow());
    for (int i = 0; i < 5; i++) {
      Decision decision = limiter().tryAcquire(TRIED, policy);
      assertThat(decision.permitted()).isTrue();
      assertThat(decision.buckets()).extracting(BucketState::name).containsExactly("shadow-five");
      assertThat(remaining(decision)).containsExactly(4L - i);
      assertThat(decision.retryAfter()).contains(Duration.ZERO);
      Decision shadow = decision.shadow().orElseThrow();
      assertThat(shadow.permitted()).isEqualTo(i < 2);
      assertThat(shadow.buckets()).extracting(BucketState::name).containsExactly("shadow-two");
      assertThat(remaining(shadow)).containsExactly(Math.max(0, 1L - i));
      assertThat(shadow.source()).isEqualTo(decision.source());
      assertThat(shadow.retryAfter()).contains(i < 2 ? Duration.ZERO : Duration.ofMinutes(30));
    }
    Decision denied = limiter().tryAcquire(TRIED, policy);
    assertThat(denied.permitted()).isFalse();
    assertThat(denied.shadow()).isEmpty();
    assertThat(limiter().tryAcquire(TRIED, TWO, 2).permitted()).as("buckets of its own").isTrue();
    assertThat(limiter().tryAcquire(TRIED, FIVE).shadow()).isEmpty();
  }

  @Test
  default void tryAcquire_denied_takesNothingOfTheShadow() {
    LimitPolicy policy = TWO.and(FIVE.asShadow());
    for (int i = 0; i < 10; i++) {
      limiter().tryAcquire(TRIED, policy);
    }
    assertThat(remaining(limiter().peek(TRIED, FIVE.asShadow()).shadow().orElseThrow()))
        .containsExactly(3L);
  }

  @Test
  default void tryAcquire_nothingButShadow_isPermittedByNoBucket() {
    LimitPolicy policy = TWO.asShadow();
    for (int i = 0; i < 4; i++) {
      Decision decision = limiter().tryAcquire(TRIED, policy);
      assertThat(decision.permitted()).isTrue();
      assertThat(decision.buckets()).isEmpty();
      assertThat(decision.retryAfter()).contains(Duration.ZERO);
      assertThat(decision.shadow().orElseThrow().permitted()).isEqualTo(i < 2);
    }
    Decision never = limiter().tryAcquire(TRIED, policy, Long.MAX_VALUE);
    assertThat(never.permitted()).isTrue();
    assertThat(never.shadow().orElseThrow().never()).isTrue();
    Reservation run = limiter().reserve(TRIED, policy);
    assertThat(run.permitted()).isTrue();
    run.settle(Cost.of(3));
    run.cancel();
  }

  @Test
  default void tryAcquire_severalInShadow_takeFromAllOrFromNone() {
    LimitPolicy policy =
        TWO.asShadow()
            .and(FIVE)
            .and(LimitPolicy.everyone("shadow-all", Limit.perHour(3)).asShadow());
    assertThat(tried(limiter().tryAcquire(TRIED, policy))).containsExactly(1L, 2L);
    assertThat(tried(limiter().tryAcquire(TRIED, policy))).containsExactly(0L, 1L);
    Decision third = limiter().tryAcquire(TRIED, policy).shadow().orElseThrow();
    assertThat(third.deniedBy()).extracting(BucketState::name).containsExactly("shadow-two");
    assertThat(remaining(third)).containsExactly(0L, 1L);
    Identity other = Identity.user("acme", "other");
    assertThat(tried(limiter().tryAcquire(other, policy))).containsExactly(1L, 0L);
  }

  @Test
  default void tryAcquire_enforcedAndShadowOfOneName_areDifferentBuckets() {
    LimitPolicy next = LimitPolicy.perIdentity("shadow-five", Limit.perHour(3)).asShadow();
    LimitPolicy policy = FIVE.and(next);
    Decision decision = limiter().tryAcquire(TRIED, policy, 2);
    assertThat(remaining(decision)).containsExactly(3L);
    assertThat(tried(decision)).containsExactly(1L);
    limiter().reset(TRIED, next);
    Decision peeked = limiter().peek(TRIED, policy);
    assertThat(remaining(peeked)).containsExactly(3L);
    assertThat(tried(peeked)).containsExactly(3L);
    limiter().reset(TRIED, policy);
    assertThat(remaining(limiter().peek(TRIED, policy))).containsExactly(5L);
  }

  @Test
  default void peek_shadow_saysWhatTryAcquireSaysAndTakesNothing() {
    LimitPolicy policy = FIVE.and(TWO.asShadow());
    limiter().tryAcquire(TRIED, policy);
    for (long cost = 1; cost <= 6; cost++) {
      Decision peeked = limiter().peek(TRIED, policy, cost);
      assertThat(remaining(peeked)).containsExactly(4L);
      assertThat(peeked.permitted()).isEqualTo(cost <= 4);
      assertThat(peeked.shadow().map(Decision::permitted).orElse(false)).isEqualTo(cost <= 1);
      assertThat(peeked.shadow().isPresent()).isEqualTo(cost <= 4);
    }
    assertThat(tried(limiter().tryAcquire(TRIED, policy))).containsExactly(0L);
  }

  @Test
  default void reserve_shadow_isSettledAndCancelledAlongWithTheOthers() {
    Limit budget = Limit.perDay(1000).withUnit("model-tokens");
    LimitPolicy policy =
        LimitPolicy.perIdentity("shadow-budget", Limit.perDay(10_000).withUnit("model-tokens"))
            .and(LimitPolicy.perIdentity("shadow-budget", budget).asShadow());
    Reservation run = limiter().reserve(TRIED, policy, Cost.units("model-tokens", 100));
    assertThat(tried(run.decision())).containsExactly(900L);
    run.settle(Cost.units("model-tokens", 700));
    Decision settled = limiter().peek(TRIED, policy, Cost.units("model-tokens", 1));
    assertThat(remaining(settled)).containsExactly(9_300L);
    assertThat(tried(settled)).containsExactly(300L);
    Reservation second = limiter().reserve(TRIED, policy, Cost.units("model-tokens", 400));
    assertThat(second.decision().shadow().orElseThrow().permitted()).isFalse();
    second.settle(Cost.units("model-tokens", 500));
    Decision other = limiter().peek(TRIED, policy, Cost.units("model-tokens", 1));
    assertThat(remaining(other)).containsExactly(8_800L);
    assertThat(tried(other)).as("what it would have denied is not charged").containsExactly(300L);
    run.cancel();
    second.close();
    Decision cancelled = limiter().peek(TRIED, policy, Cost.units("model-tokens", 1));
    assertThat(tried(cancelled).get(0)).isBetween(990L, 1000L);
    assertThat(remaining(cancelled).get(0)).isBetween(9_490L, 9_500L);
  }

  @Test
  default void reserve_shadowSlots_areHeldUntilTheEndWithoutDenying() {
    LimitPolicy policy =
        FIVE.and(LimitPolicy.perIdentity("shadow-slots", Limit.inFlight(2)).asShadow());
    Reservation first = limiter().reserve(TRIED, policy);
    Reservation second = limiter().reserve(TRIED, policy);
    Reservation third = limiter().reserve(TRIED, policy);
    assertThat(first.holdsSlots()).isTrue();
    assertThat(tried(second.decision())).containsExactly(0L);
    assertThat(third.permitted()).isTrue();
    assertThat(third.holdsSlots()).isFalse();
    assertThat(third.decision().shadow().orElseThrow().permitted()).isFalse();
    first.close();
    assertThat(tried(limiter().peek(TRIED, policy))).containsExactly(1L);
    second.clientGone();
    third.close();
    assertThat(tried(limiter().peek(TRIED, policy))).containsExactly(2L);
    second.settle(Cost.of(2));
    second.close();
    assertThat(remaining(limiter().peek(TRIED, policy))).containsExactly(1L);
    assertThat(
            limiter()
                .reserve(TRIED, policy, Cost.of(1).and(Cost.CONCURRENT_REQUESTS, 3))
                .decision()
                .shadow()
                .orElseThrow()
                .never())
        .isTrue();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> limiter().tryAcquire(TRIED, policy))
        .withMessage(
            "policy must be reserved where a limit is in flight, as nobody could give the slot"
                + " back: shadow-five+shadow-slots");
  }

  @Test
  default void reserve_slotsEnforcedAndTried_countEachForItself() {
    LimitPolicy policy =
        LimitPolicy.perIdentity("shadow-both", Limit.inFlight(3))
            .and(LimitPolicy.perIdentity("shadow-both", Limit.inFlight(1)).asShadow());
    Reservation first = limiter().reserve(TRIED, policy);
    Reservation second = limiter().reserve(TRIED, policy);
    assertThat(first.decision().shadow().orElseThrow().permitted()).isTrue();
    assertThat(second.decision().shadow().orElseThrow().permitted()).isFalse();
    assertThat(remaining(second.decision())).containsExactly(1L);
    Reservation third = limiter().reserve(TRIED, policy);
    assertThat(limiter().reserve(TRIED, policy).decision().shadow()).isEmpty();
    List.of(first, second, third).forEach(Reservation::close);
    assertThat(remaining(limiter().peek(TRIED, policy))).containsExactly(3L);
    assertThat(tried(limiter().peek(TRIED, policy))).containsExactly(1L);
  }

  @Test
  default void check_shadow_namesItsUnitsToo() {
    LimitPolicy policy =
        FIVE.and(
            LimitPolicy.perIdentity("shadow-gpu", Limit.perHour(1).withUnit("gpu")).asShadow());
    limiter().check(policy, Cost.of(1).and("gpu", 1));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> limiter().check(policy, Cost.units("cpu", 1)))
        .withMessage("cost must name units of the policy's limits, [requests, gpu]: cpu");
  }

  @Test
  default void banning_shadow_bansNobodyAndIsTold() {
    RateLimiter banning =
        limiter()
            .banning(Ban.after(1, Duration.ofHours(1)).lasting(Duration.ofHours(1)), Runnable::run);
    LimitPolicy policy = FIVE.and(TWO.asShadow());
    for (int i = 0; i < 5; i++) {
      Decision decision = banning.tryAcquire(TRIED, policy);
      assertThat(decision.shadow().orElseThrow().permitted()).isEqualTo(i < 2);
    }
    Decision shadowAlone = banning.tryAcquire(TRIED, TWO.asShadow());
    assertThat(shadowAlone.permitted()).isTrue();
    assertThat(shadowAlone.buckets()).isEmpty();
    assertThat(shadowAlone.shadow().orElseThrow().permitted()).isFalse();
  }
}
