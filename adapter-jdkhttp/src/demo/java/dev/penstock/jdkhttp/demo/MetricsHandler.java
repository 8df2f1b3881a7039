package dev.penstock.jdkhttp.demo;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import dev.penstock.jwt.JwtIdentityResolver;
import dev.penstock.metrics.DecisionCounters;
import dev.penstock.metrics.TokenCounters;
import dev.penstock.redis.RedisRateLimiter;
import java.io.IOException;
import java.util.Optional;

/** Shows the counters in the Prometheus text format. */
record MetricsHandler(
    DecisionCounters counters, JwtIdentityResolver tokens, Optional<RedisRateLimiter> redis)
    implements HttpHandler {

  @Override
  public void handle(HttpExchange exchange) throws IOException {
    Responses.send(
        exchange,
        200,
        "text/plain; version=0.0.4; charset=utf-8",
        counters.prometheusText()
            + new TokenCounters(tokens::rejectedTokensByReason, tokens::rejectedTokensByScheme)
                .prometheusText()
            + redis.map(limiter -> limiter.statistics().prometheusText()).orElse(""));
  }
}
