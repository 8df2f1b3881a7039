package dev.penstock.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.benchmarks.report.LocalRedis;
import dev.penstock.benchmarks.report.Scenario;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/**
 * Every benchmark runs: one iteration of a few milliseconds, in this process, with every limiter
 * and else the first value of each parameter. What it measures means nothing.
 */
class SmokeIT {

  private static final TimeValue ITERATION = TimeValue.milliseconds(5);

  private static LocalRedis redis;

  @BeforeAll
  static void start() {
    redis = LocalRedis.start();
  }

  @AfterAll
  static void stop() {
    redis.close();
  }

  static List<Scenario> scenarios() {
    return Scenario.all();
  }

  @ParameterizedTest
  @MethodSource("scenarios")
  void run_everyBenchmark_throwsNothing(Scenario scenario) throws RunnerException {
    assertThat(new Runner(briefly(scenario).build()).run()).isNotEmpty();
  }

  private static ChainedOptionsBuilder briefly(Scenario scenario) {
    ChainedOptionsBuilder options = briefly().include(scenario.pattern());
    scenario.sizes().forEach((name, values) -> options.param(name, values.get(0)));
    if (scenario.usesRedis()) {
      redis.addTo(options);
    }
    return options;
  }

  private static ChainedOptionsBuilder briefly() {
    return new OptionsBuilder()
        .forks(0)
        .warmupIterations(0)
        .measurementIterations(1)
        .measurementTime(ITERATION)
        .shouldFailOnError(true)
        .verbosity(VerboseMode.SILENT);
  }
}
