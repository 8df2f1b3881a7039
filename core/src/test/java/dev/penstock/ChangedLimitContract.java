package dev.penstock;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.base.Inside;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** A live bucket whose limit is changed: same name, same identity, other numbers. */
interface ChangedLimitContract extends StoreUnderTest {

  Identity OWNER = Identity.user("acme", "u1");

  private static LimitPolicy plan(Limit limit) {
    return LimitPolicy.perIdentity("plan", limit);
  }

  private BucketState look(Limit limit) {
    return limiter().peek(OWNER, plan(limit)).buckets().get(0);
  }

  @Test
  default void changedLimit_samePeriod_halfUsedStaysHalfUsed() {
    limiter().tryAcquire(OWNER, plan(Limit.perMinute(10)), 5);
    assertThat(look(Limit.perMinute(100)).remaining()).isEqualTo(50);
    assertThat(look(Limit.perMinute(4)).remaining()).isEqualTo(2);
    assertThat(limiter().tryAcquire(OWNER, plan(Limit.perMinute(100)), 50).permitted()).isTrue();
    assertThat(look(Limit.perMinute(10)).remaining()).isZero();
  }

  @Test
  default void changedLimit_otherPeriod_isFullAtTheSameTime() {
    limiter().tryAcquire(OWNER, plan(Limit.perMinute(10)), 5);
    Duration thirty = Duration.ofSeconds(30);
    assertThat(look(Limit.perHour(60)).resetAfter()).isEqualTo(thirty);
    assertThat(look(Limit.perMinute(10).withCapacity(1000)).resetAfter()).isEqualTo(thirty);
    assertThat(look(Limit.perMinute(1)).resetAfter()).isEqualTo(thirty);
    advance(thirty.minus(resolution()));
    assertThat(look(Limit.perHour(60)).resetAfter()).isEqualTo(resolution());
    advance(resolution());
    assertThat(look(Limit.perHour(60)).resetAfter()).isZero();
  }

  @Test
  default void changedLimit_toOneThatFillsSooner_isEmptyAndComesBackWithinItsTime() {
    Limit small = Limit.perSecond(4);
    limiter().tryAcquire(OWNER, plan(Limit.perDay(1000)), 1000);
    Decision decision = limiter().tryAcquire(OWNER, plan(small));
    assertThat(decision.permitted()).isFalse();
    assertThat(decision.buckets().get(0).remaining()).isZero();
    assertThat(decision.retryAfter()).contains(Duration.ofMillis(250));
    assertThat(decision.buckets().get(0).resetAfter()).isEqualTo(Duration.ofSeconds(1));
    advance(Duration.ofMillis(250).minus(resolution()));
    assertThat(limiter().tryAcquire(OWNER, plan(small)).permitted()).isFalse();
    advance(resolution());
    assertThat(limiter().tryAcquire(OWNER, plan(small)).permitted()).isTrue();
    assertThat(limiter().tryAcquire(OWNER, plan(small)).permitted()).isFalse();
  }

  @Test
  default void changedLimit_peekedOnly_changesNothing() {
    Limit large = Limit.perDay(1000);
    limiter().tryAcquire(OWNER, plan(large), 1000);
    assertThat(limiter().peek(OWNER, plan(Limit.perSecond(4))).permitted()).isFalse();
    assertThat(look(large).resetAfter()).isEqualTo(Duration.ofDays(1));
  }

  @Test
  default void changedLimit_backAndForth_neverHandsOutAFreshBudget() {
    Limit small = Limit.perMinute(10);
    Limit large = Limit.perMinute(1000);
    limiter().tryAcquire(OWNER, plan(small), 10);
    for (int i = 0; i < 10; i++) {
      assertThat(limiter().tryAcquire(OWNER, plan(large)).permitted()).isFalse();
      assertThat(limiter().tryAcquire(OWNER, plan(small)).permitted()).isFalse();
    }
  }

  @Test
  default void changedLimit_atRandom_isNeverFullBeforeItWasToBe() {
    Random random = new Random(20260106);
    long tick = resolution().toNanos();
    for (int round = 0; round < 100; round++) {
      LimitPolicy before = LimitPolicy.perIdentity("plan-" + round, randomLimit(random));
      Limit after = randomLimit(random);
      LimitPolicy changed = LimitPolicy.perIdentity("plan-" + round, after);
      long capacity = before.limits(OWNER).get(0).limit().capacity();
      long reset =
          limiter()
              .tryAcquire(OWNER, before, 1 + random.nextLong(capacity))
              .buckets()
              .get(0)
              .resetAfterNanos();
      long passed = random.nextLong(reset) / tick * tick;
      advanceNanos(passed);
      BucketState state = limiter().peek(OWNER, changed).buckets().get(0);
      assertThat(state.resetAfterNanos())
          .isEqualTo(Math.min(reset - passed, Inside.nanosToFill(after)));
      assertThat(state.remaining()).isLessThan(after.capacity());
      assertThat(state.retryAfterNanos()).isLessThanOrEqualTo(Inside.nanosToFill(after));
    }
  }

  private static Limit randomLimit(Random random) {
    long perToken = 1_000_000L * (1 + random.nextInt(60_000));
    return Limit.of(1 + random.nextInt(50), 1, Duration.ofNanos(perToken));
  }
}
