package dev.penstock.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The reader that texts are held against refuses what promtool passes and a scrape drops. */
class ScrapeTest {

  private static final String A = "# HELP a Help.\n# TYPE a gauge\n";
  private static final String H = "# HELP h Help.\n# TYPE h histogram\n";

  @Test
  void of_goodText_hasItsSeries() {
    Scrape scrape =
        Scrape.of(
            A
                + "a{x=\"1\",y=\"\\\"\\\\\"} 1\na 2.5E-7\n"
                + H
                + "h_bucket{le=\"0.1\"} 1\nh_bucket{le=\"+Inf\"} 3\nh_sum 1\nh_count 3\n");
    assertThat(scrape.value("a{x=1, y=\\\"\\\\}")).isEqualTo(1);
    assertThat(scrape.value("a")).isEqualTo(2.5e-7);
    assertThat(scrape.families()).containsExactly("a", "h");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "a{x=\"1\"} 1;a{x=\"1\"} 2;|a series twice: a{x=\"1\"} 2",
        "a{x=\"1\",y=\"2\"} 1;a{y=\"2\",x=\"1\"} 2;|a series twice: a{y=\"2\",x=\"1\"} 2",
        "a 1;# HELP b B.;# TYPE b gauge;b 1;a{x=\"1\"} 1;|a sample outside its family: a{x=\"1\"} 1",
        "a 1;# TYPE a gauge;|a second TYPE, or a family in pieces: # TYPE a gauge",
        "a 1;# HELP a Help.;|a second HELP: # HELP a Help.",
        "a 1|the last line does not end",
        "a 1;;|'no line of the format: '",
        "a{x=\"1} 1;|malformed labels: a{x=\"1} 1",
        "a{x=\"1\",} 1;|malformed labels: a{x=\"1\",} 1",
        "a{x=\"1\",x=\"2\"} 1;|a label twice: a{x=\"1\",x=\"2\"} 1",
        "a{x=\"\\y\"} 1;|malformed labels: a{x=\"\\y\"} 1",
        "a one;|no line of the format: a one",
        "b 1;|a sample outside its family: b 1"
      })
  void of_badText_isRefused(String lines, String message) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Scrape.of(A + lines.replace(';', '\n')))
        .withMessage(message);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "h_bucket{le=\"1\"} 2;h_bucket{le=\"+Inf\"} 1;h_sum 1;h_count 1;|falling buckets: h",
        "h_bucket{le=\"2\"} 1;h_bucket{le=\"1\"} 1;h_bucket{le=\"+Inf\"} 1;h_sum 1;h_count 1;"
            + "|falling buckets: h",
        "h_bucket{le=\"1\"} 1;h_sum 1;h_count 1;|no bucket +Inf: h",
        "h_bucket{le=\"+Inf\"} 1;h_sum 1;h_count 2;|a count that is not that of +Inf: h",
        "h_bucket{x=\"1\"} 1;h_sum 1;h_count 1;|a bucket without a bound: h_bucket{x=1}",
        "h_sum 1;h_count 1;|no buckets: h"
      })
  void of_badHistogram_isRefused(String lines, String message) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Scrape.of(H + lines.replace(';', '\n')))
        .withMessage(message);
  }
}
