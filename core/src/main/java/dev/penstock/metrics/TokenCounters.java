package dev.penstock.metrics;

import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;

/**
 * Shows how many requests carried tokens of which none was valid, by the reason, and how many of
 * them stood behind another scheme than Bearer, by the scheme. The counts are kept by whoever
 * verifies the tokens, a {@code JwtIdentityResolver}: {@code new
 * TokenCounters(tokens::rejectedTokensByReason, tokens::rejectedTokensByScheme).prometheusText()}.
 *
 * @param byReason gives the counts by the names of the reasons, few and in printable ASCII;
 *     thread-safe
 * @param byScheme likewise by the names of the schemes
 */
public record TokenCounters(
    Supplier<? extends Map<String, Long>> byReason,
    Supplier<? extends Map<String, Long>> byScheme) {

  private static final String REJECTED = "penstock_rejected_tokens_total";
  private static final String OTHER_SCHEMES = "penstock_rejected_token_schemes_total";

  /**
   * Checks the parts.
   *
   * @param byReason gives the counts by the names of the reasons
   * @param byScheme gives the counts by the names of the schemes
   */
  public TokenCounters {
    Objects.requireNonNull(byReason, "byReason");
    Objects.requireNonNull(byScheme, "byScheme");
  }

  /**
   * Shows no schemes.
   *
   * @param byReason gives the counts by the names of the reasons
   */
  public TokenCounters(Supplier<? extends Map<String, Long>> byReason) {
    this(byReason, Map::of);
  }

  /**
   * {@return {@code penstock_rejected_tokens_total} by {@code reason}, and {@code
   * penstock_rejected_token_schemes_total} by {@code scheme}, in the Prometheus text format,
   * version 0.0.4} To be served as {@code text/plain; version=0.0.4; charset=utf-8}.
   */
  public String prometheusText() {
    PrometheusText text = new PrometheusText();
    text.counter(REJECTED, "Requests with tokens of which none was valid, by reason.");
    byReason.get().forEach((reason, count) -> text.sample(REJECTED, count, "reason", reason));
    Map<String, Long> schemes = byScheme.get();
    if (!schemes.isEmpty()) {
      text.counter(OTHER_SCHEMES, "Requests with tokens behind another scheme than Bearer only.");
      schemes.forEach((scheme, count) -> text.sample(OTHER_SCHEMES, count, "scheme", scheme));
    }
    return text.toString();
  }
}
