package dev.penstock.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.Cost;
import dev.penstock.Decision;
import dev.penstock.Decision.Source;
import dev.penstock.FailoverMode;
import dev.penstock.Identity;
import dev.penstock.Limit;
import dev.penstock.LimitPolicy;
import dev.penstock.Reservation;
import dev.penstock.redis.wire.RedisKeys;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What Redis does not carry out at once, of resets and reservations, and on its return. */
class RedisSettlementsIT {

  private static final Duration SOON = Duration.ofSeconds(20);

  /** What is not answered is waited for so long, and a machine that stands still is answered. */
  private static final Duration TIMEOUT = Duration.ofMillis(1_500);

  private static final Identity USER = Identity.user("acme", "u1");

  private LimitPolicy ten;
  private LimitPolicy both;
  private RedisServer server;
  private FaultProxy proxy;
  private RedisRateLimiter limiter;
  private RedisRateLimiter other;

  /** Returns the limit of most of them. */
  Limit ofTen() {
    return Limit.perDay(10);
  }

  @BeforeEach
  void start() {
    ten = LimitPolicy.perIdentity("ten", ofTen());
    both = ten.and(LimitPolicy.perWorkspace("workspace", Limit.perDay(100)));
    server = RedisServer.start(RedisServer.APPEND_ONLY);
    proxy = FaultProxy.to(server.port());
    limiter = builder(proxy.url()).build();
    other = builder(server.url()).build();
  }

  @AfterEach
  void close() {
    limiter.close();
    other.close();
    proxy.close();
    server.close();
  }

  private static RedisRateLimiterBuilder builder(String url) {
    return RedisRateLimiter.builder(url).timeout(TIMEOUT).cheapDenials(Duration.ZERO);
  }

  private void cut() {
    proxy.cut();
    awaitAway();
  }

  private void awaitAway() {
    Identity nobody = Identity.user("nobody");
    Await.until(
        "the outage",
        SOON,
        () -> {
          limiter.peek(nobody, ten);
          return !limiter.statistics().available();
        });
  }

  private void take(long tokens, Source source) {
    Decision decision = limiter.tryAcquire(USER, ten, tokens);
    assertThat(decision.source()).isEqualTo(source);
    assertThat(decision.permitted()).isTrue();
  }

  private void awaitSeenElsewhere(long remaining) {
    Await.until(remaining + " tokens, seen elsewhere", SOON, () -> seen(other) == remaining);
  }

  private long seen(RedisRateLimiter limiter) {
    Decision decision = limiter.peek(USER, ten);
    return decision.source() == Source.REDIS ? decision.buckets().get(0).remaining() : -1;
  }

  /** Once it is this process's turn, all that it owes has been carried out. */
  private void checkSettled(long remaining) {
    Await.until("an answer of Redis's", SOON, () -> seen(limiter) >= 0);
    assertThat(seen(limiter)).isEqualTo(remaining);
    assertThat(seen(other)).isEqualTo(remaining);
  }

  @Test
  void reset_whileAway_isCarriedOutOnReturn_andWhatIsSpentAfterItIsCharged() {
    take(10, Source.REDIS);
    cut();
    limiter.reset(USER, ten);
    take(2, Source.LOCAL);
    assertThat(seen(other)).isZero();
    proxy.pass();
    awaitSeenElsewhere(10);
    checkSettled(10);
    take(1, Source.REDIS);
    assertThat(seen(limiter)).isEqualTo(7);
  }

  @Test
  void settle_lessAndLessWhileAway_isPutBackOnReturn_withoutAnotherDecision() {
    Reservation run = limiter.reserve(USER, both, Cost.of(10));
    cut();
    run.settle(Cost.of(7));
    run.settle(Cost.of(6));
    proxy.pass();
    awaitSeenElsewhere(4);
    checkSettled(4);
    assertThat(other.peek(USER, both).buckets().get(1).remaining()).isEqualTo(94);
  }

