package dev.penstock;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What every {@link RateLimiter} keeps to, whatever store it stands on. Extend it once for each
 * store; the parts that are about one subject stand in the interfaces.
 */
public abstract class RateLimiterContract
    implements RandomScheduleContract,
        FailingPolicyContract,
        SeveralBucketsContract,
        ChangedLimitContract,
        UnitsContract,
        ReservationContract,
        SlotsContract,
        BanContract,
        ShadowContract,
        AsyncContract,
        ConcurrencyContract {

  private static final Identity USER = Identity.user("acme", "u1");
  private static final LimitPolicy TEN =
      LimitPolicy.perIdentity("ten", Limit.per(10, Duration.ofMinutes(1)));
  private static final LimitPolicy NOTHING =
      new LimitPolicy() {
        @Override
        public List<PartitionedLimit> limits(Identity identity) {
          return List.of();
        }

        @Override
        public String toString() {
          return "nothing";
        }
      };

  @TestFactory
  Stream<DynamicTest> conformance() {
    return ConformanceCases.of(this);
  }

  @TestFactory
  Stream<DynamicTest> truthTable() {
    return TruthTable.rows().stream()
        .filter(row -> row.fits(resolution()) && row.hasTick())
        .map(row -> DynamicTest.dynamicTest(row.toString(), () -> checkRow(row)));
  }

  /**
   * Another limit that fills in the same time brings the bucket to its level, by its ticks; where
   * it owes, it is brought there by settling.
   */
  private void checkRow(TruthTable.Row row) {
    String name = "row-" + row.line();
    if (row.owes()) {
      LimitPolicy owing = LimitPolicy.perIdentity(name, row.limit());
      limiter().reserve(USER, owing).settle(Cost.of(row.tokensMissing()));
    } else if (row.level() > 0) {
      Duration tick = Duration.ofNanos(row.tick());
      LimitPolicy before = LimitPolicy.perIdentity(name, Limit.of(row.ticksToFill(), 1, tick));
      assertThat(limiter().tryAcquire(USER, before, row.level() / row.tick()).permitted()).isTrue();
    }
    LimitPolicy policy = LimitPolicy.perIdentity(name, row.limit());
    Decision decision = limiter().tryAcquire(USER, policy, Cost.of(row.cost()));
    assertThat(decision.permitted()).isEqualTo(row.permitted());
    assertThat(decision.buckets())
        .containsExactly(
            new BucketState(
                name,
                row.limit(),
                row.permitted(),
                row.remaining(),
                row.retryAfter(),
                row.resetAfter()));
  }

  @Test
  void tryAcquire_fullBucket_isPermittedAndShowsWhatIsLeft() {
    Decision decision = limiter().tryAcquire(USER, TEN);
    assertThat(decision.permitted()).isTrue();
    assertThat(decision.retryAfter()).contains(Duration.ZERO);
    assertThat(decision.buckets())
        .containsExactly(
            new BucketState(
                "ten", Limit.perMinute(10), true, 9, 0, Duration.ofSeconds(6).toNanos()));
  }

  @Test
  void tryAcquire_costAboveCapacity_isNeverPermittedAndCostsNothing() {
    Decision decision = limiter().tryAcquire(USER, TEN, 11);
    assertThat(decision.permitted()).isFalse();
    assertThat(decision.never()).isTrue();
    assertThat(decision.retryAfter()).isEmpty();
    assertThat(limiter().tryAcquire(USER, TEN, Long.MAX_VALUE).never()).isTrue();
    assertThat(limiter().tryAcquire(USER, TEN, 10).permitted()).isTrue();
  }

  @Test
  void tryAcquire_deniedAgainAndAgain_costsNothing() {
    limiter().tryAcquire(USER, TEN, 8);
    for (int i = 0; i < 50; i++) {
      assertThat(limiter().tryAcquire(USER, TEN, 3).retryAfter()).contains(Duration.ofSeconds(6));
    }
    assertThat(limiter().tryAcquire(USER, TEN, 2).permitted()).isTrue();
  }

  @Test
  void tryAcquire_lessThanATokenLater_keepsTheFraction() {
    limiter().tryAcquire(USER, TEN, 10);
    for (int i = 0; i < 5; i++) {
      advance(Duration.ofSeconds(1));
      assertThat(limiter().tryAcquire(USER, TEN).permitted()).isFalse();
    }
    advance(Duration.ofSeconds(1));
    assertThat(limiter().tryAcquire(USER, TEN).permitted()).isTrue();
  }

  @Test
  void peek_fullBucket_takesNothing() {
    for (int i = 0; i < 20; i++) {
      Decision decision = limiter().peek(USER, TEN);
      assertThat(decision.permitted()).isTrue();
      assertThat(decision.buckets()).extracting(BucketState::remaining).containsExactly(10L);
      assertThat(decision.buckets()).extracting(BucketState::resetAfterNanos).containsExactly(0L);
    }
    assertThat(limiter().tryAcquire(USER, TEN, 10).permitted()).isTrue();
  }

  @Test
  void peek_spentBucket_saysWhatTryAcquireSays() {
    limiter().tryAcquire(USER, TEN, 7);
    advance(Duration.ofSeconds(3));
    for (long cost : new long[] {4, 11}) {
      Decision peeked = limiter().peek(USER, TEN, cost);
      assertThat(peeked.permitted()).isFalse();
      assertThat(peeked.buckets()).isEqualTo(limiter().tryAcquire(USER, TEN, cost).buckets());
    }
    assertThat(limiter().peek(USER, TEN, 3).permitted()).isTrue();
  }

  @Test
  void reset_spentBucket_isFull() {
    limiter().tryAcquire(USER, TEN, 10);
    limiter().reset(USER, TEN);
    assertThat(limiter().tryAcquire(USER, TEN, 10).permitted()).isTrue();
    assertThat(limiter().tryAcquire(USER, TEN).permitted()).isFalse();
  }

  @Test
  void reset_unknownIdentity_changesNothing() {
    limiter().reset(USER, TEN);
    assertThat(limiter().tryAcquire(USER, TEN, 10).permitted()).isTrue();
    assertThat(limiter().tryAcquire(USER, TEN).permitted()).isFalse();
  }

  @Test
  void reset_oneOfSeveral_leavesTheOthers() {
    LimitPolicy everyone = LimitPolicy.everyone("everyone", Limit.perMinute(10));
    limiter().tryAcquire(USER, TEN.and(everyone), 10);
    limiter().reset(USER, TEN);
    assertThat(limiter().tryAcquire(USER, TEN).permitted()).isTrue();
    assertThat(limiter().tryAcquire(USER, everyone).permitted()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(longs = {0, -1, Long.MIN_VALUE})
  void everyMethod_numberBelowOne_namesTheParameterAndTheValue(long number) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> limiter().tryAcquire(USER, TEN, number))
        .withMessage("cost must be at least 1: " + number);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> limiter().peek(USER, TEN, number))
        .withMessage("cost must be at least 1: " + number);
  }

  @Test
  void everyMethod_policyOfNoLimit_isRefused() {
    String message = "policy must name at least one limit: nothing";
    assertThatIllegalArgumentException()
        .isThrownBy(() -> limiter().tryAcquire(USER, NOTHING))
        .withMessage(message);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> limiter().peek(USER, NOTHING))
        .withMessage(message);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> limiter().reserve(USER, NOTHING))
        .withMessage(message);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> limiter().reset(USER, NOTHING))
        .withMessage(message);
  }

  private interface Call {
    void of(Identity identity, LimitPolicy policy, long cost);
  }

  @Test
  void everyMethod_severalWrong_namesTheFirstInTheOrderOfTheParameters() {
    assertComplainsInOrder(limiter()::tryAcquire);
    assertComplainsInOrder(limiter()::peek);
  }

  @SuppressWarnings("NullAway") // null is what is tested
  private static void assertComplainsInOrder(Call call) {
    assertThatNullPointerException()
        .isThrownBy(() -> call.of(null, null, 0))
        .withMessage("identity");
    assertThatNullPointerException().isThrownBy(() -> call.of(USER, null, 0)).withMessage("policy");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> call.of(USER, NOTHING, 0))
        .withMessage("policy must name at least one limit: nothing");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> call.of(USER, TEN, 0))
        .withMessage("cost must be at least 1: 0");
  }

  @Test
  @SuppressWarnings("NullAway") // null is what is tested
  void everyMethod_null_namesTheParameter() {
    assertThatNullPointerException()
        .isThrownBy(() -> limiter().tryAcquire(null, TEN))
        .withMessage("identity");
    assertThatNullPointerException()
        .isThrownBy(() -> limiter().tryAcquire(USER, null))
        .withMessage("policy");
    assertThatNullPointerException()
        .isThrownBy(() -> limiter().peek(null, TEN))
        .withMessage("identity");
    assertThatNullPointerException()
        .isThrownBy(() -> limiter().peek(USER, null))
        .withMessage("policy");
    assertThatNullPointerException()
        .isThrownBy(() -> limiter().reserve(null, TEN))
        .withMessage("identity");
    assertThatNullPointerException()
        .isThrownBy(() -> limiter().reserve(USER, null))
        .withMessage("policy");
    assertThatNullPointerException()
        .isThrownBy(() -> limiter().reset(null, TEN))
        .withMessage("identity");
    assertThatNullPointerException()
        .isThrownBy(() -> limiter().reset(USER, null))
        .withMessage("policy");
  }

  @Test
  void tryAcquire_largestLimit_isTakenAndRefilledExactly() {
    LimitPolicy decade = LimitPolicy.perIdentity("decade", Limit.per(1, Duration.ofDays(3_653)));
    assertThat(limiter().tryAcquire(USER, decade).permitted()).isTrue();
    assertThat(limiter().tryAcquire(USER, decade).retryAfter())
        .isEqualTo(Optional.of(Duration.ofDays(3_653)));
  }
}
