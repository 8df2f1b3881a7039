package dev.penstock.benchmarks.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintStream;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.format.OutputFormat;
import org.openjdk.jmh.runner.format.OutputFormatFactory;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

class OthersMeterTest {

  @Test
  void during_benchmarkThatRan_isAShare() throws Exception {
    OthersMeter others = new OthersMeter();
    OutputFormat silent =
        OutputFormatFactory.createFormatInstance(
            new PrintStream(PrintStream.nullOutputStream()), VerboseMode.SILENT);
    String benchmark = "dev.penstock.benchmarks.ScaleByThreadsBenchmark.permitted";
    new Runner(
            new OptionsBuilder()
                .include("^" + benchmark.replace(".", "\\.") + "$")
                .param(Scenario.LIMITER, "penstock")
                .forks(0)
                .warmupIterations(0)
                .measurementIterations(1)
                .measurementTime(TimeValue.milliseconds(5))
                .build(),
            others.hearing(silent))
        .run();
    Map<String, String> params = new TreeMap<>(Map.of(Scenario.LIMITER, "penstock"));
    assertThat(others.during(benchmark, params)).isBetween(0.0, 1.0);
    params.put(Scenario.LIMITER, "guava");
    assertThat(others.during(benchmark, params)).isNaN();
  }

  @Test
  void describe_share_isBoldWhereItDisturbs() {
    assertThat(OthersMeter.describe(0.001)).isEqualTo("0.1 %");
    assertThat(OthersMeter.describe(0.05)).isEqualTo("5.0 %");
    assertThat(OthersMeter.describe(0.051)).isEqualTo("**5.1 %**");
    assertThat(OthersMeter.describe(Double.NaN)).isEqualTo("?");
  }

  @Test
  void sinceStart_notStarted_isNotKnown() {
    assertThat(new OthersMeter().sinceStart()).isNaN();
  }
}
