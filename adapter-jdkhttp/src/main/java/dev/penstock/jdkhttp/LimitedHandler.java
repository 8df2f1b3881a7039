package dev.penstock.jdkhttp;

import com.sun.net.httpserver.HttpExchange;
import dev.penstock.http.Verdict;
import java.io.IOException;

/**
 * Handles a request that may pass, and knows who was charged for it, and what. Thread-safe.
 *
 * <pre>{@code
 * (exchange, verdict) -> {
 *   Run run = agent.start(exchange);
 *   verdict.reservation().onClientGone(run::cancel);
 *   try (exchange) {
 *     run.streamTo(exchange);
 *     verdict.reservation().settle(Cost.units("model-tokens", run.totalTokens()));
 *   }
 * }
 * }</pre>
 *
 * <p>To close the exchange closes the reservation, where the response {@linkplain
 * Verdict.Proceed#isWatched is watched}: settle before that.
 */
@FunctionalInterface
public interface LimitedHandler {

  /**
   * Answers the request.
   *
   * @param exchange the request, its response header already bearing the rate limit fields
   * @param verdict who was charged, and the reservation
   * @throws IOException if the request cannot be read or answered
   */
  void handle(HttpExchange exchange, Verdict.Proceed verdict) throws IOException;
}
