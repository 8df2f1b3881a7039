package dev.penstock.jdkhttp;

import com.sun.net.httpserver.HttpExchange;
import dev.penstock.http.Verdict;
import java.io.IOException;

/** Handles a request that may pass, and knows who was charged for it. Thread-safe. */
@FunctionalInterface
public interface LimitedHandler {

  /**
   * Answers the request.
   *
   * @param exchange the request, its response header already bearing the rate limit fields
   * @param verdict who was charged
   * @throws IOException if the request cannot be read or answered
   */
  void handle(HttpExchange exchange, Verdict.Proceed verdict) throws IOException;
}
