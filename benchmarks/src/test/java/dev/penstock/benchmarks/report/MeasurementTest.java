package dev.penstock.benchmarks.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class MeasurementTest {

  static Measurement of(String scenario, String method, String limiter, double score) {
    return new Measurement(
        scenario,
        method,
        Map.of("limiter", limiter),
        Threads.platform(1),
        score,
        1,
        "ns/op",
        Double.NaN,
        Map.of(),
        0);
  }

  static Measurement of(String scenario, String limiter, double score, double error) {
    return of(scenario, limiter, score, error, Map.of());
  }

  static Measurement of(
      String scenario, String limiter, double score, double error, Map<String, Double> counters) {
    return new Measurement(
        scenario,
        "permitted",
        Map.of("limiter", limiter),
        Threads.platform(1),
        score,
        error,
        "ns/op",
        24,
        counters,
        0);
  }

  @Test
  void read_fileOfJmh_isItsLines() throws URISyntaxException {
    Path file = Path.of(MeasurementTest.class.getResource("jmh.json").toURI());
    List<Measurement> read = Measurement.read(file, new OthersMeter());
    assertThat(read.get(0))
        .isEqualTo(
            new Measurement(
                "ScaleByThreadsBenchmark",
                "permitted",
                Map.of("limiter", "penstock"),
                Threads.platform(2),
                40.25,
                1.5,
                "ns/op",
                24,
                Map.of("slowestMicros", 7.0, "overOneMilli", 0.0),
                Double.NaN));
    assertThat(read.get(1).error()).isNaN();
    assertThat(read.get(1).bytes()).isNaN();
    assertThat(read.get(1).counters()).isEmpty();
    assertThat(read.get(1).threads()).isEqualTo(Threads.virtual(64));
    assertThat(read).hasSize(2);
  }

  @Test
  void calmer_twoRuns_hasOfEachTheOneThatOthersDisturbedLess() {
    Measurement first = of("OneBucket", "penstock", 30, 2);
    Measurement second = of("OneBucket", "penstock", 20, 2);
    Measurement alone = of("OneBucket", "guava", 40, 2);
    assertThat(Measurement.calmer(List.of(beside(0.2, first)), List.of(beside(0.1, second), alone)))
        .containsExactly(beside(0.1, second), alone);
    assertThat(Measurement.calmer(List.of(first), List.of(beside(0.1, second))))
        .containsExactly(first);
  }

  /** Returns it as measured while others had so much of the processors. */
  static Measurement beside(double others, Measurement m) {
    return new Measurement(
        m.scenario(),
        m.method(),
        m.params(),
        m.threads(),
        m.score(),
        m.error(),
        m.unit(),
        m.bytes(),
        m.counters(),
        others);
  }

  @Test
  void isDisturbed_othersHadMoreThanATwentieth() {
    Measurement measurement = of("S", "penstock", 10, 1);
    assertThat(beside(0.05, measurement).isDisturbed()).isFalse();
    assertThat(beside(0.051, measurement).isDisturbed()).isTrue();
    assertThat(beside(Double.NaN, measurement).isDisturbed()).isFalse();
  }

  @Test
  void timesAsFastAs_time_isTheOthersOverOurs() {
    assertThat(of("S", "penstock", 10, 1).timesAsFastAs(of("S", "guava", 25, 1))).isEqualTo(2.5);
  }

  @Test
  void timesAsFastAs_throughput_isOursOverTheOthers() {
    Measurement ours =
        new Measurement("S", "p", Map.of(), Threads.platform(1), 100, 1, "ops/s", 0, Map.of(), 0);
    Measurement theirs =
        new Measurement("S", "p", Map.of(), Threads.platform(1), 50, 1, "ops/s", 0, Map.of(), 0);
    assertThat(ours.timesAsFastAs(theirs)).isEqualTo(2);
  }

  @Test
  void mayEqual_intervals_doIfTheyMeet() {
    Measurement ten = of("S", "penstock", 10, 1);
    assertThat(ten.mayEqual(of("S", "guava", 12, 1))).isTrue();
    assertThat(ten.mayEqual(of("S", "guava", 12.1, 1))).isFalse();
    assertThat(ten.mayEqual(of("S", "guava", 10.5, Double.NaN))).isTrue();
  }
}
