package dev.penstock;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.base.Inside;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * A live bucket whose limit is changed: same name, same identity, other numbers. What was used
 * stays used, as a fraction of the capacity.
 */
interface ChangedLimitContract extends StoreUnderTest {

  Identity OWNER = Identity.user("acme", "u1");

  private static LimitPolicy plan(Limit limit) {
    return LimitPolicy.perIdentity("plan", limit);
  }

  private BucketState look(Limit limit) {
    return limiter().peek(OWNER, plan(limit)).buckets().get(0);
  }

  @Test
  default void changedLimit_vectors_areKept() {
    String name = "";
    long second = 0;
    for (String line : TruthTable.text("/changed-limits.tsv").lines().toList()) {
      if (!line.startsWith("#")) {
        String[] columns = line.split("\t");
        boolean begins = !columns[0].equals(name);
        name = columns[0];
        long at = Long.parseLong(columns[1]);
        advance(Duration.ofSeconds(begins ? 0 : at - second));
        second = at;
        checkVector(columns, line);
      }
    }
  }

  private void checkVector(String[] columns, String line) {
    Limit limit =
        Limit.of(
            Long.parseLong(columns[2]),
            Long.parseLong(columns[3]),
            Duration.ofSeconds(Long.parseLong(columns[4])));
    LimitPolicy policy = LimitPolicy.perIdentity("vector-" + columns[0], limit);
    long cost = Long.parseLong(columns[6]);
    Decision decision =
        columns[5].equals("take")
            ? limiter().tryAcquire(OWNER, policy, cost)
            : limiter().peek(OWNER, policy, cost);
    BucketState state = decision.buckets().get(0);
    long tick = resolution().toNanos();
    long retryAfter = (Long.parseLong(columns[9]) + tick - 1) / tick * tick;
    assertThat(state.permitted()).as(line).isEqualTo(columns[7].equals("yes"));
    assertThat(state.remaining()).as(line).isEqualTo(Long.parseLong(columns[8]));
    assertThat(state.retryAfterNanos()).as(line).isEqualTo(retryAfter);
  }

  @Test
  default void changedLimit_otherCapacity_halfUsedStaysHalfUsed() {
    limiter().tryAcquire(OWNER, plan(Limit.perMinute(10)), 5);
    assertThat(look(Limit.perMinute(100)).remaining()).isEqualTo(50);
    assertThat(look(Limit.perMinute(4)).remaining()).isEqualTo(2);
    assertThat(limiter().tryAcquire(OWNER, plan(Limit.perMinute(100)), 50).permitted()).isTrue();
    assertThat(look(Limit.perMinute(10)).remaining()).isZero();
  }

  @Test
  default void changedLimit_otherPeriod_halfUsedStaysHalfUsed() {
    limiter().tryAcquire(OWNER, plan(Limit.perMinute(10)), 5);
    assertThat(look(Limit.perHour(60)).remaining()).isEqualTo(30);
    assertThat(look(Limit.perHour(60)).resetAfter()).contains(Duration.ofMinutes(30));
    assertThat(look(Limit.perMinute(10).withCapacity(1000)).remaining()).isEqualTo(500);
    assertThat(look(Limit.perDay(4)).resetAfter()).contains(Duration.ofHours(12));
    advance(Duration.ofSeconds(30).minus(resolution()));
    assertThat(look(Limit.perHour(60)).remaining()).isEqualTo(59);
    advance(resolution());
    assertThat(look(Limit.perHour(60)).resetAfter()).contains(Duration.ZERO);
  }

