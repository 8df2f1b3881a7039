package dev.penstock.jdkhttp.demo;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import dev.penstock.http.Verdict;
import java.util.List;

/**
 * The demo without its filter, to measure what the filter costs: all else is the same. With the
 * argument {@value #FIELDS} each response bears the fields of the filter, though always the same:
 * what a filter costs at least that sends them.
 */
public final class UnlimitedAgentServer {

  private static final String FIELDS = "fields";

  private UnlimitedAgentServer() {}

  /** Starts the server that the environment describes; ends with code 2 where it is wrong. */
  public static void main(String[] arguments) {
    HttpHandler handler = unlimited(List.of(arguments).contains(FIELDS));
    AgentServer.serve(gate -> handler);
  }

  private static HttpHandler unlimited(boolean withFields) {
    AgentHandler handler = new AgentHandler();
    Verdict.Proceed passed = Verdict.Proceed.unlimited();
    return exchange -> {
      if (withFields) {
        addFields(exchange);
      }
      handler.handle(exchange, passed);
    };
  }

  private static void addFields(HttpExchange exchange) {
    Headers headers = exchange.getResponseHeaders();
    headers.add("RateLimit-Policy", "\"agent-runs\";q=50000000;w=60");
    headers.add("RateLimit", "\"agent-runs\";r=49999999;t=60");
  }
}
