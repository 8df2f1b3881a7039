package dev.penstock.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
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
  void lower_fullBucket_isAsEmptyAsSaid() {
    limiter.lower(USER, SIX, 2 * TEN_SECONDS);
    assertThat(remaining()).isEqualTo(4);
  }

  @Test
  void lower_emptierBucket_staysAsItIs() {
    limiter.tryAcquire(USER, POLICY, 5);
    limiter.lower(USER, SIX, 2 * TEN_SECONDS);
    assertThat(remaining()).isEqualTo(1);
  }

  @Test
  void lower_byNothing_createsNothing() {
    limiter.lower(USER, SIX, 0);
    assertThat(limiter.size()).isZero();
  }

  @Test
  void lower_withoutRoom_emptiesTheOverflowBucket() {
    InMemoryRateLimiter tiny = InMemoryRateLimiter.create(1, clock);
    tiny.tryAcquire(Identity.user("other"), POLICY);
    tiny.lower(USER, SIX, 6 * TEN_SECONDS);
    assertThat(tiny.tryAcquire(USER, POLICY).permitted()).isFalse();
  }

  @Test
  void raise_spentBucket_isFullByThatMuchSooner() {
    limiter.tryAcquire(USER, POLICY, 3);
    clock.advance(Duration.ofSeconds(10));
    assertThat(limiter.resetAfterNanos(USER, SIX)).isEqualTo(2 * TEN_SECONDS);
    limiter.raise(USER, SIX, TEN_SECONDS);
    assertThat(limiter.resetAfterNanos(USER, SIX)).isEqualTo(TEN_SECONDS);
    limiter.raise(USER, SIX, 5 * TEN_SECONDS);
    assertThat(limiter.resetAfterNanos(USER, SIX)).isZero();
    assertThat(remaining()).isEqualTo(6);
  }

  @Test
  void resetAfterNanos_absentBucket_isZero() {
    assertThat(limiter.resetAfterNanos(USER, SIX)).isZero();
    limiter.raise(USER, SIX, TEN_SECONDS);
    assertThat(limiter.size()).isZero();
  }

  @Test
  void lower_negative_isRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> limiter.lower(USER, SIX, -1))
        .withMessage("resetAfterNanos must not be negative: -1");
  }

  @Test
  void raise_negative_isRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> limiter.raise(USER, SIX, -1))
        .withMessage("nanos must not be negative: -1");
  }

  @Test
  @SuppressWarnings("NullAway") // null is what is tested
  void everyMethod_null_namesTheParameter() {
    assertNames("identity", () -> limiter.lower(null, SIX, 1));
    assertNames("limit", () -> limiter.lower(USER, null, 1));
    assertNames("identity", () -> limiter.raise(null, SIX, 1));
    assertNames("limit", () -> limiter.raise(USER, null, 1));
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
