package dev.penstock.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import dev.penstock.FakeClock;
import dev.penstock.Identity;
import dev.penstock.Limit;
import dev.penstock.LimitPolicy;
import dev.penstock.Partition;
import dev.penstock.PartitionedLimit;
import java.time.Duration;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** What a limiter needs of this one that keeps its buckets elsewhere and falls back on it. */
class InMemoryFallbackTest {

  private static final Identity USER = Identity.user("acme", "u1");
  private static final PartitionedLimit SIX =
      new PartitionedLimit("six", Limit.perMinute(6), Partition.IDENTITY);
  private static final LimitPolicy POLICY = identity -> List.of(SIX);
  private static final long TEN_SECONDS = Duration.ofSeconds(10).toNanos();

  private final FakeClock clock = new FakeClock(0);
  private final InMemoryRateLimiter limiter = InMemoryRateLimiter.create(10, clock);

  @Test
  void follow_fullBucket_isAsEmptyAsSaid() {
    limiter.follow(USER, SIX, 2 * TEN_SECONDS, 2 * TEN_SECONDS);
    assertThat(remaining()).isEqualTo(4);
  }

  @Test
  void follow_toTheSame_emptierBucketStaysAsItIs() {
    limiter.tryAcquire(USER, POLICY, 5);
    limiter.follow(USER, SIX, 2 * TEN_SECONDS, 2 * TEN_SECONDS);
    assertThat(remaining()).isEqualTo(1);
  }

  @Test
  void follow_toFull_createsNothing() {
    limiter.follow(USER, SIX, TEN_SECONDS, 0);
    assertThat(limiter.size()).isZero();
  }

  @Test
  void follow_withoutRoom_emptiesTheOverflowBucket() {
    InMemoryRateLimiter tiny = InMemoryRateLimiter.create(1, clock);
    tiny.tryAcquire(Identity.user("other"), POLICY);
    tiny.follow(USER, SIX, 0, 6 * TEN_SECONDS);
    assertThat(tiny.tryAcquire(USER, POLICY).permitted()).isFalse();
  }

  @Test
  void follow_spentBucketDown_isFullByThatMuchSooner() {
    limiter.tryAcquire(USER, POLICY, 3);
    clock.advance(Duration.ofSeconds(10));
    assertThat(limiter.resetAfterNanos(USER, SIX)).isEqualTo(2 * TEN_SECONDS);
    limiter.follow(USER, SIX, TEN_SECONDS, 0);
    assertThat(limiter.resetAfterNanos(USER, SIX)).isEqualTo(TEN_SECONDS);
    limiter.follow(USER, SIX, 5 * TEN_SECONDS, 0);
    assertThat(limiter.resetAfterNanos(USER, SIX)).isZero();
    assertThat(remaining()).isEqualTo(6);
  }

  @Test
  void resetAfterNanos_absentBucket_isZero() {
    assertThat(limiter.resetAfterNanos(USER, SIX)).isZero();
  }

  @Test
  void follow_upAndDown_whatWasSpentHereStaysOnTop() {
    limiter.follow(USER, SIX, 0, TEN_SECONDS);
    limiter.tryAcquire(USER, POLICY, 2);
    limiter.follow(USER, SIX, TEN_SECONDS, 3 * TEN_SECONDS);
    assertThat(limiter.resetAfterNanos(USER, SIX)).isEqualTo(5 * TEN_SECONDS);
    limiter.follow(USER, SIX, 3 * TEN_SECONDS, 0);
    assertThat(limiter.resetAfterNanos(USER, SIX)).isEqualTo(2 * TEN_SECONDS);
  }

  @Test
  void follow_whatWasSpentHereIsRefilled_standsWhereItIsTold() {
    limiter.tryAcquire(USER, POLICY, 1);
    clock.advance(Duration.ofSeconds(5));
    limiter.follow(USER, SIX, TEN_SECONDS, 3 * TEN_SECONDS);
    assertThat(limiter.resetAfterNanos(USER, SIX)).isEqualTo(3 * TEN_SECONDS);
  }

  @Test
  void follow_fromFullSinceLongAgo_absentBucketStandsWhereItIsTold() {
    limiter.follow(USER, SIX, -5 * TEN_SECONDS, TEN_SECONDS);
    assertThat(limiter.resetAfterNanos(USER, SIX)).isEqualTo(TEN_SECONDS);
  }

  @Test
  void follow_toFullSinceLongAgo_isFull() {
    limiter.tryAcquire(USER, POLICY, 1);
    limiter.follow(USER, SIX, 2 * TEN_SECONDS, -TEN_SECONDS);
    assertThat(limiter.resetAfterNanos(USER, SIX)).isZero();
    assertThat(remaining()).isEqualTo(6);
  }

  @Test
  void standIn_furtherFromFullThanTheLimitAllows_staysSo() {
    InMemoryRateLimiter standIn = InMemoryRateLimiter.standIn(10, Rooms.standard(), clock);
    standIn.follow(USER, SIX, 0, 8 * TEN_SECONDS);
    assertThat(standIn.tryAcquire(USER, POLICY).permitted()).isFalse();
    assertThat(standIn.resetAfterNanos(USER, SIX)).isEqualTo(8 * TEN_SECONDS);
    limiter.follow(USER, SIX, 0, 8 * TEN_SECONDS);
    assertThat(limiter.tryAcquire(USER, POLICY).permitted()).isFalse();
    assertThat(limiter.resetAfterNanos(USER, SIX)).isEqualTo(6 * TEN_SECONDS);
  }

  @Test
  @SuppressWarnings("NullAway") // null is what is tested
  void everyMethod_null_namesTheParameter() {
    assertNames("identity", () -> limiter.follow(null, SIX, 0, 1));
    assertNames("limit", () -> limiter.follow(USER, null, 0, 1));
    assertNames("identity", () -> limiter.resetAfterNanos(null, SIX));
    assertNames("limit", () -> limiter.resetAfterNanos(USER, null));
  }

  private static void assertNames(String parameter, ThrowingCallable call) {
    assertThatNullPointerException().isThrownBy(call).withMessage(parameter);
  }

  private long remaining() {
    return limiter.peek(USER, POLICY).buckets().get(0).remaining();
  }
}
