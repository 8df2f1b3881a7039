package dev.penstock.redis.wire;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.MetricFamily.Spread;
import java.util.List;
import org.junit.jupiter.api.Test;

class BatchSizesTest {

  @Test
  void metrics_sizes_areCountedByPowersOfTwo() {
    BatchSizes sizes = new BatchSizes();
    for (int size : new int[] {1, 1, 2, 3, 4, 5, 256, 257}) {
      sizes.add(size);
    }
    Spread spread = (Spread) sizes.metrics().samples().get(0);
    assertThat(spread.bounds())
        .isEqualTo(List.of(1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0));
    assertThat(spread.counts()).containsExactly(2L, 1L, 2L, 1L, 0L, 0L, 0L, 0L, 1L, 1L);
    assertThat(spread.sum()).isEqualTo(529);
  }
}
