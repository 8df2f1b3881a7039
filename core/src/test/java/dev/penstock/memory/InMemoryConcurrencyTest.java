package dev.penstock.memory;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.BucketState;
import dev.penstock.Crowd;
import dev.penstock.FakeClock;
import dev.penstock.Identity;
import dev.penstock.Limit;
import dev.penstock.LimitPolicy;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/**
 * Threads against the bound: floods of newcomers, buckets that are forgotten under their owners.
 */
class InMemoryConcurrencyTest {

  private static final int CAPACITY = 5;
  private static final LimitPolicy FIVE =
      LimitPolicy.perIdentity("five", Limit.perMinute(CAPACITY));

  private final FakeClock clock = new FakeClock(0);

  @Test
  void flood_fromSeveralThreads_keepsToTheBoundAndForgetsNoSpentBucket() {
    int bound = 100;
    InMemoryRateLimiter limiter = InMemoryRateLimiter.create(bound, clock);
    Identity spent = Identity.user("acme", "spent");
    assertThat(limiter.tryAcquire(spent, FIVE, CAPACITY).permitted()).isTrue();
    try (Crowd crowd = new Crowd(8)) {
      List<Integer> largest =
          crowd.ask(
              thread -> {
                int most = 0;
                for (int i = 0; i < 20_000; i++) {
                  limiter.tryAcquire(Identity.named("t" + thread, "n" + i), FIVE);
                  most = Math.max(most, limiter.size());
                }
                return most;
              });
      assertThat(largest).allMatch(most -> most <= bound);
    }
    assertThat(limiter.size()).isEqualTo(bound);
    assertThat(limiter.tryAcquire(spent, FIVE).permitted()).isFalse();
  }

  @Test
  void flood_ofAddressesAndUsersAtOnce_keepsEachToItsRoom() {
    int bound = 100;
    InMemoryRateLimiter limiter = InMemoryRateLimiter.create(bound, clock);
    try (Crowd crowd = new Crowd(8)) {
      crowd.ask(
          thread -> {
            for (int i = 0; i < 10_000; i++) {
              limiter.tryAcquire(Identity.address("a" + thread + "-" + i), FIVE);
            }
            return true;
          });
      assertThat(limiter.size()).isEqualTo(75);
      List<Integer> largest =
          crowd.ask(
              thread -> {
                int most = 0;
                for (int i = 0; i < 10_000; i++) {
                  limiter.tryAcquire(Identity.address("b" + thread + "-" + i), FIVE);
                  limiter.tryAcquire(Identity.user("w" + thread, "u" + i), FIVE);
                  most = Math.max(most, limiter.size());
                }
                return most;
              });
      assertThat(largest).allMatch(most -> most <= bound);
    }
    assertThat(limiter.size()).isEqualTo(bound);
  }

  @Test
  void flood_whileTimePasses_keepsToTheBound() {
    int bound = 64;
    InMemoryRateLimiter limiter = InMemoryRateLimiter.create(bound, clock);
    try (Crowd crowd = new Crowd(8)) {
      List<Integer> largest =
          crowd.ask(
              thread -> {
                int most = 0;
                for (int i = 0; i < 20_000; i++) {
                  limiter.tryAcquire(Identity.named("t" + thread, "n" + i), FIVE);
                  clock.advance(Duration.ofMillis(100));
                  most = Math.max(most, limiter.size());
                }
                return most;
              });
      assertThat(largest).allMatch(most -> most <= bound);
    }
  }

  @Test
  void tryAcquire_whileFullBucketsAreForgotten_permitsExactlyTheCapacity() {
    InMemoryRateLimiter limiter = InMemoryRateLimiter.create(5_000, clock);
    int threads = 100;
    try (Crowd crowd = new Crowd(threads)) {
      for (int round = 0; round < 200; round++) {
        Identity user = Identity.user("acme", "u" + round);
        limiter.tryAcquire(user, FIVE, CAPACITY);
        clock.advance(Duration.ofMinutes(1));
        String name = "r" + round + "-";
        int permitted =
            crowd.permitted(
                i -> {
                  limiter.tryAcquire(Identity.named("newcomer", name + i), FIVE);
                  return limiter.tryAcquire(user, FIVE);
                });
        assertThat(permitted).isEqualTo(CAPACITY);
      }
    }
  }

