package dev.penstock.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.Limit;
import dev.penstock.Partition;
import dev.penstock.PartitionedLimit;
import dev.penstock.TokenBucketLimit;
import dev.penstock.base.Inside;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FleetShareTest {

  private static PartitionedLimit limit(Limit numbers) {
    return new PartitionedLimit("name", numbers, Partition.WORKSPACE);
  }

  @Test
  void of_oneInstance_isTheWhole() {
    PartitionedLimit whole = limit(Limit.perMinute(10));
    assertThat(new FleetShare(1).of(whole)).isSameAs(whole);
  }

  @Test
  void of_severalInstances_dividesBurstAndRate() {
    PartitionedLimit share = new FleetShare(3).of(limit(Limit.perMinute(10)));
    assertThat(share.name()).isEqualTo("name");
    assertThat(share.partition()).isEqualTo(Partition.WORKSPACE);
    assertThat(share.limit().capacity()).isEqualTo(3);
    assertThat(Inside.nanosPerToken(share.limit())).isEqualTo(Duration.ofSeconds(18).toNanos());
  }

  @ParameterizedTest
  @CsvSource({"1, P1D", "1, P3653D", "7, PT1S", "1000000000, PT1S", "999999999999999, P3500D"})
  void of_anyLimitAndNumberOfInstances_isALimitOfAtMostTheWhole(long tokens, Duration period) {
    PartitionedLimit whole = limit(Limit.per(tokens, period));
    for (int instances : new int[] {1, 2, 3, 1_000, 100_000}) {
      Limit share = new FleetShare(instances).of(whole).limit();
      assertThat(share.capacity()).isEqualTo(Math.max(1, tokens / instances));
      assertThat(Inside.nanosPerToken(share))
          .isGreaterThanOrEqualTo(Inside.nanosPerToken(whole.limit()));
    }
  }

  private static TokenBucketLimit share(int instances, Limit whole) {
    return (TokenBucketLimit) new FleetShare(instances).of(limit(whole)).limit();
  }

  @Test
  void of_overdraft_isDividedAndNeverTooLong() {
    Limit whole = Limit.perMinute(10).withUnit("model-tokens").withOverdraft(7);
    TokenBucketLimit share = share(3, whole);
    assertThat(share.unit()).isEqualTo("model-tokens");
    assertThat(share.overdraft()).isEqualTo(2);
    Limit long1 = Limit.per(1, Duration.ofDays(30)).withOverdraft(120);
    assertThat(share(2, long1).overdraft()).isEqualTo(59);
    assertThat(share(100_000, long1).overdraft()).isZero();
  }

  @Test
  void ofWhole_roundsUp() {
    FleetShare share = new FleetShare(3);
    PartitionedLimit whole = limit(Limit.perMinute(10));
    assertThat(share.ofWhole(whole, 0)).isZero();
    assertThat(share.ofWhole(whole, 9)).isEqualTo(3);
    assertThat(share.ofWhole(whole, 10)).isEqualTo(4);
  }
}
