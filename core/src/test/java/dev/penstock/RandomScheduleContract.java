package dev.penstock;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.base.Inside;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What holds for every limit and every schedule; limits and schedules are drawn from a seed. */
interface RandomScheduleContract extends StoreUnderTest {

  @Test
  default void retryAfter_waitedFor_isPermittedAndNotOneTickEarlier() {
    Random random = new Random(20260101);
    int denials = 0;
    for (int round = 0; round < 60; round++) {
      Identity identity = Identity.named("retry", "r" + round);
      LimitPolicy policy = LimitPolicy.perIdentity("retry-" + round, randomLimit(random));
      long capacity = policy.limits(identity).get(0).limit().capacity();
      for (int i = 0; i < 20; i++) {
        long cost = 1 + random.nextLong(capacity);
        Decision decision = limiter().tryAcquire(identity, policy, cost);
        if (!decision.permitted()) {
          denials++;
          checkRetryAfter(identity, policy, cost, decision);
        }
        advanceAtRandom(random, policy.limits(identity).get(0).limit());
      }
    }
    assertThat(denials).isGreaterThan(200);
  }

  private void checkRetryAfter(
      Identity identity, LimitPolicy policy, long cost, Decision decision) {
    Duration retryAfter = decision.retryAfter().orElseThrow();
    advance(retryAfter.minus(resolution()));
    assertThat(limiter().peek(identity, policy, cost).permitted()).isFalse();
    Decision early = limiter().tryAcquire(identity, policy, cost);
    assertThat(early.permitted()).isFalse();
    assertThat(early.retryAfter()).contains(resolution());
    advance(resolution());
    assertThat(limiter().peek(identity, policy, cost).permitted()).isTrue();
    assertThat(limiter().tryAcquire(identity, policy, cost).permitted()).isTrue();
  }

  @Test
  default void resetAfter_waitedFor_isFullAndNotOneTickEarlier() {
    Random random = new Random(20260102);
    for (int round = 0; round < 60; round++) {
      Identity identity = Identity.named("reset", "r" + round);
      LimitPolicy policy = LimitPolicy.perIdentity("reset-" + round, randomLimit(random));
      long capacity = policy.limits(identity).get(0).limit().capacity();
      BucketState state =
          limiter().tryAcquire(identity, policy, 1 + random.nextLong(capacity)).buckets().get(0);
      advance(state.resetAfter().orElseThrow().minus(resolution()));
      assertThat(limiter().peek(identity, policy, capacity).permitted()).isFalse();
      advance(resolution());
      assertThat(limiter().peek(identity, policy, capacity).permitted()).isTrue();
    }
  }

  @Test
  default void tryAcquire_manyAtOnce_isTheSameAsOneByOne() {
    Random random = new Random(20260103);
    for (int round = 0; round < 60; round++) {
      LimitPolicy policy = LimitPolicy.perIdentity("at-once-" + round, randomLimit(random));
      Identity atOnce = Identity.named("at-once", "r" + round);
      Identity oneByOne = Identity.named("one-by-one", "r" + round);
      Limit limit = policy.limits(atOnce).get(0).limit();
      for (int i = 0; i < 10; i++) {
        long cost = 1 + random.nextLong(limit.capacity());
        Decision decision = limiter().peek(atOnce, policy, cost);
        if (decision.permitted()) {
          decision = limiter().tryAcquire(atOnce, policy, cost);
          for (long token = 1; token < cost; token++) {
            assertThat(limiter().tryAcquire(oneByOne, policy).permitted()).isTrue();
          }
          assertThat(limiter().tryAcquire(oneByOne, policy).buckets())
              .isEqualTo(decision.buckets());
        }
        advanceAtRandom(random, limit);
      }
    }
  }

  @Test
  default void tryAcquire_anySchedule_neverAdmitsMoreThanCapacityAndRate() {
    Random random = new Random(20260104);
    for (int round = 0; round < 40; round++) {
      Identity identity = Identity.named("bound", "r" + round);
      TokenBucketLimit limit = randomLimit(random);
      LimitPolicy policy = LimitPolicy.perIdentity("bound-" + round, limit);
      ExactBucket exact = new ExactBucket(limit);
      for (int i = 0; i < 100; i++) {
        long cost = 1 + random.nextLong(Math.max(1, limit.capacity() / 3));
        boolean held = exact.holds(cost);
        if (limiter().tryAcquire(identity, policy, cost).permitted()) {
          assertThat(held).as("round %s, step %s, %s", round, i, limit).isTrue();
          exact.take(cost);
        }
        exact.advance(advanceAtRandom(random, limit));
      }
    }
  }

  private static TokenBucketLimit randomLimit(Random random) {
    long capacity = 1 + random.nextLong(40);
    long refill = 1 + random.nextLong(1000);
    Duration period =
        switch (random.nextInt(4)) {
          case 0 -> Duration.ofMillis(1 + random.nextLong(1000));
          case 1 -> Duration.ofSeconds(1 + random.nextLong(60));
          case 2 -> Duration.ofMinutes(1 + random.nextLong(60));
          default -> Duration.ofHours(1 + random.nextLong(48));
        };
    return Limit.of(capacity, refill, period);
  }

  /** Mostly less than a token's time, at times a long one; returns the nanoseconds. */
  private long advanceAtRandom(Random random, Limit limit) {
    long most =
        random.nextInt(20) == 0 ? 2 * Inside.nanosToFill(limit) : 2 * Inside.nanosPerToken(limit);
    long tick = resolution().toNanos();
    long nanos = random.nextLong(most) / tick * tick;
    advanceNanos(nanos);
    return nanos;
  }
}
