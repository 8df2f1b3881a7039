package dev.penstock.jdkhttp.demo;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import dev.penstock.metrics.Metrics;
import java.io.IOException;

/** Shows what is counted in the Prometheus text format. */
record MetricsHandler(Metrics metrics) implements HttpHandler {

  @Override
  public void handle(HttpExchange exchange) throws IOException {
    Responses.send(
        exchange, 200, "text/plain; version=0.0.4; charset=utf-8", metrics.prometheusText());
  }
}
