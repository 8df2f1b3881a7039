package dev.penstock.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.SplittableRandom;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;

class DistinctCountTest {

  private final DistinctCount count = new DistinctCount();

  @Test
  void estimate_few_isNearlyExact() {
    SplittableRandom random = new SplittableRandom(7);
    assertThat(count.estimate()).isZero();
    for (int i = 1; i <= 20; i++) {
      long hash = random.nextLong();
      for (int times = 0; times < 10; times++) {
        count.add(hash);
      }
      assertThat(count.estimate()).isCloseTo(i, within(1L));
    }
  }

  @Test
  void estimate_many_isWithinSomePercent() {
    SplittableRandom random = new SplittableRandom(7);
    for (int i = 1; i <= 10_000_000; i++) {
      count.add(random.nextLong());
      if (i == 1_000 || i == 100_000 || i == 10_000_000) {
        assertThat(count.estimate()).isCloseTo(i, Percentage.withPercentage(10));
      }
    }
  }
}
