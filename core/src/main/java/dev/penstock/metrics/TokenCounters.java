package dev.penstock.metrics;

import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;

/**
 * Shows how many requests carried tokens of which none was valid, by the reason. The counts are
 * kept by whoever verifies the tokens: {@code new
 * TokenCounters(tokens::rejectedTokensByReason).prometheusText()} for a {@code
 * JwtIdentityResolver}.
 *
 * @param byReason gives the counts by the names of the reasons, few and in printable ASCII;
 *     thread-safe
 */
public record TokenCounters(Supplier<? extends Map<String, Long>> byReason) {

  private static final String REJECTED = "penstock_rejected_tokens_total";

  /**
   * Checks the parts.
   *
   * @param byReason gives the counts by the names of the reasons
   */
  public TokenCounters {
    Objects.requireNonNull(byReason, "byReason");
  }

  /**
   * {@return {@code penstock_rejected_tokens_total} by {@code reason} in the Prometheus text
   * format, version 0.0.4} To be served as {@code text/plain; version=0.0.4; charset=utf-8}.
   */
  public String prometheusText() {
    PrometheusText text = new PrometheusText();
    text.counter(REJECTED, "Requests with tokens of which none was valid, by reason.");
    byReason.get().forEach((reason, count) -> text.sample(REJECTED, count, "reason", reason));
    return text.toString();
  }
}
