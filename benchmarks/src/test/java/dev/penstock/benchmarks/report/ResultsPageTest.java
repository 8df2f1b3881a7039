package dev.penstock.benchmarks.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.benchmarks.report.ResultsPage.Section;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ResultsPageTest {

  private static Machine machine(double load) {
    return new Machine(
        "Chip", 2, 24, "Linux amd64", "VM 17", "abc", LocalDate.of(2026, 11, 23), load);
  }

  private static String page(double load, Measurement... measurements) {
    List<Comparison> comparisons = Comparison.of(List.of(measurements));
    return ResultsPage.of(
        machine(load),
        "mvn report",
        comparisons,
        Chart.of(comparisons),
        load < 0 ? List.of("Slow, 1 thread: 2 of 5") : List.of(),
        List.of(new Section("Fleet", "text")));
  }

  private static Measurement calls(String method, double score) {
    return new Measurement(
        "Redis", method, Map.of(), Threads.platform(1), score, 1, "ops/s", Double.NaN, Map.of());
  }

  @Test
  void of_measurements_isATableWithErrorsAndFactors() {
    String page =
        page(
            0.1,
            MeasurementTest.of("OneBucket", "floor", 25, 1),
            MeasurementTest.of("OneBucket", "penstock", 30, 2),
            MeasurementTest.of("OneBucket", "guava", 45, 3));
    assertThat(page)
        .contains("### OneBucket, ns/op")
        .contains("| case | floor | Penstock | factor | garbage | guava | factor |")
        .contains(
            "| permitted, 1 thread | 25.0 ± 1.00 | 30.0 ± 2.00 | 0.833 | 24 | 45.0 ± 3.00 | 1.50 |")
        .contains("Nowhere in this run.")
        .contains("| commit | abc |", "| processor | Chip, 2 cores |", "`mvn report`")
        .contains("## Fleet\n\ntext")
        .doesNotContain("busy");
  }

  @Test
  void of_counters_areFurtherColumnsWithTheFloorsInBrackets() {
    String page =
        page(
            0.1,
            MeasurementTest.of("Growth", "floor", 25, 1, Map.of("slow", 0.0, "slowest", 40.0)),
            MeasurementTest.of(
                "Growth", "penstock", 30, 2, Map.of("slowest", 35_600.0, "slow", 3.0)));
    assertThat(page)
        .contains(
            "| case | floor | Penstock | factor | garbage | slow | slowest |\n"
                + "|---|--:|--:|--:|--:|--:|--:|\n")
        .contains("| 24 | 3 (0) | 35,600 (40) |\n");
  }

  @Test
  void of_countersWithoutAFloor_standAlone() {
    assertThat(page(0.1, MeasurementTest.of("Growth", "penstock", 30, 2, Map.of("slow", 3.0))))
        .contains("| case | Penstock | garbage | slow |")
        .contains("| 24 | 3 |\n");
  }

  @Test
  void of_peerIsFaster_isNamedAsALoss() {
    String page =
        page(
            0.1,
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
    assertThat(page(0.1, calls("bareScript", 60), calls("permitted", 45), calls("denied", 61)))
        .contains(
            "| Redis | permitted, 1 thread | 45.0 ± 1.00 ops/s | floor: 60.0 ± 1.00 | 0.750 |  |")
        .doesNotContain("| Redis | denied", "Nowhere");
  }

  @Test
  void of_floorInTimeIsFaster_isNoLoss() {
    assertThat(
            page(
                0.1,
                MeasurementTest.of("OneBucket", "floor", 25, 1),
                MeasurementTest.of("OneBucket", "penstock", 30, 2)))
        .contains("Nowhere in this run.");
  }

  @Test
  void of_busyMachine_saysThatTheFiguresAreWorthNothing() {
    assertThat(page(2.1, MeasurementTest.of("OneBucket", "penstock", 30, 2)))
        .contains("these figures are worth nothing");
  }

  @Test
  void of_failures_areNamed() {
    assertThat(page(-1, MeasurementTest.of("OneBucket", "penstock", 30, 2)))
        .contains("## What failed and is missing below\n\n- Slow, 1 thread: 2 of 5\n");
    assertThat(page(0, MeasurementTest.of("OneBucket", "penstock", 30, 2)))
        .doesNotContain("What failed");
  }

  @Test
  void of_chart_isShown() {
    assertThat(page(0, MeasurementTest.of("ScaleByThreadsBenchmark", "penstock", 30, 2)))
        .contains("![Cost of a decision by threads](charts/by-threads.svg)");
  }
}
