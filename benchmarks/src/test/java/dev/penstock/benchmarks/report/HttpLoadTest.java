package dev.penstock.benchmarks.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HttpLoadTest {

  @Test
  void table_startsOfRounds_areMediansAndTheMeanOfTheMedianRatios() {
    double[][] first = {{1_000, 2_000, 3_000}, {990, 1_960, 2_910}};
    double[][] second = {{4_000, 5_000}, {4_000, 5_000}};
    assertThat(HttpLoad.table(List.of("bare", "filter"), List.of(first, second)))
        .contains("| bare | 3,000 | 1.00 | 1.00 | 1.00 |")
        .contains("| filter | 2,910 | 0.990 | 0.980 | 1.00 |");
  }

  @Test
  void rate_outputOfWrk_isItsRequestsASecond() throws IOException {
    assertThat(Wrk.rate("  5 requests in 3.00s\nRequests/sec:  20345.67\nTransfer/sec: 1MB\n"))
        .isEqualTo(20_345.67);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Requests/sec: 5.0\n  Non-2xx or 3xx responses: 3\n",
        "Socket errors: connect 0, read 2\nRequests/sec: 5.0\n",
        "unable to connect\n"
      })
  void rate_requestsFailed_isNoMeasurement(String output) {
    assertThatThrownBy(() -> Wrk.rate(output))
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith("wrk did not get an answer to each request: ");
  }
}
