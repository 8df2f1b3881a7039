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
  @SuppressWarnings("NullAway") // null is what is tested
  void byReason_null_namesTheParameter() {
    assertThatNullPointerException()
        .isThrownBy(() -> new TokenCounters(null))
        .withMessage("byReason");
  }
}
