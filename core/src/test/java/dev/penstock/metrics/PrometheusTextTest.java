package dev.penstock.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.MetricFamily;
import dev.penstock.MetricFamily.Sample;
import dev.penstock.MetricFamily.Spread;
import java.util.List;
import org.junit.jupiter.api.Test;

class PrometheusTextTest {

  private static final Sample X = Sample.of(1, "x", "1");

  @Test
  void of_eachType_isExact() {
    MetricFamily counter =
        MetricFamily.of(
            MetricFamily.Type.COUNTER, "a_total", "How often.", Sample.of(7, "x", "1", "b", "2"));
    MetricFamily gauge =
        MetricFamily.of(MetricFamily.Type.GAUGE, "b", "How much.", Sample.of(0.25));
    Spread spread = new Spread(X.labels(), List.of(5e-8, 1.0), List.of(2L, 0L, 3L), 4.5);
    MetricFamily histogram =
        MetricFamily.of(MetricFamily.Type.HISTOGRAM, "c_seconds", "How long.", spread);
    String text = PrometheusText.of(List.of(counter, gauge, histogram));
    assertThat(text)
        .isEqualTo(
            """
            # HELP a_total How often.
            # TYPE a_total counter
            a_total{b="2",x="1"} 7
            # HELP b How much.
            # TYPE b gauge
            b 0.25
            # HELP c_seconds How long.
            # TYPE c_seconds histogram
            c_seconds_bucket{x="1",le="5.0E-8"} 2
            c_seconds_bucket{x="1",le="1"} 2
            c_seconds_bucket{x="1",le="+Inf"} 5
            c_seconds_sum{x="1"} 4.5
            c_seconds_count{x="1"} 5
            """);
    Scrape.of(text);
  }

  @Test
  void of_oneFamilyFromTwoSources_isOnePieceAndNoSeriesTwice() {
    MetricFamily first = MetricFamily.of(MetricFamily.Type.GAUGE, "a", "First.", X);
    MetricFamily between = MetricFamily.of(MetricFamily.Type.GAUGE, "b", "B.", X);
    MetricFamily second =
        MetricFamily.of(
            MetricFamily.Type.GAUGE, "a", "Second.", Sample.of(2, "x", "1"), Sample.of(3));
    MetricFamily otherType = MetricFamily.of(MetricFamily.Type.HISTOGRAM, "a", "Third.");
    String text = PrometheusText.of(List.of(first, between, second, otherType));
    assertThat(text)
        .isEqualTo(
            """
            # HELP a First.
            # TYPE a gauge
            a{x="1"} 1
            a 3
            # HELP b B.
            # TYPE b gauge
            b{x="1"} 1
            """);
    Scrape.of(text);
  }

  @Test
  void of_whatWouldEndALineOrALabel_isEscaped() {
    MetricFamily family =
        MetricFamily.of(
            MetricFamily.Type.GAUGE,
            "a",
            "Back\\slash\nline \"q\"",
            Sample.of(1, "x", "\\\"\n{}=,"));
    String text = PrometheusText.of(List.of(family));
    assertThat(text)
        .isEqualTo(
            """
            # HELP a Back\\\\slash\\nline "q"
            # TYPE a gauge
            a{x="\\\\\\"\\n{}=,"} 1
            """);
    Scrape.of(text);
  }

  @Test
  void of_numbers_areReadAsTheyAre() {
    assertThat(line(0)).isEqualTo("0");
    assertThat(line(-3)).isEqualTo("-3");
    assertThat(line((1L << 53) - 1)).isEqualTo("9007199254740991");
    assertThat(line(1e300)).isEqualTo("1.0E300");
    assertThat(line(Double.NaN)).isEqualTo("NaN");
    assertThat(line(Double.POSITIVE_INFINITY)).isEqualTo("+Inf");
    assertThat(line(Double.NEGATIVE_INFINITY)).isEqualTo("-Inf");
  }

  @Test
  void of_familyWithoutSamples_isLeftOut() {
    assertThat(PrometheusText.of(List.of(MetricFamily.of(MetricFamily.Type.GAUGE, "a", "Help."))))
        .isEmpty();
  }

  private static String line(double value) {
    String text =
        PrometheusText.of(
            List.of(MetricFamily.of(MetricFamily.Type.GAUGE, "a", "Help.", Sample.of(value))));
    Scrape.of(text);
    return text.lines().skip(2).findFirst().orElseThrow().substring(2);
  }
}
