package dev.penstock.jdkhttp.demo;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import dev.penstock.jwt.JwtIdentityResolver;
import dev.penstock.metrics.DecisionCounters;
import dev.penstock.redis.RedisRateLimiter;
import java.io.IOException;
import java.util.Optional;

/** Shows the counters in the Prometheus text format. */
record MetricsHandler(
    DecisionCounters counters, JwtIdentityResolver tokens, Optional<RedisRateLimiter> redis)
    implements HttpHandler {

  @Override
  public void handle(HttpExchange exchange) throws IOException {
    String rejectedTokens =
        """
        # HELP penstock_rejected_tokens_total Tokens that were present and not valid.
        # TYPE penstock_rejected_tokens_total counter
        penstock_rejected_tokens_total %d
        """
            .formatted(tokens.rejectedTokens());
    Responses.send(
        exchange,
        200,
        "text/plain; version=0.0.4; charset=utf-8",
        counters.prometheusText()
            + rejectedTokens
            + redis.map(limiter -> limiter.statistics().prometheusText()).orElse(""));
  }
}
