package dev.penstock.memory;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.penstock.Identity;
import dev.penstock.Limit;
import dev.penstock.LimitPolicy;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What a decision allocates however it is compiled: where the compiler inlines it, it is nothing
 * ({@code SeveralBucketsBenchmark} with {@code -prof gc}).
 */
class InMemoryAllocationTest {

  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
  private static final int DECISIONS = 10_000;
  private static final Identity USER = Identity.user("acme", "u1");

  private final InMemoryRateLimiter limiter = InMemoryRateLimiter.create();

  /** Returns the bytes of one decision, of the rounds with the fewest: others load classes. */
  private long bytes(LimitPolicy policy) {
    long least = Long.MAX_VALUE;
    for (int round = 0; round < 5; round++) {
      long before = THREADS.getCurrentThreadAllocatedBytes();
      for (int i = 0; i < DECISIONS; i++) {
        limiter.tryAcquire(USER, policy);
      }
      least = Math.min(least, THREADS.getCurrentThreadAllocatedBytes() - before);
    }
    return least / DECISIONS;
  }

  @Test
  void tryAcquire_permitted_allocatesTheDecisionAtMost() {
    assertThat(bytes(LimitPolicy.perIdentity("ample", Limit.perSecond(1_000_000))))
        .isLessThanOrEqualTo(64);
  }

  @Test
  void tryAcquire_denied_allocatesTheDecisionAtMost() {
    LimitPolicy scarce = LimitPolicy.perIdentity("scarce", Limit.perDay(1));
    assertThat(bytes(scarce)).isLessThanOrEqualTo(64);
    assertThat(limiter.tryAcquire(USER, scarce).permitted()).isFalse();
  }

  /** The instant by which windows go, too. */
  @ParameterizedTest
  @ValueSource(
      strings = {"1000000/year fixed", "1/year fixed", "1000000/100d sliding", "1/100d sliding"})
  void tryAcquire_window_allocatesTheDecisionAndHowItStandsAtMost(String rate) {
    assertThat(bytes(LimitPolicy.perIdentity("window", Limit.parse(rate))))
        .isLessThanOrEqualTo(64 + 24);
  }

  @Test
  void tryAcquire_threeBuckets_allocatesTheDecisionAndANumberForEach() {
    LimitPolicy policy =
        LimitPolicy.perIdentity("user", Limit.perSecond(1_000_000))
            .and(LimitPolicy.perWorkspace("workspace", Limit.perSecond(1_000_000)))
            .and(LimitPolicy.everyone("everyone", Limit.perSecond(1_000_000)));
    assertThat(bytes(policy)).isLessThanOrEqualTo(64 + 16 + 3 * Long.BYTES);
  }
}
