package dev.penstock.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.Limit;
import dev.penstock.TokenBucketLimit;
import dev.penstock.redis.FleetScenario.Failures;
import dev.penstock.redis.FleetSimulation.Outcome;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class FleetSimulationTest {

  private static final TokenBucketLimit LIMIT = Limit.perSecond(100).withCapacity(100);
  private static final Limit BURST = LIMIT.withCapacity(1000);
  private static final Duration LENGTH = Duration.ofSeconds(40);

  private static FleetScenario scenario(int instances, int driftPpm, Failures failures, long seed) {
    return new FleetScenario(LIMIT, instances, driftPpm, failures, LENGTH, seed);
  }

  @ParameterizedTest
  @CsvSource({"1, 0", "3, 1000", "10, 1000", "100, 0", "300, 1000"})
  void run_everythingFails_boundHolds(int instances, int driftPpm) {
    for (long seed = 1; seed <= 3; seed++) {
      Outcome outcome = FleetSimulation.run(scenario(instances, driftPpm, Failures.ALL, seed));
      assertThat(outcome.alone()).isPositive();
      assertThat(outcome.holds()).as(outcome.toString()).isTrue();
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"REDIS", "LINKS"})
  void run_nothingIsLost_boundHolds(Failures failures) {
    for (int instances : new int[] {3, 10, 100}) {
      Outcome outcome =
          FleetSimulation.run(
              new FleetScenario(BURST, instances, 1000, failures, Duration.ofMinutes(2), 1));
      assertThat(outcome.alone()).isPositive();
      assertThat(outcome.holds()).as(outcome.toString()).isTrue();
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"REDIS", "LINKS"})
  void run_oneInstanceAndNothingIsLost_permitsWhatOneBucketWould(Failures failures) {
    for (long seed = 1; seed <= 3; seed++) {
      Outcome outcome = FleetSimulation.run(scenario(1, 0, failures, seed));
      assertThat(outcome.alone()).isPositive();
      assertThat(outcome.beyond()).as(outcome.toString()).isLessThan(1);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 10, 300})
  void run_nothingFails_permitsExactlyWhatOneBucketWould(int instances) {
    Outcome outcome = FleetSimulation.run(scenario(instances, 1000, Failures.NONE, 1));
    assertThat(outcome.alone()).isZero();
    assertThat(outcome.beyond()).isLessThan(1);
    // Three busy phases of 10 s, each of which finds the bucket full.
    assertThat(outcome.permitted()).isBetween(3_290L, 3_300L);
  }

  @Test
  void runWithoutBooks_redisIsOftenAway_boundDoesNotHold() {
    FleetScenario scenario =
        new FleetScenario(BURST, 10, 0, Failures.REDIS, Duration.ofMinutes(2), 1);
    assertThat(FleetSimulation.runWithoutBooks(scenario).holds()).isFalse();
    assertThat(FleetSimulation.run(scenario).holds()).isTrue();
  }
}
