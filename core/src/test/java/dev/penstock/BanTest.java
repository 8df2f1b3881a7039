package dev.penstock;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import dev.penstock.memory.InMemoryRateLimiter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.logging.LogRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BanTest {

  private static final Identity USER = Identity.user("acme", "u1");
  private static final LimitPolicy ONE = LimitPolicy.perIdentity("one", Limit.perHour(1));
  private static final Ban AT_ONCE = Ban.after(1, Duration.ofHours(1)).lasting(Duration.ofHours(1));

  private final FakeClock clock = new FakeClock(0);

  @ParameterizedTest
  @ValueSource(longs = {0, -1, 1_000_001})
  void after_denialsOutOfRange_namesTheValue(long denials) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Ban.after(denials, Duration.ofMinutes(1)))
        .withMessage("denials must be from 1 to 1000000: " + denials);
  }

  @ParameterizedTest
  @ValueSource(strings = {"PT0S", "PT-1S", "PT0.000999999S", "PT8760H0.000000001S"})
  void afterAndLasting_timeOutOfRange_namesTheValue(Duration time) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Ban.after(1, time))
        .withMessage("period must be from PT0.001S to PT8760H: " + time);
    Ban.After after = Ban.after(1, Duration.ofMinutes(1));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> after.lasting(time))
        .withMessage("time must be from PT0.001S to PT8760H: " + time);
  }

  @Test
  void after_largestAndSmallest_isABan() {
    Ban longest = Ban.after(1_000_000, Duration.ofDays(365)).lasting(Duration.ofDays(365));
    assertThat(longest)
        .hasToString(
            "Ban[after=Limit[capacity=1000000, refill=1000000 per PT8760H, failover=LOCAL], lasting=PT8760H]");
    Ban.after(1_000_000, Duration.ofMillis(1)).lasting(Duration.ofMillis(1));
  }

  @Test
  @SuppressWarnings("NullAway") // null is what is tested
  void everyMethod_null_namesTheParameter() {
    RateLimiter limiter = InMemoryRateLimiter.create();
    assertThatNullPointerException().isThrownBy(() -> limiter.banning(null)).withMessage("ban");
    assertThatNullPointerException()
        .isThrownBy(() -> limiter.banning(AT_ONCE, null))
        .withMessage("counting");
    assertThatNullPointerException().isThrownBy(() -> Ban.after(1, null)).withMessage("period");
    assertThatNullPointerException()
        .isThrownBy(() -> Ban.after(1, Duration.ofHours(1)).lasting(null))
        .withMessage("time");
    RateLimiter banning = limiter.banning(AT_ONCE);
    assertThatNullPointerException()
        .isThrownBy(() -> banning.tryAcquire(USER, ONE, null))
        .withMessage("cost");
    assertThatNullPointerException()
        .isThrownBy(() -> banning.tryAcquire(null, ONE))
        .withMessage("identity");
  }

  @Test
  void banning_limitOfThePolicyHasTheNameOfTheBans_isRefusedAtTheStart() {
    RateLimiter banning = InMemoryRateLimiter.create().banning(AT_ONCE);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> banning.check(LimitPolicy.everyone("ban", Limit.perHour(1))))
        .withMessage("limits of one policy must have different names: ban");
  }

  @Test
  void tryAcquire_costNamesBans_bans() {
    RateLimiter banning = InMemoryRateLimiter.create(10, clock).banning(AT_ONCE);
    LimitPolicy ten = LimitPolicy.perIdentity("ten", Limit.perHour(10));
    assertThat(banning.tryAcquire(USER, ten, Cost.of(1).and(Ban.UNIT, 1)).permitted()).isTrue();
    assertThat(banning.tryAcquire(USER, ten).banned()).isTrue();
    AT_ONCE.lift(banning, USER);
    assertThat(banning.tryAcquire(USER, ten).permitted()).isTrue();
  }

  /** They would ban each other, if they shared a bucket of denials or of bans. */
  @Test
  void banning_noRoomForABucketOfOnesOwn_bansNobody() {
    InMemoryRateLimiter tiny = InMemoryRateLimiter.create(1, clock);
    RateLimiter banning = tiny.banning(AT_ONCE);
    banning.tryAcquire(Identity.user("first"), ONE);
    for (int i = 0; i < 20; i++) {
      banning.tryAcquire(Identity.user("u" + i), ONE);
      Decision denied = banning.tryAcquire(Identity.user("u" + i), ONE);
      assertThat(denied.permitted()).isFalse();
      assertThat(denied.banned()).isFalse();
    }
    assertThat(banning.tryAcquire(Identity.user("last"), ONE).banned()).isFalse();
  }

  @Test
  void banning_listened_tellsOfRequestsAlone() {
    List<Decision> told = new ArrayList<>();
    RateLimiter banning =
        InMemoryRateLimiter.create()
            .listening(event -> told.add(event.decision()))
            .banning(AT_ONCE);
    banning.tryAcquire(USER, ONE);
    banning.tryAcquire(USER, ONE);
    banning.tryAcquire(USER, ONE);
    assertThat(told).extracting(Decision::permitted).containsExactly(true, false, false);
    assertThat(told).extracting(Decision::banned).containsExactly(false, false, true);
    AT_ONCE.lift(banning, USER);
    assertThat(banning.tryAcquire(USER, ONE).banned()).isFalse();
  }

  @Test
  void banning_bannedIdentity_isSaidOnceByTheLogWithoutItsName() {
    try (CapturedLog log = new CapturedLog(Ban.class)) {
      RateLimiter banning = InMemoryRateLimiter.create().banning(AT_ONCE);
      for (int i = 0; i < 10; i++) {
        banning.tryAcquire(USER, ONE);
      }
      assertThat(log.records())
          .extracting(LogRecord::getMessage)
          .containsExactly("banned: identity=USER for=PT1H");
    }
  }

  /** Fails as soon as it is asked for more than what the request is about. */
  private static RateLimiter failing() {
    return new RecordingLimiter() {
      @Override
      public Decision tryAcquire(Identity identity, LimitPolicy policy, Cost cost) {
        if (policy.name().equals("denials")) {
          throw new AssertionError("a store that fails");
        }
        return super.tryAcquire(identity, policy, cost);
      }
    };
  }

  @Test
  void banning_countingFailsOrIsRejected_theDenialStands() {
    try (CapturedLog log = new CapturedLog(Ban.class)) {
      RateLimiter rejecting =
          InMemoryRateLimiter.create()
              .banning(
                  AT_ONCE,
                  task -> {
                    throw new RejectedExecutionException();
                  });
      for (RateLimiter banning : List.of(failing().banning(AT_ONCE), rejecting)) {
        banning.tryAcquire(USER, ONE);
        Decision denied = banning.tryAcquire(USER, ONE);
        assertThat(denied.permitted()).isFalse();
        assertThat(denied.deniedBy()).extracting(BucketState::name).containsExactly("one");
      }
      assertThat(log.records())
          .extracting(LogRecord::getMessage)
          .allMatch(line -> line.startsWith("a denial is not counted: java"))
          .hasSize(2);
    }
  }

  @Test
  void banning_nobodyDecides_isPassedOn() {
    RateLimiter closed = new FixedLimiter(Decision.closed(Duration.ofSeconds(1))).banning(AT_ONCE);
    assertThat(closed.tryAcquire(USER, ONE).source()).isEqualTo(Decision.Source.CLOSED);
    assertThat(closed.tryAcquire(USER, ONE).banned()).isFalse();
    RateLimiter open = new FixedLimiter(Decision.open()).banning(AT_ONCE);
    assertThat(open.reserve(USER, ONE).decision()).isSameAs(Decision.open());
  }
}
