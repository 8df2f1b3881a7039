package dev.penstock.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TokenCountersTest {

  @Test
  void prometheusText_isExactAndOfNow() {
    Map<String, Long> counts = new LinkedHashMap<>();
    TokenCounters counters = new TokenCounters(() -> counts);
    counts.put("expired", 0L);
    counts.put("a\"b\\c", 7L);

    assertThat(counters.prometheusText())
        .isEqualTo(
            """
            # HELP penstock_rejected_tokens_total Requests with tokens of which none was valid, by \
            reason.
            # TYPE penstock_rejected_tokens_total counter
            penstock_rejected_tokens_total{reason="expired"} 0
            penstock_rejected_tokens_total{reason="a\\"b\\\\c"} 7
            """);
  }

  @Test
  void prometheusText_schemes_areAMetricOfTheirOwn() {
    assertThat(
            new TokenCounters(() -> Map.of("other_scheme", 2L), () -> Map.of("dpop", 2L))
                .prometheusText())
        .isEqualTo(
            """
            # HELP penstock_rejected_tokens_total Requests with tokens of which none was valid, by \
            reason.
            # TYPE penstock_rejected_tokens_total counter
            penstock_rejected_tokens_total{reason="other_scheme"} 2
            # HELP penstock_rejected_token_schemes_total Requests with tokens behind another scheme \
            than Bearer only.
            # TYPE penstock_rejected_token_schemes_total counter
            penstock_rejected_token_schemes_total{scheme="dpop"} 2
            """);
  }

  @Test
  @SuppressWarnings("NullAway") // null is what is tested
  void byReason_null_namesTheParameter() {
    assertThatNullPointerException()
        .isThrownBy(() -> new TokenCounters(null))
        .withMessage("byReason");
    assertThatNullPointerException()
        .isThrownBy(() -> new TokenCounters(Map::of, null))
        .withMessage("byScheme");
  }
}
