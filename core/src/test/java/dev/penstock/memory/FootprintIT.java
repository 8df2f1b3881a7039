package dev.penstock.memory;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.FakeClock;
import dev.penstock.Identity;
import dev.penstock.Limit;
import dev.penstock.LimitPolicy;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** What a bucket takes, measured on the heap: while the table grows, grown, and after a flood. */
class FootprintIT {

  private static final int IDENTITIES = 1_000_000;
  private static final LimitPolicy TEN = LimitPolicy.perIdentity("ten", Limit.perMinute(10));

  private final FakeClock clock = new FakeClock(0);

  @Test
  void bytesPerIdentity_growingToAMillionAndForgottenAgain_areFew() {
    long before = UsedHeap.bytes();
    InMemoryRateLimiter limiter = InMemoryRateLimiter.create(2 * IDENTITIES, clock);
    double most = 0;
    double last = 0;
    for (int i = 1; i <= IDENTITIES; i++) {
      assertThat(limiter.tryAcquire(Identity.address("a" + i), TEN).permitted()).isTrue();
      if (i % 50_000 == 0) {
        last = (double) (UsedHeap.bytes() - before) / i;
        most = Math.max(most, last);
      }
    }
    clock.advance(Duration.ofMinutes(1));
    for (int i = 1; i <= IDENTITIES / 5; i++) {
      limiter.tryAcquire(Identity.address("b" + i), TEN);
    }
    double forgotten = (double) (UsedHeap.bytes() - before) / limiter.size();
    System.out.printf(
        "bytes per identity: %.1f at a million, %.1f at most while growing, %.1f of %d after it%n",
        last, most, forgotten, limiter.size());
    assertThat(last).isLessThanOrEqualTo(36);
    assertThat(most).isLessThanOrEqualTo(72);
    assertThat(forgotten).isLessThanOrEqualTo(72);
    assertThat(limiter.size()).isEqualTo(IDENTITIES / 5);
  }
}
