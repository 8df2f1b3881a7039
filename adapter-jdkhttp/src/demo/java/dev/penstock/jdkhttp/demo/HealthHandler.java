package dev.penstock.jdkhttp.demo;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import java.io.IOException;
import java.util.Map;

/** Says that the server is up. */
final class HealthHandler implements HttpHandler {

  @Override
  public void handle(HttpExchange exchange) throws IOException {
    Responses.send(exchange, 200, "application/json", Responses.json(Map.of("status", "ok")));
  }
}
