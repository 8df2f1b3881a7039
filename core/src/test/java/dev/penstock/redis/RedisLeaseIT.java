package dev.penstock.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.Cost;
import dev.penstock.Crowd;
import dev.penstock.Decision;
import dev.penstock.Identity;
import dev.penstock.Limit;
import dev.penstock.LimitPolicy;
import dev.penstock.Reservation;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

/** Tokens that instances take ahead. */
class RedisLeaseIT {

  private static final Duration SOON = Duration.ofSeconds(10);
  private static final Duration PATIENCE = Duration.ofSeconds(5);
  private static final Identity USER = Identity.user("acme", "u1");
  private static final int BLOCK = 1_000;
  private static final LimitPolicy HOT =
      LimitPolicy.perIdentity("hot", Limit.perDay(10_000).withLease(BLOCK));
  private static final LimitPolicy UNLEASED = LimitPolicy.perIdentity("hot", Limit.perDay(10_000));
  private static final int SPENT = 100;

  private final String prefix = "lease-" + UUID.randomUUID();

  private RedisRateLimiterBuilder builder(String url) {
    return RedisRateLimiter.builder(url).prefix(prefix).timeout(PATIENCE);
  }

  private RedisRateLimiter limiter() {
    return builder(SharedRedis.url()).build();
  }

  /**
   * Asks until a request is served from a lease; returns how many tokens were permitted, of which
   * the first ones are refilled in more than a minute: none of the lease is too soon to go back.
   */
  private static int awaitLeaseThatGoesBack(RedisRateLimiter limiter) {
    assertThat(limiter.tryAcquire(USER, HOT, SPENT).permitted()).isTrue();
    return SPENT + awaitLease(limiter, HOT);
  }

  /** Asks until a request is served from a lease; returns how many were permitted. */
  private static int awaitLease(RedisRateLimiter limiter, LimitPolicy policy) {
    int permitted = 0;
    while (limiter.statistics().leasedDecisions() == 0) {
      assertThat(limiter.tryAcquire(USER, policy).permitted()).isTrue();
      permitted++;
      assertThat(permitted).isLessThan(BLOCK);
    }
    return permitted;
  }

  private long remaining() {
    try (RedisRateLimiter other = limiter()) {
      return remaining(other);
    }
  }

  private static long remaining(RedisRateLimiter limiter) {
    return limiter.peek(USER, HOT).buckets().get(0).remaining();
  }

  @Test
  void tryAcquire_busyBucket_asksOnceForManyRequests() {
    try (RedisRateLimiter limiter = limiter()) {
      int permitted = awaitLease(limiter, HOT);
      long calls = limiter.statistics().calls();
      for (int i = 0; i < BLOCK; i++) {
        Decision decision = limiter.tryAcquire(USER, HOT);
        assertThat(decision.permitted()).isTrue();
        assertThat(decision.source()).isEqualTo(Decision.Source.REDIS);
        assertThat(decision.buckets().get(0).remaining()).isEqualTo(9_999 - permitted - i);
      }
      assertThat(limiter.statistics().calls() - calls).isBetween(1L, 10L);
    }
  }

  @RepeatedTest(10)
  void tryAcquire_twoInstancesOfManyThreads_permitExactlyTheCapacity() {
    int sum;
    try (RedisRateLimiter one = limiter();
        RedisRateLimiter two = limiter();
        Crowd crowd = new Crowd(16)) {
      List<Integer> permitted =
          crowd.ask(
              thread -> {
                RedisRateLimiter limiter = thread % 2 == 0 ? one : two;
                int mine = 0;
                for (int i = 0; i < 800; i++) {
                  mine += limiter.tryAcquire(USER, HOT).permitted() ? 1 : 0;
                }
                return mine;
              });
      sum = permitted.stream().mapToInt(Integer::intValue).sum();
      assertThat(one.statistics().leasedDecisions()).isPositive();
      assertThat(two.statistics().leasedDecisions()).isPositive();
    }
    assertThat(sum).isLessThanOrEqualTo(10_000);
    assertThat(sum + remaining()).isEqualTo(10_000);
  }

  @Test
  void tryAcquire_redisHasLessThanABlock_takesWhatThereIs() {
    try (RedisRateLimiter limiter = limiter();
        RedisRateLimiter other = limiter()) {
      assertThat(limiter.tryAcquire(USER, HOT).permitted()).isTrue();
      assertThat(other.tryAcquire(USER, UNLEASED, 9_900).permitted()).isTrue();
      assertThat(permitted(limiter, HOT)).isEqualTo(99);
    }
  }

  @Test
  void close_whatIsLeft_goesBack() {
    int permitted;
    try (RedisRateLimiter other = limiter()) {
      try (RedisRateLimiter limiter = limiter()) {
        permitted = awaitLeaseThatGoesBack(limiter);
        assertThat(remaining(other)).isLessThan(9_999 - permitted);
      }
      assertThat(remaining(other)).isEqualTo(10_000 - permitted);
    }
  }

