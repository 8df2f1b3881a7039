package dev.penstock.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.Limit;
import dev.penstock.redis.LeaseSimulation.Outcome;
import dev.penstock.redis.LeaseSimulation.Scenario;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LeaseSimulationTest {

  /** Full in 10 s, in 8 min and in an hour. */
  private static final List<Limit> LIMITS =
      List.of(
          Limit.perSecond(100).withCapacity(1000),
          Limit.perMinute(250).withCapacity(2000),
          Limit.perHour(2000));

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 10, 40})
  void run_permitsNoMoreThanOneBucketWould(int instances) {
    for (Limit limit : LIMITS) {
      for (boolean failures : new boolean[] {false, true}) {
        Outcome outcome =
            LeaseSimulation.run(
                new Scenario(
                    limit,
                    limit.capacity() / 4,
                    instances,
                    0,
                    0.5,
                    failures,
                    Duration.ofNanos(20 * limit.nanosToFill()),
                    1));
        System.out.println(instances + " " + limit + failures + outcome);
        assertThat(outcome.leased()).isPositive();
        assertThat(outcome.beyond()).as(outcome.toString()).isLessThan(1);
      }
    }
  }
}