  @Test
  void cancel_whileAway_ofABucketSpentHereAndThere_putsBackHereAndTheRestThere() {
    Reservation run = reserve(6, Source.REDIS);
    cut();
    take(4, Source.LOCAL);
    run.cancel();
    proxy.pass();
    awaitSeenElsewhere(6);
    take(1, Source.REDIS);
    checkSettled(5);
  }

  @Test
  void resetAndSettle_betweenSpending_areCarriedOutInTheirOrder() {
    take(4, Source.REDIS);
    cut();
    take(2, Source.LOCAL);
    limiter.reset(USER, ten);
    Reservation run = reserve(3, Source.LOCAL);
    run.settle(Cost.of(2));
    proxy.pass();
    awaitSeenElsewhere(10);
    take(1, Source.REDIS);
    checkSettled(7);
  }

  /** The server carries out what it finds when it goes on, and what is sent again. */
  @Test
  void settle_lessAsServerStalls_isPutBackOnce() {
    Reservation run = reserve(10, Source.REDIS);
    server.pause();
    run.settle(Cost.of(7));
    server.resume();
    awaitSeenElsewhere(3);
    checkSettled(3);
  }

  @Test
  void settle_lessAsNetworkSwallowsIt_isPutBackOnce() {
    Reservation run = reserve(10, Source.REDIS);
    proxy.blackHole();
    run.settle(Cost.of(7));
    proxy.pass();
    awaitSeenElsewhere(3);
    checkSettled(3);
  }

  @Test
  void reset_serverStalls_isCarriedOutOnce_andNothingSpentAfterItIsForgotten() {
    take(10, Source.REDIS);
    server.pause();
    limiter.reset(USER, ten);
    server.resume();
    awaitSeenElsewhere(10);
    checkSettled(10);
    take(4, Source.REDIS);
    assertThat(other.tryAcquire(USER, ten, 2).permitted()).isTrue();
    checkSettled(4);
  }

  @Test
  void reset_networkSwallowsIt_isCarriedOut() {
    take(10, Source.REDIS);
    proxy.blackHole();
    limiter.reset(USER, ten);
    proxy.pass();
    awaitSeenElsewhere(10);
    checkSettled(10);
  }

  private Reservation reserve(long tokens, Source source) {
    Reservation reservation = limiter.reserve(USER, ten, Cost.of(tokens));
    assertThat(reservation.decision().source()).isEqualTo(source);
    assertThat(reservation.permitted()).isTrue();
    return reservation;
  }

  private void pass() {
    proxy.pass();
    Await.until("an answer of Redis's", SOON, () -> seen(limiter) >= 0);
  }

  @Test
  void settle_moreWhileAway_isOwedAndChargedOnce() {
    Reservation run = reserve(1, Source.REDIS);
    cut();
    run.settle(Cost.of(4));
    run.settle(Cost.of(4));
    Decision local = limiter.tryAcquire(USER, ten, 7);
    assertThat(local.source()).isEqualTo(Source.LOCAL);
    assertThat(local.permitted()).isFalse();
    pass();
    take(1, Source.REDIS);
    checkSettled(5);
    run.settle(Cost.of(6));
    checkSettled(3);
  }

  @Test
  void settle_lessWhileAway_isPutBackOnReturn() {
    Reservation run = reserve(9, Source.REDIS);
    cut();
    run.settle(Cost.of(2));
    proxy.pass();
    awaitSeenElsewhere(8);
    checkSettled(8);
  }

  @Test
  void settle_serverStalls_isChargedOnce() {
    Reservation run = reserve(1, Source.REDIS);
    server.pause();
    run.settle(Cost.of(5));
    server.resume();
    awaitSeenElsewhere(5);
    checkSettled(5);
  }

  @Test
  void settle_networkSwallowsIt_isChargedOnce() {
    Reservation run = reserve(1, Source.REDIS);
    proxy.blackHole();
    run.settle(Cost.of(5));
    proxy.pass();
    awaitSeenElsewhere(5);
    checkSettled(5);
  }

