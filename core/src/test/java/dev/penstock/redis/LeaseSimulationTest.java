package dev.penstock.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.Limit;
import dev.penstock.TokenBucketLimit;
import dev.penstock.redis.LeaseSimulation.Outcome;
import dev.penstock.redis.LeaseSimulation.Scenario;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LeaseSimulationTest {

  /** Full in 10 s, in 8 min and in an hour. */
  private static final List<TokenBucketLimit> LIMITS =
      List.of(
          Limit.perSecond(100).withCapacity(1000),
          Limit.perMinute(250).withCapacity(2000),
          Limit.perHour(2000));

  @ParameterizedTest
  @CsvSource({"1, 0", "2, 1000", "3, 0", "10, 1000", "40, 1000"})
  void run_permitsNoMoreThanOneBucketWould(int instances, int driftPpm) {
    long returned = 0;
    for (TokenBucketLimit limit : LIMITS) {
      for (boolean failures : new boolean[] {false, true}) {
        Outcome outcome = LeaseSimulation.run(Scenario.of(limit, instances, driftPpm, failures, 1));
        assertThat(outcome.leased()).isPositive();
        assertThat(outcome.holds()).as(outcome.toString()).isTrue();
        returned += outcome.returned();
      }
    }
    assertThat(returned).isPositive();
  }
}
