package dev.penstock.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.Cost;
import dev.penstock.Crowd;
import dev.penstock.Decision;
import dev.penstock.Decision.Source;
import dev.penstock.Identity;
import dev.penstock.Limit;
import dev.penstock.LimitPolicy;
import dev.penstock.Reservation;
import dev.penstock.redis.wire.RedisKeys;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is known here of buckets that Redis has lost, without a connection that broke. */
class RedisLostDataIT {

  /** A machine that stands still shall be no outage. */
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  private static final Identity USER = Identity.user("acme", "u1");

  private LimitPolicy ten;
  private RedisServer server;
  private RedisRateLimiter one;
  private RedisRateLimiter two;

  /** Returns the limit of most of them. */
  Limit ofTen() {
    return Limit.perDay(10);
  }

  @BeforeEach
  void start() {
    ten = LimitPolicy.perIdentity("ten", ofTen());
    server = RedisServer.start();
    one = builder().build();
    two = builder().build();
  }

  @AfterEach
  void close() {
    one.close();
    two.close();
    server.close();
  }

  private RedisRateLimiterBuilder builder() {
    return RedisRateLimiter.builder(server.url()).timeout(PATIENCE).cheapDenials(Duration.ZERO);
  }

  private String key() {
    return new RedisKeys("penstock", false).key(ten.limits(USER).get(0), USER);
  }

  private Decision take(RedisRateLimiter limiter, long cost) {
    Decision decision = limiter.tryAcquire(USER, ten, cost);
    assertThat(decision.source()).isEqualTo(Source.REDIS);
    return decision;
  }

  private long remaining(RedisRateLimiter limiter) {
    Decision decision = limiter.peek(USER, ten);
    assertThat(decision.source()).isEqualTo(Source.REDIS);
    return decision.buckets().get(0).remaining();
  }

  @Test
  void flushAll_bucketKnownAsEmpty_staysSoAndIsWrittenForAll() {
    take(one, 10);
    server.command("FLUSHALL");
    assertThat(remaining(one)).isZero();
    assertThat(take(one, 1).permitted()).isFalse();
    assertThat(take(two, 1).permitted()).isFalse();
    assertThat(one.statistics().missedDecisions()).isZero();
  }

  @Test
  void flushAll_bucketKnownAsHalfEmpty_goesOnFromThere() {
    take(one, 4);
    for (int left = 5; left >= 0; left--) {
      server.command("FLUSHALL");
      assertThat(take(one, 1).buckets().get(0).remaining()).isEqualTo(left);
    }
    server.command("FLUSHALL");
    assertThat(take(one, 1).permitted()).isFalse();
  }

  @Test
  void evicted_oneKey_oneOfSeveralBuckets_goesOnFromThere() {
    LimitPolicy both = ten.and(LimitPolicy.perIdentity("more", Limit.perDay(100)));
    one.tryAcquire(USER, both, 10);
    server.command("DEL", key());
    Decision denied = one.tryAcquire(USER, both, 1);
    assertThat(denied.source()).isEqualTo(Source.REDIS);
    assertThat(denied.deniedBy()).extracting(bucket -> bucket.name()).containsExactly("ten");
    assertThat(denied.buckets().get(1).remaining()).isEqualTo(90);
    assertThat(take(two, 1).permitted()).isFalse();
  }

  @Test
  void flushAll_manyAskAtOnce_nobodyIsPermitted() {
    take(one, 10);
    server.command("FLUSHALL");
    try (Crowd crowd = new Crowd(16)) {
      List<Integer> permitted =
          crowd.ask(
              thread -> {
                int mine = 0;
                for (int i = 0; i < 20; i++) {
                  mine += take(one, 1 + i % 3).permitted() ? 1 : 0;
                }
                return mine;
              });
      assertThat(permitted).containsOnly(0);
    }
  }

  @Test
  void flushAll_thenSettled_putsBackNoMore() {
    Reservation run = one.reserve(USER, ten, Cost.of(10));
    server.command("FLUSHALL");
    run.settle(Cost.of(7));
    assertThat(remaining(one)).isEqualTo(3);
    assertThat(remaining(two)).isEqualTo(3);
  }

  @Test
  void flushAll_leasedBucket_isNoFreshBudget() {
    LimitPolicy leased = LimitPolicy.perIdentity("leased", Limit.perDay(1_000).withLease(100));
    try (RedisRateLimiter leasing = builder().build()) {
      int permitted = 0;
      for (int i = 0; i < 3_000; i++) {
        permitted += leasing.tryAcquire(USER, leased).permitted() ? 1 : 0;
        if (i % 400 == 399) {
          server.command("FLUSHALL");
        }
      }
      assertThat(permitted).isLessThanOrEqualTo(1_000);
      assertThat(leasing.statistics().leasedDecisions()).isPositive();
      assertThat(leasing.statistics().failoverDecisions()).isZero();
    }
  }

  @Test
  void olderData_afterAConnectionWasLost_goesOnFromWhatIsKnown() {
    take(one, 4);
    server.command("COPY", key(), "older");
    take(one, 5);
    server.command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes");
    Await.until("an answer of Redis's", PATIENCE, () -> isByRedis(one));
    server.command("COPY", "older", key(), "REPLACE");
    assertThat(take(one, 2).permitted()).isFalse();
    assertThat(take(one, 1).permitted()).isTrue();
    assertThat(take(two, 1).permitted()).isFalse();
  }

  @Test
  void reset_elsewhere_isBelieved_whateverIsKnownHere() {
    take(one, 10);
    two.reset(USER, ten);
    assertThat(take(one, 1).buckets().get(0).remaining()).isEqualTo(9);
  }

  @Test
  void reset_elsewhere_afterAConnectionWasLostHere_isBelieved() {
    take(one, 10);
    server.command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes");
    two.reset(USER, ten);
    Await.until("an answer of Redis's", PATIENCE, () -> isByRedis(one) && isByRedis(two));
    Await.until("the reset", PATIENCE, () -> remaining(two) == 10);
    assertThat(remaining(one)).isEqualTo(10);
  }

  private boolean isByRedis(RedisRateLimiter limiter) {
    return limiter.peek(Identity.user("other"), ten).source() == Source.REDIS;
  }

  @Test
  void settle_elsewhere_inPartAndToFull_isBelieved() {
    Reservation run = two.reserve(USER, ten, Cost.of(10));
    assertThat(take(one, 1).permitted()).isFalse();
    run.settle(Cost.of(6));
    assertThat(remaining(one)).isEqualTo(4);
    run.cancel();
    Await.until("the refill of a round trip", PATIENCE, () -> remaining(one) == 10);
  }

  /**
   * A key that would end with its bucket would be taken for a lost one by who knows it as empty.
   */
  @Test
  void reset_elsewhere_andSpentFrom_isBelievedAfterTheBucketIsFull() {
    LimitPolicy quick = LimitPolicy.perIdentity("quick", Limit.of(10, 10, Duration.ofSeconds(4)));
    one.tryAcquire(USER, quick, 10);
    two.reset(USER, quick);
    two.tryAcquire(USER, quick, 1);
    Await.until("one token", PATIENCE, () -> two.peek(USER, quick, 10).permitted());
    Decision full = one.peek(USER, quick, 10);
    assertThat(full.permitted()).isTrue();
  }
}