  @Test
  default void changedLimit_deniedUnderAnother_changesNothing() {
    Limit large = Limit.perDay(1000);
    limiter().tryAcquire(OWNER, plan(large), 1000);
    for (int i = 0; i < 3; i++) {
      assertThat(limiter().tryAcquire(OWNER, plan(Limit.perSecond(4))).permitted()).isFalse();
      assertThat(look(Limit.perSecond(4)).retryAfter()).contains(Duration.ofMillis(250));
    }
    advance(Duration.ofSeconds(1));
    assertThat(limiter().tryAcquire(OWNER, plan(large)).permitted()).isFalse();
    assertThat(limiter().tryAcquire(OWNER, plan(Limit.perSecond(4))).permitted()).isFalse();
    assertThat(look(large).resetAfter()).contains(Duration.ofDays(1).minusSeconds(1));
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
  default void changedLimit_putBackOrResetUnderAnother_givesThatFraction() {
    Reservation run = limiter().reserve(OWNER, plan(Limit.perMinute(10)), Cost.of(8));
    assertThat(limiter().tryAcquire(OWNER, plan(Limit.perHour(100)), 10).permitted()).isTrue();
    run.settle(Cost.of(3));
    assertThat(look(Limit.perHour(100)).remaining()).isEqualTo(60);
    assertThat(look(Limit.perMinute(10)).remaining()).isEqualTo(6);
    limiter().reset(OWNER, plan(Limit.perDay(7)));
    assertThat(look(Limit.perMinute(10)).remaining()).isEqualTo(10);
  }

  /**
   * The fraction that is used sinks at most as fast as under the limit that fills soonest, and each
   * token adds its part: so it is never above the whole, whoever asks under which limit when.
   */
  @Test
  default void changedLimit_atRandom_neverMoreThanTheWholeAtTheFastestRefill() {
    Random random = new Random(20260106);
    for (int round = 0; round < 20; round++) {
      List<Limit> limits = new ArrayList<>();
      for (int i = 2 + random.nextInt(11); i > 0; i--) {
        limits.add(randomLimit(random));
      }
      alternate("alternating-" + round, limits, random);
    }
  }

  private void alternate(String name, List<Limit> limits, Random random) {
    double fastest = limits.stream().mapToDouble(Inside::nanosToFill).min().orElseThrow();
    double used = 0;
    int permitted = 0;
    for (int i = 0; i < 200; i++) {
      Limit limit = limits.get(random.nextInt(limits.size()));
      LimitPolicy policy = LimitPolicy.perIdentity(name, limit);
      long cost = 1 + random.nextLong(limit.capacity());
      if (limiter().tryAcquire(OWNER, policy, cost).permitted()) {
        used += (double) cost / limit.capacity();
        permitted++;
      }
      assertThat(used).as(name).isLessThanOrEqualTo(1 + 1e-9);
      long passed = (long) (random.nextDouble() * fastest / 2);
      passed -= passed % resolution().toNanos();
      advanceNanos(passed);
      used = Math.max(0, used - passed / fastest);
    }
    assertThat(permitted).isPositive();
  }

  @Test
  default void changedPlan_upAndDownAndUpAgain_isNoFreshBudget() {
    LimitPolicy policy =
        LimitPolicy.byPlan(
            Map.of("free", plan(Limit.perMinute(10)), "pro", plan(Limit.perHour(10_000))), "free");
    limiter().check(policy);
    assertThat(limiter().tryAcquire(OWNER, policy, 5).permitted()).isTrue();
    Identity pro = OWNER.withPlan("pro");
    assertThat(limiter().tryAcquire(pro, policy, 5_001).permitted()).isFalse();
    assertThat(limiter().tryAcquire(pro, policy, 5_000).permitted()).isTrue();
    assertThat(limiter().tryAcquire(OWNER.withPlan("free"), policy).permitted()).isFalse();
    assertThat(limiter().tryAcquire(pro, policy).permitted()).isFalse();
    limiter().reset(pro, policy);
    assertThat(limiter().tryAcquire(OWNER, policy, 10).permitted()).isTrue();
  }

  /** Under one limit of many nothing is different from a bucket that knows no other. */
  @Test
  default void changedLimit_ninthOfAName_isNeverPermittedMore() {
    for (int i = 1; i <= 12; i++) {
      TokenBucketLimit limit = Limit.per(10, Duration.ofSeconds(7L * i * i));
      Identity own = Identity.user("ninth", "u" + i);
      LimitPolicy policy = LimitPolicy.perIdentity("ninth", limit);
      assertThat(limiter().tryAcquire(own, policy, 10).permitted()).isTrue();
      assertThat(limiter().tryAcquire(own, policy).permitted()).isFalse();
      advance(limit.refillPeriod().dividedBy(10).minus(resolution()));
      assertThat(limiter().tryAcquire(own, policy).permitted()).isFalse();
    }
  }

  private static Limit randomLimit(Random random) {
    long perToken = 1_000_000L * (1 + random.nextInt(60_000));
    return Limit.of(1 + random.nextInt(50), 1, Duration.ofNanos(perToken));
  }
}
