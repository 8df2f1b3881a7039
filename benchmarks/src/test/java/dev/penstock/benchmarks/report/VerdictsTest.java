package dev.penstock.benchmarks.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class VerdictsTest {

  private static Measurement of(int threads, String limiter, double score) {
    return new Measurement(
        "OneBucket",
        "permitted",
        Map.of("limiter", limiter),
        Threads.platform(threads),
        score,
        2,
        "ns/op",
        0,
        Map.of(),
        0);
  }

  private static List<String> lines(Measurement... measurements) {
    return Verdicts.of(Comparison.of(List.of(measurements))).lines().skip(2).toList();
  }

  @Test
  void of_cases_areCountedAndTheirFactorsSummedUp() {
    assertThat(
            lines(
                of(1, "penstock", 30),
                of(1, "guava", 60),
                of(2, "penstock", 40),
                of(2, "guava", 20),
                of(4, "penstock", 50),
                of(4, "guava", 52)))
        .containsExactly("| OneBucket | guava | 3 | 1 | 1 | 1 | 1.04 | 0.500 | 2.00 |");
  }

  @Test
  void of_disturbedCases_areLeftOut() {
    assertThat(
            lines(
                of(1, "penstock", 30),
                of(1, "guava", 60),
                of(2, "penstock", 40),
                MeasurementTest.beside(0.5, of(2, "guava", 20))))
        .containsExactly("| OneBucket | guava | 1 | 1 | 0 | 0 | 2.00 | 2.00 | 2.00 |");
  }

  @Test
  void of_noPeer_hasNoLine() {
    assertThat(Verdicts.of(Comparison.of(List.of(of(1, "penstock", 30), of(1, "floor", 20)))))
        .isEqualTo("No case is fit to be held against a peer.\n");
  }
}
