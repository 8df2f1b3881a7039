package dev.penstock.benchmarks.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.benchmarks.report.ResultsPage.Section;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ResultsPageTest {

  private static final Machine MACHINE =
      new Machine("Chip", 2, 24, "Linux amd64", "VM 17", "abc", LocalDate.of(2026, 11, 23));

  private static String page(Measurement... measurements) {
    return page(List.of(), measurements);
  }

  private static String page(List<String> failures, Measurement... measurements) {
    List<Comparison> comparisons = Comparison.of(List.of(measurements));
    return ResultsPage.of(
        MACHINE,
        "mvn report",
        comparisons,
        Chart.of(comparisons),
        failures,
        List.of(new Section("Fleet", "text")));
  }

  private static Measurement calls(String method, double score) {
    return new Measurement(
        "Redis", method, Map.of(), Threads.platform(1), score, 1, "ops/s", Double.NaN, Map.of(), 0);
  }

  @Test
  void of_measurements_isATableWithErrorsAndFactors() {
    String page =
        page(
            MeasurementTest.of("OneBucket", "floor", 25, 1),
            MeasurementTest.of("OneBucket", "penstock", 30, 2),
            MeasurementTest.of("OneBucket", "guava", 45, 3));
    assertThat(page)
        .contains("### OneBucket, ns/op")
        .contains("| case | floor | Penstock | factor | garbage | guava | factor | others |")
        .contains(
            "| permitted, 1 thread | 25.0 ± 1.00 | 30.0 ± 2.00 | 0.833 | 24 | 45.0 ± 3.00 | 1.50 |"
                + " 0.0 % |\n")
        .contains("Nowhere in this run.")
        .contains("| commit | abc |", "| processor | Chip, 2 cores |", "```\nmvn report\n```")
        .contains("## Fleet\n\ntext")
        .startsWith(
            "# Benchmark results\n\nMeasured on Chip, 2 cores, under VM 17, on 2026-11-23.\n")
        .contains("in 0 of 1 cases");
  }

  @Test
  void of_intervalsThatMeet_marksTheFactor() {
    assertThat(
            page(
                MeasurementTest.of("OneBucket", "penstock", 30, 2),
                MeasurementTest.of("OneBucket", "guava", 33, 3)))
        .contains("| permitted, 1 thread | 30.0 ± 2.00 | 24 | 33.0 ± 3.00 | ~1.10 | 0.0 % |\n");
  }

  @Test
  void of_counters_areFurtherColumnsWithTheFloorsInBrackets() {
    String page =
        page(
            MeasurementTest.of("Growth", "floor", 25, 1, Map.of("slow", 0.0, "slowest", 40.0)),
            MeasurementTest.of(
                "Growth", "penstock", 30, 2, Map.of("slowest", 35_600.0, "slow", 3.0)));
    assertThat(page)
        .contains(
            "| case | floor | Penstock | factor | garbage | slow | slowest | others |\n"
                + "|---|--:|--:|--:|--:|--:|--:|--:|\n")
        .contains("| 24 | 3 (0) | 35,600 (40) | 0.0 % |\n");
  }

  @Test
  void of_countersWithoutAFloor_standAlone() {
    assertThat(page(MeasurementTest.of("Growth", "penstock", 30, 2, Map.of("slow", 3.0))))
        .contains("| case | Penstock | garbage | slow | others |")
        .contains("| 24 | 3 | 0.0 % |\n");
  }

  @Test
  void of_peerIsFaster_isNamedAsALoss() {
    String page =
        page(
            MeasurementTest.of("OneBucket", "penstock", 30, 2),
            MeasurementTest.of("OneBucket", "guava", 20, 3),
            MeasurementTest.of("OneBucket", "bucket4j", 29, 3));
    assertThat(page)
        .contains(
            "| OneBucket | permitted, 1 thread | 30.0 ± 2.00 ns/op | guava: 20.0 ± 3.00 | 0.667 |  |")
        .contains("bucket4j: 29.0 ± 3.00 | 0.967 | within the error |")
        .doesNotContain("Nowhere");
  }

  @Test
  void of_bareCallIsFaster_isNamedAsALoss() {
    assertThat(page(calls("bareScript", 60), calls("permitted", 45), calls("denied", 61)))
        .contains(
            "| Redis | permitted, 1 thread | 45.0 ± 1.00 ops/s | floor: 60.0 ± 1.00 | 0.750 |  |")
        .doesNotContain("| Redis | denied", "Nowhere");
  }

  @Test
  void of_floorInTimeIsFaster_isNoLoss() {
    assertThat(
            page(
                MeasurementTest.of("OneBucket", "floor", 25, 1),
                MeasurementTest.of("OneBucket", "penstock", 30, 2)))
        .contains("Nowhere in this run.");
  }

  @Test
  void of_othersWereBusy_marksTheCasesThatTheyDisturbed() {
    Measurement calm = MeasurementTest.of("OneBucket", "penstock", 30, 2);
    Measurement peer = MeasurementTest.of("OneBucket", "guava", 20, 3);
    Measurement other = MeasurementTest.of("Other", "penstock", 30, 2);
    assertThat(page(calm, MeasurementTest.beside(0.123, peer), other))
        .contains(
            "Other processes had more than 5.0 % of the processors in 1 of 2 cases, the calmest of",
            "| permitted, 1 thread | (30.0 ± 2.00) | 24 | (20.0 ± 3.00) |  | **12.3 %** |\n",
            "guava: 20.0 ± 3.00 | 0.667 | disturbed |\n",
            "| permitted, 1 thread | 30.0 ± 2.00 | 24 | 0.0 % |\n");
  }

  @Test
  void of_othersAreNotKnown_saysSo() {
    Measurement measurement = MeasurementTest.of("OneBucket", "penstock", 30, 2);
    assertThat(page(MeasurementTest.beside(Double.NaN, measurement))).contains("| 24 | ? |\n");
  }

  @Test
  void of_failures_areNamed() {
    assertThat(
            page(
                List.of("Slow, 1 thread: 2 of 5"),
                MeasurementTest.of("OneBucket", "penstock", 30, 2)))
        .contains("## What failed and is missing below\n\n- Slow, 1 thread: 2 of 5\n");
    assertThat(page(MeasurementTest.of("OneBucket", "penstock", 30, 2)))
        .doesNotContain("What failed");
  }

  @Test
  void of_chart_isShown() {
    assertThat(page(MeasurementTest.of("ScaleByThreadsBenchmark", "penstock", 30, 2)))
        .contains("![Cost of a decision by threads](charts/by-threads.svg)");
  }
}
