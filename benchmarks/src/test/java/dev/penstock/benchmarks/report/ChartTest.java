package dev.penstock.benchmarks.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.penstock.benchmarks.report.Chart.Point;
import java.io.StringReader;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.xml.sax.InputSource;

class ChartTest {

  private static Measurement identities(String limiter, int identities, int threads, double score) {
    Map<String, String> params =
        Map.of("limiter", limiter, "identities", Integer.toString(identities));
    return new Measurement(
        "ScaleByIdentitiesBenchmark",
        "permitted",
        params,
        Threads.platform(threads),
        score,
        2,
        "ns/op",
        0,
        Map.of(),
        0);
  }

  private static List<Measurement> measured() {
    List<Measurement> all = new ArrayList<>();
    for (int threads : new int[] {1, 2}) {
      for (int count : new int[] {1_000, 10_000_000}) {
        all.add(identities("penstock", count, threads, 50 * threads));
        all.add(identities("map+bucket4j", count, threads, 2_000 * threads));
      }
    }
    return all;
  }

  @Test
  void of_casesThatOthersDisturbed_areLeftOut() {
    List<Measurement> busy =
        measured().stream().map(m -> MeasurementTest.beside(m.score() == 50 ? 0.2 : 0, m)).toList();
    assertThat(Chart.of(Comparison.of(busy)).get(0).curves())
        .doesNotContainEntry("penstock", List.of(new Point(1_000, 50, 2)));
    assertThat(
            Chart.of(
                Comparison.of(
                    measured().stream().map(m -> MeasurementTest.beside(0.2, m)).toList())))
        .isEmpty();
  }

  @Test
  void of_scaleByParameter_hasTheCurvesOfTheFewestThreads() {
    List<Chart> charts = Chart.of(Comparison.of(measured()));
    assertThat(charts).hasSize(1);
    Chart chart = charts.get(0);
    assertThat(chart.name()).isEqualTo("by-identities");
    assertThat(chart.title()).isEqualTo("Cost of a decision by identities, 1 thread");
    assertThat(chart.curves())
        .containsEntry("penstock", List.of(new Point(1_000, 50, 2), new Point(10_000_000, 50, 2)))
        .containsOnlyKeys("penstock", "map+bucket4j");
    assertThat(chart.describe())
        .contains("map+bucket4j: 2,000 at 1k, 2,000 at 10M.")
        .startsWith("nanoseconds a decision, less is better, by identities.");
  }

  @Test
  void of_scaleByParameterOfTwoWords_writesThemApart() {
    Measurement underWay =
        new Measurement(
            "ScaleByUnderWayBenchmark",
            "permitted",
            Map.of("underWay", "64"),
            Threads.platform(1),
            70_000,
            2,
            "ops/s",
            0,
            Map.of(),
            0);
    Chart chart = Chart.of(Comparison.of(List.of(underWay))).get(0);
    assertThat(chart.name()).isEqualTo("by-under-way");
    assertThat(chart.title()).isEqualTo("Decisions a second by under way, 1 thread");
    assertThat(chart.horizontal()).isEqualTo("under way");
    assertThat(chart.curves()).containsEntry("penstock", List.of(new Point(64, 70_000, 2)));
  }

  @Test
  void of_scaleByThreads_hasEveryThreadCount() {
    List<Measurement> all = new ArrayList<>();
    for (int threads : new int[] {4, 1}) {
      all.add(
          new Measurement(
              "ScaleByThreadsBenchmark",
              "p",
              Map.of("limiter", "penstock"),
              Threads.platform(threads),
              9,
              0,
              "ns/op",
              0,
              Map.of(),
              0));
    }
    Chart chart = Chart.of(Comparison.of(all)).get(0);
    assertThat(chart.name()).isEqualTo("by-threads");
    assertThat(chart.curves())
        .containsEntry("penstock", List.of(new Point(1, 9, 0), new Point(4, 9, 0)));
  }

  @Test
  void of_otherScenario_isNone() {
    assertThat(Chart.of(Comparison.of(List.of(MeasurementTest.of("Denied", "penstock", 1, 1)))))
        .isEmpty();
  }

  @Test
  void svg_chart_isXmlThatNamesItselfAndEveryCurve() throws Exception {
    Chart chart = Chart.of(Comparison.of(measured())).get(0);
    String svg = ChartSvg.of(chart);
    Document document =
        DocumentBuilderFactory.newInstance()
            .newDocumentBuilder()
            .parse(new InputSource(new StringReader(svg)));
    assertThat(document.getElementsByTagName("title").item(0).getTextContent())
        .isEqualTo(chart.title());
    assertThat(document.getElementsByTagName("desc").item(0).getTextContent())
        .isEqualTo(chart.describe());
    assertThat(svg)
        .contains("prefers-color-scheme:dark", ">10M<", ">identities (log)<", ">map+bucket4j<")
        .contains(">nanoseconds a decision, less is better (log)<")
        .doesNotContain("NaN");
  }

  @Test
  void ticks_evenAxis_areRoundAndReachTheMost() {
    Axis axis = Axis.ofAmounts(List.of(30.0, 87.0).stream().mapToDouble(d -> d), 300, 0);
    assertThat(axis.ticks()).containsExactly(0.0, 20.0, 40.0, 60.0, 80.0, 100.0);
    assertThat(axis.position(0)).isEqualTo(300);
    assertThat(axis.position(100)).isZero();
  }

  @Test
  void ticks_wideAxis_arePowersOfTen() {
    Axis axis = Axis.ofAmounts(List.of(25.0, 2_000.0).stream().mapToDouble(d -> d), 300, 0);
    assertThat(axis.ticks()).containsExactly(10.0, 100.0, 1_000.0, 10_000.0);
    assertThat(axis.position(100)).isCloseTo(200, within(1e-9));
  }
}
