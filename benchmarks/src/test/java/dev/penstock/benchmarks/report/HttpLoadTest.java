package dev.penstock.benchmarks.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HttpLoadTest {

  @Test
  void table_rounds_areMediansAndTheMedianOfTheRatios() {
    Map<String, List<Double>> rates = new LinkedHashMap<>();
    rates.put("bare", List.of(1_000.0, 2_000.0, 3_000.0));
    rates.put("filter", List.of(990.0, 1_960.0, 2_910.0));
    assertThat(HttpLoad.table(rates, "bare"))
        .contains("| bare | 2,000 | 1,000 | 3,000 | 1.00 |")
        .contains("| filter | 1,960 | 990 | 2,910 | 0.980 |");
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