  @Test
  void lease_nobodyAsksAnyMore_goesBackAfterASecond() {
    try (RedisRateLimiter limiter = limiter()) {
      int permitted = awaitLeaseThatGoesBack(limiter);
      Await.until("the return of a lease", SOON, () -> remaining() == 10_000 - permitted);
      assertThat(limiter.tryAcquire(USER, HOT).permitted()).isTrue();
    }
  }

  @Test
  void tryAcquire_manyThreadsAtOnce_haveAtMostABlockInHand() {
    try (RedisRateLimiter limiter = limiter();
        Crowd crowd = new Crowd(16)) {
      assertThat(limiter.tryAcquire(USER, HOT).permitted()).isTrue();
      int permitted = 1 + crowd.permitted(thread -> limiter.tryAcquire(USER, HOT));
      assertThat(10_000 - remaining()).isBetween((long) permitted, (long) permitted + BLOCK);
    }
  }

  @Test
  void tryAcquire_othersAreCancelledMeanwhile_losesNothing() {
    try (RedisRateLimiter limiter = limiter();
        Crowd crowd = new Crowd(2)) {
      AtomicBoolean done = new AtomicBoolean();
      LimitPolicy other = LimitPolicy.perIdentity("cold", Limit.perDay(10));
      List<Integer> permitted =
          crowd.ask(
              thread -> {
                int mine = 0;
                while (thread == 1 && !done.get()) {
                  limiter.reserve(Identity.user("other"), other).cancel();
                }
                while (thread == 0 && limiter.tryAcquire(USER, HOT).permitted()) {
                  mine++;
                }
                done.set(true);
                return mine;
              });
      assertThat(permitted.get(0)).isGreaterThan(9_000);
    }
  }

  @Test
  void peek_tokensInHand_isWhatTryAcquireSays() {
    try (RedisRateLimiter limiter = limiter();
        RedisRateLimiter other = limiter()) {
      awaitLease(limiter, HOT);
      for (long cost : new long[] {1_000, 100, 10, 1}) {
        while (other.tryAcquire(USER, UNLEASED, cost).permitted()) {
          assertThat(limiter.peek(USER, HOT).permitted()).isTrue();
        }
      }
      Decision peeked = limiter.peek(USER, HOT);
      assertThat(peeked.permitted()).isTrue();
      Decision taken = limiter.tryAcquire(USER, HOT);
      assertThat(taken.permitted()).isTrue();
      assertThat(peeked.buckets().get(0).remaining())
          .isEqualTo(taken.buckets().get(0).remaining() + 1);
    }
  }

  @Test
  void tryAcquire_oneLimitIsNotLeased_asksEachTime() {
    LimitPolicy both = HOT.and(LimitPolicy.perWorkspace("cold", Limit.perDay(10_000)));
    try (RedisRateLimiter limiter = limiter()) {
      for (int i = 1; i <= 50; i++) {
        assertThat(limiter.tryAcquire(USER, both).permitted()).isTrue();
        assertThat(limiter.statistics().calls()).isEqualTo(i);
      }
    }
  }

  @Test
  void tryAcquire_allLimitsLeased_allOrNothing() {
    LimitPolicy both = HOT.and(LimitPolicy.perWorkspace("small", Limit.perDay(300).withLease(100)));
    try (RedisRateLimiter limiter = limiter()) {
      int permitted = 0;
      for (int i = 0; i < 1_000; i++) {
        permitted += limiter.tryAcquire(USER, both).permitted() ? 1 : 0;
      }
      assertThat(permitted).isEqualTo(300);
      assertThat(limiter.statistics().leasedDecisions()).isPositive();
    }
    assertThat(remaining()).isEqualTo(10_000 - 300);
  }

  @Test
  void resetOrSettle_here_permitsNoMoreThanTheCapacity() {
    LimitPolicy small = LimitPolicy.perIdentity("hot", Limit.perDay(100).withLease(50));
    try (RedisRateLimiter limiter = limiter()) {
      awaitLease(limiter, small);
      limiter.reset(USER, small);
      Reservation run = limiter.reserve(USER, small, Cost.of(10));
      assertThat(permitted(limiter, small)).isEqualTo(90);
      run.settle(Cost.of(3));
      assertThat(permitted(limiter, small)).isEqualTo(7);
    }
  }

  private static int permitted(RedisRateLimiter limiter, LimitPolicy policy) {
    int permitted = 0;
    for (int i = 0; i < 200; i++) {
      permitted += limiter.tryAcquire(USER, policy).permitted() ? 1 : 0;
    }
    return permitted;
  }

  @Test
  void tryAcquire_redisDies_whatIsInHandIsPaid() {
    try (RedisServer server = RedisServer.start();
        RedisRateLimiter limiter = builder(server.url()).build()) {
      int permitted = awaitLease(limiter, HOT);
      server.kill();
      long leased = limiter.statistics().leasedDecisions();
      for (int i = 0; i < 12_000; i++) {
        permitted += limiter.tryAcquire(USER, HOT).permitted() ? 1 : 0;
      }
      assertThat(limiter.statistics().leasedDecisions()).isGreaterThan(leased);
      assertThat(limiter.statistics().failoverDecisions()).isPositive();
      assertThat(permitted).isBetween(10_000 - BLOCK, 10_000);
    }
  }
}