  @Test
  void settle_reservedWhileAway_isChargedBesidesWhatIsOwed() {
    cut();
    Reservation run = reserve(3, Source.LOCAL);
    pass();
    run.settle(Cost.of(5));
    take(1, Source.REDIS);
    checkSettled(4);
  }

  @Test
  void cancel_reservedWhileAway_isOwedNoMore() {
    cut();
    Reservation run = reserve(3, Source.LOCAL);
    pass();
    run.cancel();
    take(1, Source.REDIS);
    checkSettled(9);
  }

  /** What there was no room for was never taken, and is not put back into what others took. */
  @Test
  void cancel_settledBeyondEmptyWhileAway_createsNoTokens() {
    assertThat(other.tryAcquire(USER, ten, 10).permitted()).isTrue();
    cut();
    Reservation run = reserve(1, Source.LOCAL);
    run.settle(Cost.of(100));
    run.cancel();
    pass();
    assertThat(seen(other)).isZero();
  }

  /** It may have been charged, so it counts here until that is known. */
  @Test
  void settle_notAnswered_countsWhileRedisIsAway() {
    Reservation run = reserve(1, Source.REDIS);
    proxy.blackHole();
    run.settle(Cost.of(8));
    awaitAway();
    Decision local = limiter.tryAcquire(USER, ten, 3);
    assertThat(local.source()).isEqualTo(Source.LOCAL);
    assertThat(local.permitted()).isFalse();
    proxy.pass();
    awaitSeenElsewhere(2);
    checkSettled(2);
    take(2, Source.REDIS);
  }

  @Test
  void cancel_bucketWasResetSince_createsNoTokens() {
    Reservation run = reserve(10, Source.REDIS);
    limiter.reset(USER, ten);
    take(10, Source.REDIS);
    run.cancel();
    checkSettled(0);
  }

  /** Nothing was taken while nobody counted, and what it came to is charged all the same. */
  @Test
  void settle_reservedWhileRequestsAreLetThrough_isChargedInFull() {
    RedisRateLimiter open = builder(proxy.url()).failover(FailoverMode.OPEN).build();
    proxy.cut();
    Await.until("the outage", SOON, () -> open.peek(USER, ten).source() == Source.OPEN);
    try (open;
        Reservation run = open.reserve(USER, ten)) {
      assertThat(run.decision().source()).isEqualTo(Source.OPEN);
      proxy.pass();
      Await.until("an answer of Redis's", SOON, () -> seen(open) >= 0);
      run.settle(Cost.of(4));
      awaitSeenElsewhere(6);
    }
  }

  /** What is on its way is not put back later than it was taken: nothing is created. */
  @Test
  void settle_leaseOfTokens_putsBackWhatWasTaken() {
    LimitPolicy hot = LimitPolicy.everyone("hot", Limit.perDay(100_000).withLease(100));
    try (RedisRateLimiter leasing = builder(proxy.url()).build()) {
      Await.until(
          "a leased decision",
          SOON,
          () -> {
            leasing.tryAcquire(USER, hot);
            return leasing.statistics().leasedDecisions() > 0;
          });
      Reservation run = leasing.reserve(USER, hot, Cost.of(5));
      assertThat(run.permitted()).isTrue();
      run.settle(Cost.of(30));
      run.cancel();
      run.close();
      long taken = 100_000 - other.peek(USER, hot).buckets().get(0).remaining();
      assertThat(taken).isBetween(1L, 300L);
    }
  }

  @Test
  void cancel_ofAKeyThatHoldsNoBucket_isGivenUp() {
    Reservation run = reserve(3, Source.REDIS);
    RedisKeys keys = new RedisKeys("penstock", false);
    String key = keys.key(ten.limits(USER).get(0), USER);
    server.command("SET", key, "not a bucket");
    run.cancel();
    long calls = limiter.statistics().calls();
    assertThat(limiter.peek(USER, ten).source()).isEqualTo(Source.LOCAL);
    assertThat(limiter.statistics().calls()).isEqualTo(calls + 1);
    assertThat(server.command("GET", key)).isEqualTo("not a bucket");
  }
}
