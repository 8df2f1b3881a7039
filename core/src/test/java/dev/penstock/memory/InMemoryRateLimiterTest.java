package dev.penstock.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import dev.penstock.Ban;
import dev.penstock.BucketState;
import dev.penstock.Cost;
import dev.penstock.Decision;
import dev.penstock.FakeClock;
import dev.penstock.Identity;
import dev.penstock.Limit;
import dev.penstock.LimitPolicy;
import dev.penstock.RateLimiter;
import dev.penstock.RateLimiterContract;
import dev.penstock.Reservation;
import dev.penstock.WindowBansContract;
import dev.penstock.WindowsContract;
import dev.penstock.bucket.Room;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class InMemoryRateLimiterTest extends RateLimiterContract implements WindowsContract {

  private static final LimitPolicy FIVE = LimitPolicy.perIdentity("five", Limit.perMinute(5));

  private final FakeClock clock = new FakeClock(Long.MAX_VALUE - 5);
  private final AtomicReference<Instant> wall =
      new AtomicReference<>(Instant.parse("2026-05-04T10:00:00Z"));
  private final InMemoryRateLimiter limiter =
      InMemoryRateLimiter.builder().clock(clock).wallClock(wall::get).build();

  @Override
  public RateLimiter limiter() {
    return limiter;
  }

  @Override
  public void advance(Duration time) {
    clock.advance(time);
    wall.updateAndGet(now -> now.plus(time));
  }

  @Override
  public void setWall(Instant time) {
    wall.set(time);
  }

  @Override
  public Duration resolution() {
    return Duration.ofNanos(1);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, -1, Integer.MIN_VALUE, (1 << 28) + 1})
  void create_boundOutOfRange_namesTheValue(int maxBuckets) {
    String message = "maxBuckets must be from 1 to 268435456: " + maxBuckets;
    assertThatIllegalArgumentException()
        .isThrownBy(() -> InMemoryRateLimiter.create(maxBuckets))
        .withMessage(message);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> InMemoryRateLimiter.create(maxBuckets, clock))
        .withMessage(message);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> InMemoryRateLimiter.builder().maxBuckets(maxBuckets))
        .withMessage(message);
  }

  @Test
  @SuppressWarnings("NullAway") // null is what is tested
  void create_nullClock_namesTheParameter() {
    assertThatNullPointerException()
        .isThrownBy(() -> InMemoryRateLimiter.create(10, null))
        .withMessage("nanoClock");
    assertThatNullPointerException()
        .isThrownBy(() -> InMemoryRateLimiter.builder().clock(null))
        .withMessage("nanoClock");
    assertThatNullPointerException()
        .isThrownBy(() -> InMemoryRateLimiter.builder().share(null, 1))
        .withMessage("kind");
    assertThatNullPointerException().isThrownBy(() -> limiter.hasRoom(null)).withMessage("kind");
  }

  /** What was taken before the bucket was brought to its end does not show any more. */
  @Test
  void cancel_anotherEmptiedTheBucketSince_createsNoTokens() {
    Reservation first = limiter.reserve(user(1), FIVE, Cost.of(3));
    Reservation second = limiter.reserve(user(1), FIVE, Cost.of(1));
    second.settle(Cost.of(100));
    first.cancel();
    assertThat(limiter.tryAcquire(user(1), FIVE).permitted()).isFalse();
    second.cancel();
    assertThat(limiter.tryAcquire(user(1), FIVE, 2).permitted()).isTrue();
    assertThat(limiter.tryAcquire(user(1), FIVE).permitted()).isFalse();
  }

  @Test
  void cancel_bucketWasResetSince_createsNoTokens() {
    Reservation run = limiter.reserve(user(1), FIVE, Cost.of(5));
    limiter.reset(user(1), FIVE);
    limiter.tryAcquire(user(1), FIVE, 5);
    run.cancel();
    assertThat(limiter.tryAcquire(user(1), FIVE).permitted()).isFalse();
  }

  /** Who has no bucket of its own settles with the others of the overflow bucket. */
  @Test
  void settle_noRoom_isChargedAndPutBackInTheOverflowBucket() {
    InMemoryRateLimiter tiny = InMemoryRateLimiter.create(1, clock);
    tiny.tryAcquire(user(0), FIVE, 5);
    Reservation run = tiny.reserve(user(1), FIVE, Cost.of(1));
    run.settle(Cost.of(4));
    assertThat(tiny.peek(user(2), FIVE).buckets().get(0).remaining()).isEqualTo(1);
    run.settle(Cost.of(2));
    assertThat(tiny.peek(user(2), FIVE).buckets().get(0).remaining()).isEqualTo(3);
    run.cancel();
    assertThat(tiny.peek(user(2), FIVE).buckets().get(0).remaining()).isEqualTo(5);
  }

  @Test
  void create_systemClock_permitsAndDenies() {
    InMemoryRateLimiter system = InMemoryRateLimiter.create();
    LimitPolicy daily = LimitPolicy.perIdentity("daily", Limit.perDay(1));
    assertThat(system.tryAcquire(user(1), daily).permitted()).isTrue();
    Decision denied = system.tryAcquire(user(1), daily);
    assertThat(denied.permitted()).isFalse();
    assertThat(denied.retryAfter().orElseThrow())
        .isBetween(Duration.ofHours(23), Duration.ofHours(24));
  }

  @Test
  void buckets_askedForAgain_areNotWorkedOutAgain() {
    LimitPolicy both = FIVE.and(LimitPolicy.everyone("all", Limit.perMinute(9)));
    for (LimitPolicy policy : List.of(FIVE, both)) {
      Decision decision = limiter.tryAcquire(Identity.user("acme", "u1"), policy);
      assertThat(decision.buckets()).isSameAs(decision.buckets());
    }
  }

  @Test
  void peekReset_unknownIdentity_createNoBucket() {
    limiter.peek(user(1), FIVE);
    limiter.reset(user(1), FIVE);
    assertThat(limiter.size()).isZero();
  }

  @Test
  void tryAcquire_neverPermitted_createsNoBucket() {
    limiter.tryAcquire(user(1), FIVE, 6);
    assertThat(limiter.size()).isZero();
  }

  @Test
  void size_severalBuckets_countsEachOnce() {
    LimitPolicy policy = FIVE.and(LimitPolicy.everyone("everyone", Limit.perMinute(5)));
    limiter.tryAcquire(user(1), policy);
    limiter.tryAcquire(user(1), policy);
    limiter.tryAcquire(user(2), policy);
    assertThat(limiter.size()).isEqualTo(3);
  }

  @Test
  void clock_goesBack_timeStandsStillUntilItHasCaughtUp() {
    clock.advance(Duration.ofHours(1));
    limiter.tryAcquire(user(1), FIVE, 5);
    clock.advance(Duration.ofMinutes(-30));
    assertThat(limiter.tryAcquire(user(1), FIVE).retryAfter()).contains(Duration.ofSeconds(12));
    assertThat(limiter.tryAcquire(user(2), FIVE, 5).permitted()).isTrue();
    assertThat(limiter.tryAcquire(user(2), FIVE).retryAfter()).contains(Duration.ofSeconds(12));
    clock.advance(Duration.ofMinutes(30));
    assertThat(limiter.tryAcquire(user(1), FIVE).permitted()).isFalse();
    assertThat(limiter.tryAcquire(user(2), FIVE).permitted()).isFalse();
    clock.advance(Duration.ofSeconds(12));
    assertThat(limiter.tryAcquire(user(1), FIVE).permitted()).isTrue();
    assertThat(limiter.tryAcquire(user(1), FIVE).permitted()).isFalse();
  }

  @Test
  void clock_goesBackAndForth_neverAdmitsMoreThanTheLatestTimeAllows() {
    int permitted = limiter.tryAcquire(user(1), FIVE, 5).permitted() ? 5 : 0;
    for (int i = 0; i < 1000; i++) {
      permitted += limiter.tryAcquire(user(1), FIVE).permitted() ? 1 : 0;
      clock.advance(Duration.ofSeconds(i % 2 == 0 ? 60 : -60));
    }
    assertThat(permitted).as("a capacity, and what 60 s refill").isEqualTo(5 + 5);
  }

  @Test
  void tryAcquire_clockThatMovesAtEveryReading_permitsAWholeCapacityAtOnce() {
    AtomicLong ticking = new AtomicLong();
    InMemoryRateLimiter ticked = InMemoryRateLimiter.create(10, ticking::incrementAndGet);
    LimitPolicy one = LimitPolicy.perIdentity("one", Limit.perMinute(1));
    for (int i = 0; i < 10; i++) {
      assertThat(ticked.tryAcquire(user(i), one).permitted()).isTrue();
      assertThat(ticked.tryAcquire(user(i), one).permitted()).isFalse();
    }
  }

  @Test
  void overflow_boundReached_newcomersShareOneBucketForEachName() {
    InMemoryRateLimiter tiny = InMemoryRateLimiter.create(1, clock);
    LimitPolicy other = LimitPolicy.perIdentity("other", Limit.perMinute(5));
    tiny.tryAcquire(user(0), FIVE, 5);
    assertThat(tiny.tryAcquire(user(1), FIVE, 3).permitted()).isTrue();
    Decision decision = tiny.tryAcquire(user(2), FIVE, 1);
    assertThat(decision.buckets()).extracting(BucketState::remaining).containsExactly(1L);
    assertThat(tiny.tryAcquire(user(3), FIVE, 2).permitted()).isFalse();
    assertThat(tiny.tryAcquire(user(3), other, 5).permitted()).isTrue();
    assertThat(tiny.tryAcquire(user(1), other, 1).permitted()).isFalse();
    assertThat(tiny.size()).isEqualTo(1);
  }

  @Test
  void overflow_severalKinds_eachHasItsOwn() {
    InMemoryRateLimiter tiny = InMemoryRateLimiter.create(4, clock);
    for (int i = 0; i < 3; i++) {
      tiny.tryAcquire(address(i), FIVE, 5);
    }
    assertThat(tiny.tryAcquire(address(3), FIVE, 5).permitted()).as("by overflow").isTrue();
    assertThat(tiny.tryAcquire(address(4), FIVE).permitted()).isFalse();
    assertThat(tiny.tryAcquire(user(0), FIVE).buckets())
        .as("an own bucket, at the level of no other kind")
        .extracting(BucketState::remaining)
        .containsExactly(4L);
    assertThat(tiny.size()).isEqualTo(4);
    assertThat(tiny.tryAcquire(user(1), FIVE, 3).permitted()).as("by overflow").isTrue();
    assertThat(tiny.tryAcquire(user(2), FIVE, 3).permitted()).isFalse();
    assertThat(tiny.tryAcquire(Identity.named("key", "k"), FIVE, 5).permitted()).isTrue();
    assertThat(tiny.tryAcquire(Identity.workspace("acme"), FIVE, 5).permitted()).isTrue();
  }

  @Test
  void overflow_bucketsOfSeveralKinds_payAllOrNone() {
    InMemoryRateLimiter tiny =
        InMemoryRateLimiter.builder().share(Identity.Kind.USER, 0).clock(clock).build();
    LimitPolicy both = FIVE.and(LimitPolicy.perWorkspace("workspace", Limit.perMinute(3)));
    assertThat(tiny.tryAcquire(user(0), both, 3).permitted()).isTrue();
    assertThat(tiny.tryAcquire(user(1), both, 1).deniedBy())
        .extracting(BucketState::name)
        .containsExactly("workspace");
    assertThat(tiny.peek(user(1), both).buckets())
        .extracting(BucketState::remaining)
        .containsExactly(2L, 0L);
    assertThat(tiny.tryAcquire(Identity.user("other", "u"), both, 3).deniedBy())
        .extracting(BucketState::name)
        .containsExactly("five");
    assertThat(tiny.size()).isEqualTo(1);
  }

  @Test
  void hasRoom_asBucketsCome_tellsWhichKindSharesFromNowOn() {
    InMemoryRateLimiter tiny =
        InMemoryRateLimiter.builder()
            .maxBuckets(4)
            .share(Identity.Kind.ADDRESS, 0.5)
            .share(Identity.Kind.NAMED, 0.25)
            .clock(clock)
            .build();
    tiny.tryAcquire(user(0), FIVE);
    assertThat(tiny.hasRoom(Identity.Kind.NAMED)).isFalse();
    assertThat(tiny.hasRoom(Identity.Kind.ADDRESS)).isTrue();
    tiny.tryAcquire(user(1), FIVE);
    assertThat(tiny.hasRoom(Identity.Kind.ADDRESS)).isFalse();
    tiny.tryAcquire(address(0), FIVE);
    tiny.tryAcquire(Identity.named("key", "k"), FIVE);
    assertThat(tiny.size()).isEqualTo(2);
    tiny.tryAcquire(user(2), FIVE);
    tiny.tryAcquire(user(3), FIVE);
    assertThat(tiny.hasRoom(Identity.Kind.USER)).isFalse();
    clock.advance(Duration.ofMinutes(1));
    tiny.tryAcquire(address(0), FIVE);
    assertThat(tiny.size()).as("in the place of one that is full").isEqualTo(1);
  }

  @Test
  void overflow_roomAgain_ownBucketBeginsAtTheLevelOfTheOverflowBucket() {
    InMemoryRateLimiter tiny = InMemoryRateLimiter.create(1, clock);
    tiny.tryAcquire(user(0), FIVE, 1);
    tiny.tryAcquire(user(1), FIVE, 3);
    clock.advance(Duration.ofSeconds(12));
    assertThat(tiny.tryAcquire(user(1), FIVE, 4).permitted()).isFalse();
    Decision own = tiny.tryAcquire(user(1), FIVE, 1);
    assertThat(own.buckets()).extracting(BucketState::remaining).containsExactly(2L);
    assertThat(tiny.tryAcquire(user(2), FIVE, 3).permitted())
        .as("the overflow bucket is no longer charged for who has an own one")
        .isTrue();
    assertThat(tiny.tryAcquire(user(1), FIVE, 2).permitted()).isTrue();
    assertThat(tiny.tryAcquire(user(1), FIVE, 1).permitted()).isFalse();
  }

  @Test
  void overflow_limitChanged_keepsTheUsedFraction() {
    InMemoryRateLimiter tiny = InMemoryRateLimiter.create(1, clock);
    tiny.tryAcquire(user(0), LimitPolicy.perIdentity("other", Limit.perDay(1)));
    LimitPolicy before = LimitPolicy.perIdentity("plan", Limit.perDay(5));
    LimitPolicy after = LimitPolicy.perIdentity("plan", Limit.perMinute(5));
    assertThat(tiny.tryAcquire(user(1), before, 5).permitted()).isTrue();
    Duration retryAfter = tiny.tryAcquire(user(2), after).retryAfter().orElseThrow();
    assertThat(retryAfter).isEqualTo(Duration.ofSeconds(12));
    clock.advance(Duration.ofHours(24).dividedBy(5));
    assertThat(tiny.tryAcquire(user(2), after).permitted()).isTrue();
    assertThat(tiny.tryAcquire(user(2), after).permitted()).isFalse();
  }

  @Test
  void overflow_cancelledByWhoPaidFromAnOwnBucket_isNoTokenOfOthers() {
    InMemoryRateLimiter tiny = InMemoryRateLimiter.create(1, clock);
    Reservation run = tiny.reserve(user(0), FIVE, Cost.of(5));
    assertThat(run.permitted()).isTrue();
    tiny.reset(user(0), FIVE);
    LimitPolicy other = LimitPolicy.perIdentity("other", Limit.perDay(1));
    assertThat(tiny.tryAcquire(user(1), other).permitted()).as("forgets user 0").isTrue();
    assertThat(tiny.tryAcquire(user(2), FIVE, 5).permitted()).as("by overflow").isTrue();
    run.cancel();
    assertThat(tiny.tryAcquire(user(2), FIVE).permitted()).isFalse();
  }

  @Test
  void overflow_moreNamesThanOverflowBuckets_deniesWithARetryAfter() {
    InMemoryRateLimiter tiny = InMemoryRateLimiter.create(1, clock);
    tiny.tryAcquire(user(0), FIVE, 5);
    int permitted = 0;
    for (int i = 0; i < Room.MAX_OVERFLOW_BUCKETS + 100; i++) {
      LimitPolicy further = LimitPolicy.perIdentity("n" + i, Limit.perMinute(5));
      permitted += tiny.tryAcquire(user(1), further).permitted() ? 1 : 0;
    }
    assertThat(permitted).isEqualTo(Room.MAX_OVERFLOW_BUCKETS);
    LimitPolicy oneTooMany = LimitPolicy.perIdentity("too-many", Limit.perMinute(5));
    Decision last = tiny.tryAcquire(user(1), oneTooMany);
    assertThat(last.permitted()).isFalse();
    assertThat(last.retryAfter()).contains(Duration.ofSeconds(12));
  }

  @Test
  void fullBuckets_othersCome_areForgotten() {
    for (int i = 0; i < 10_000; i++) {
      limiter.tryAcquire(user(i), FIVE);
    }
    assertThat(limiter.size()).isEqualTo(10_000);
    clock.advance(Duration.ofSeconds(22));
    for (int i = 0; i < 70_000; i++) {
      limiter.tryAcquire(Identity.address("a" + i), FIVE);
    }
    assertThat(limiter.size()).as("none of the first 10,000").isEqualTo(70_000);
  }

  @Test
  void fullBucket_boundReached_makesRoomForANewcomer() {
    InMemoryRateLimiter tiny = InMemoryRateLimiter.create(10, clock);
    for (int i = 0; i < 10; i++) {
      tiny.tryAcquire(user(i), FIVE, i == 7 ? 1 : 5);
    }
    clock.advance(Duration.ofSeconds(12));
    assertThat(tiny.tryAcquire(user(10), FIVE, 5).permitted()).isTrue();
    assertThat(tiny.tryAcquire(user(11), FIVE, 5).permitted()).as("by overflow").isTrue();
    assertThat(tiny.tryAcquire(user(12), FIVE, 1).permitted()).isFalse();
    assertThat(tiny.tryAcquire(user(0), FIVE, 2).permitted()).isFalse();
    assertThat(tiny.size()).isEqualTo(10);
  }

  private static Identity address(int number) {
    return Identity.address("192.0.2." + number);
  }

  private static Identity user(int number) {
    return Identity.user("acme", "u" + number);
  }

  /** A window goes by the time of day, a ban by time that passes. */
  @Test
  void ban_timeOfDayIsSet_lastsAsLong() {
    setWall(HALF_PAST_TEN);
    RateLimiter banning =
        limiter()
            .banning(
                Ban.after(3, Duration.ofHours(1)).lasting(Duration.ofMinutes(10)), Runnable::run);
    WindowBansContract.ban(banning, TWO_AN_HOUR);
    setWall(HALF_PAST_TEN.plus(Duration.ofHours(5)));
    assertThat(banning.tryAcquire(DENIED, TWO_AN_HOUR).retryAfter())
        .contains(Duration.ofMinutes(10));
    advance(Duration.ofMinutes(10));
    assertThat(banning.tryAcquire(DENIED, TWO_AN_HOUR).permitted()).isTrue();
  }
}
