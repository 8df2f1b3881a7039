package dev.penstock.jdkhttp.demo;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/**
 * Writes whole responses. A request without content is read to its end first: the demo runs the
 * server with no drain amount, and it then keeps a connection only if the end has been seen.
 */
final class Responses {

  private static final ObjectMapper JSON = new ObjectMapper();

  private Responses() {}

  static String json(Map<String, ?> members) throws JsonProcessingException {
    return JSON.writeValueAsString(members);
  }

  /** Answers with an error as AgentOS has them. */
  static void sendError(HttpExchange exchange, int status, String detail) throws IOException {
    send(exchange, status, "application/json", json(Map.of("detail", detail)));
  }

  static void send(HttpExchange exchange, int status, String contentType, String content)
      throws IOException {
    byte[] body = content.getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("Content-Type", contentType);
    try (exchange) {
      Headers request = exchange.getRequestHeaders();
      if (!request.containsKey("Content-Length") && !request.containsKey("Transfer-Encoding")) {
        exchange.getRequestBody().readNBytes(1);
      }
      if (exchange.getRequestMethod().equals("HEAD")) {
        exchange.sendResponseHeaders(status, -1);
      } else {
        exchange.sendResponseHeaders(status, body.length);
        exchange.getResponseBody().write(body);
      }
    }
  }
}
