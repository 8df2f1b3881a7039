package dev.penstock.memory;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.FakeClock;
import dev.penstock.Identity;
import dev.penstock.Limit;
import dev.penstock.LimitPolicy;
import java.time.Duration;
import java.util.function.IntFunction;
import org.junit.jupiter.api.Test;

/**
 * Ten million identities against a bound of 100,000 buckets. What the limiter retains is the used
 * heap after a full collection while it is still reachable, less the same before it was made; the
 * identities themselves are garbage by then.
 */
class FloodIT {

  private static final int BOUND = 100_000;
  private static final int IDENTITIES = 10_000_000;
  private static final long MOST_BYTES = 8L << 20;
  private static final LimitPolicy TEN = LimitPolicy.perIdentity("ten", Limit.perMinute(10));

  @Test
  void flood_clockStandsStill_staysBounded() {
    assertThat(flood(Duration.ZERO)).as("an own bucket each, then overflow").isEqualTo(BOUND + 9);
  }

  /** A bucket is full again after 6 s and 300,000 others: more than there is room for. */
  @Test
  void flood_fasterThanBucketsFill_staysBounded() {
    assertThat(flood(Duration.ofNanos(20_000))).isBetween(BOUND, IDENTITIES / 2);
  }

  /** A bucket is full again after 6 s and 60,000 others: each has its own, and is forgotten. */
  @Test
  void flood_slowerThanBucketsFill_permitsAllAndStaysBounded() {
    assertThat(flood(Duration.ofNanos(100_000))).isEqualTo(IDENTITIES);
  }

  @Test
  void flood_ofAddresses_staysBelowTheLastQuarter() {
    assertThat(flood(Duration.ZERO, i -> Identity.address("a" + i)))
        .as("an own bucket each, beside the spent one, then overflow")
        .isEqualTo(BOUND / 4 * 3 - 1 + 10);
  }

  private static int flood(Duration step) {
    return flood(step, i -> Identity.named("flood", "n" + i));
  }

  /** Returns how many were permitted. */
  private static int flood(Duration step, IntFunction<Identity> newcomer) {
    FakeClock clock = new FakeClock(0);
    long before = UsedHeap.bytes();
    InMemoryRateLimiter limiter = InMemoryRateLimiter.create(BOUND, clock);
    Identity spent = Identity.user("acme", "spent");
    LimitPolicy daily = LimitPolicy.perIdentity("daily", Limit.perDay(10));
    assertThat(limiter.tryAcquire(spent, daily, 10).permitted()).isTrue();
    int permitted = 0;
    for (int i = 0; i < IDENTITIES; i++) {
      permitted += limiter.tryAcquire(newcomer.apply(i), TEN).permitted() ? 1 : 0;
      clock.advance(step);
      if (limiter.size() > BOUND) {
        assertThat(limiter.size()).as("after %s", i).isLessThanOrEqualTo(BOUND);
      }
    }
    long retained = UsedHeap.bytes() - before;
    assertThat(retained).isLessThan(MOST_BYTES);
    assertThat(limiter.size()).isGreaterThan(BOUND / 2);
    assertThat(limiter.tryAcquire(spent, daily).permitted()).isFalse();
    return permitted;
  }
}