  /**
   * Twelve identities on eight buckets: some are found, some evicted as full, some overflow, and
   * who has overflowed may get an own bucket while others still charge the overflow bucket for it.
   */
  @Test
  void tryAcquire_tableFullWithEviction_permitsNoIdentityMoreThanTheCapacity() {
    int bound = 8;
    int identities = 12;
    int threads = 16;
    InMemoryRateLimiter limiter = InMemoryRateLimiter.create(bound, clock);
    long total = 0;
    int rounds = 2_000;
    try (Crowd crowd = new Crowd(threads)) {
      for (int round = 0; round < rounds; round++) {
        for (int i = 0; i < bound; i++) {
          limiter.tryAcquire(Identity.named("before", round + "-" + i), FIVE);
        }
        clock.advance(Duration.ofMinutes(1));
        List<Identity> all = identities(identities, round);
        AtomicIntegerArray permitted = new AtomicIntegerArray(identities);
        crowd.ask(thread -> spend(limiter, all, permitted, thread));
        for (int i = 0; i < identities; i++) {
          assertThat(permitted.get(i)).isLessThanOrEqualTo(CAPACITY);
          total += permitted.get(i);
        }
        assertThat(limiter.size()).isLessThanOrEqualTo(bound);
        clock.advance(Duration.ofMinutes(1));
      }
    }
    assertThat(total).isGreaterThan((long) rounds * CAPACITY);
  }

  /**
   * Two requests take two tokens in opposite order, so that each may find the other's first token
   * taken, and then given back: a denial that looks at the buckets once more would see a yes.
   */
  @Test
  void tryAcquire_twoInOppositeOrder_permitsNobodyUnpaid() {
    int steps = 20_000;
    InMemoryRateLimiter limiter = InMemoryRateLimiter.create(4 * steps, clock);
    Identity user = Identity.user("acme", "u1");
    List<List<LimitPolicy>> policies = IntStream.range(0, steps).mapToObj(i -> both(i)).toList();
    AtomicIntegerArray permitted = new AtomicIntegerArray(steps);
    try (Crowd crowd = new Crowd(2)) {
      crowd.lockstep(
          steps,
          (thread, i) -> {
            if (limiter.tryAcquire(user, policies.get(i).get(thread)).permitted()) {
              permitted.incrementAndGet(i);
            }
          });
    }
    for (int i = 0; i < steps; i++) {
      assertThat(permitted.get(i)).isLessThanOrEqualTo(1);
      assertThat(limiter.peek(user, policies.get(i).get(0)).buckets())
          .extracting(BucketState::remaining)
          .containsOnly(1L - permitted.get(i));
    }
  }

  private static List<LimitPolicy> both(int number) {
    LimitPolicy a = LimitPolicy.everyone("a" + number, Limit.perMinute(1));
    LimitPolicy b = LimitPolicy.everyone("b" + number, Limit.perMinute(1));
    return List.of(a.and(b), b.and(a));
  }

  private static boolean spend(
      InMemoryRateLimiter limiter, List<Identity> all, AtomicIntegerArray permitted, int thread) {
    for (int i = 0; i < 4 * all.size(); i++) {
      int number = (thread * 5 + i) % all.size();
      if (limiter.tryAcquire(all.get(number), FIVE).permitted()) {
        permitted.incrementAndGet(number);
      }
    }
    return true;
  }

  private static List<Identity> identities(int count, int round) {
    return IntStream.range(0, count).mapToObj(i -> Identity.user("w" + round, "u" + i)).toList();
  }
}
