package dev.penstock.jdkhttp;

import com.sun.net.httpserver.Filter;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import dev.penstock.http.HeaderField;
import dev.penstock.http.HttpRateLimiter;
import dev.penstock.http.Verdict;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Objects;

/**
 * Limits the requests of a {@code com.sun.net.httpserver} context: those that may pass go on to the
 * handler, the others are answered at once.
 *
 * <p>Thread-safe. Put it first among the filters of a context, or wrap a handler:
 *
 * <pre>{@code
 * server.createContext("/agents", handler).getFilters().add(new RateLimitFilter(gate));
 * server.createContext("/agents", RateLimitFilter.wrap(gate, handler));
 * }</pre>
 *
 * <p>After an answer the JDK's server reads what is left of the request's content, without a
 * deadline: a client that announces content and withholds it keeps the thread that rejected it.
 * Start Java with {@code -Dsun.net.httpserver.drainAmount=0}, so that the server closes the
 * connection instead, and with {@code -Dsun.net.httpserver.maxReqTime=30} (seconds) against slow
 * requests.
 */
public final class RateLimitFilter extends Filter {

  private final HttpRateLimiter gate;

  /**
   * Makes a filter of a gate.
   *
   * @param gate who decides
   */
  public RateLimitFilter(HttpRateLimiter gate) {
    this.gate = Objects.requireNonNull(gate, "gate");
  }

  /**
   * Returns a handler that lets a request through to another if the gate does.
   *
   * @param gate who decides
   * @param handler who answers a request that may pass
   * @return the limited handler
   */
  public static HttpHandler wrap(HttpRateLimiter gate, HttpHandler handler) {
    Objects.requireNonNull(handler, "handler");
    return wrap(gate, (exchange, verdict) -> handler.handle(exchange));
  }

  /**
   * Returns a handler that lets a request through to another if the gate does, and tells it who was
   * charged.
   *
   * @param gate who decides
   * @param handler who answers a request that may pass
   * @return the limited handler
   */
  public static HttpHandler wrap(HttpRateLimiter gate, LimitedHandler handler) {
    Objects.requireNonNull(gate, "gate");
    Objects.requireNonNull(handler, "handler");
    return exchange -> limit(gate, exchange, handler);
  }

  @Override
  public void doFilter(HttpExchange exchange, Chain chain) throws IOException {
    limit(gate, exchange, (passed, verdict) -> chain.doFilter(passed));
  }

  @Override
  public String description() {
    return "Limits the rate of requests";
  }

  private static void limit(HttpRateLimiter gate, HttpExchange exchange, LimitedHandler handler)
      throws IOException {
    Verdict verdict = gate.decide(new ExchangeView(exchange));
    for (HeaderField field : verdict.fields()) {
      exchange.getResponseHeaders().add(field.name(), field.value());
    }
    if (verdict instanceof Verdict.Proceed proceed) {
      handler.handle(exchange, proceed);
    } else if (verdict instanceof Verdict.Reject reject) {
      answer(exchange, reject);
    }
  }

  private static void answer(HttpExchange exchange, Verdict.Reject reject) throws IOException {
    byte[] body = reject.body().getBytes(StandardCharsets.UTF_8);
    try (exchange) {
      exchange.sendResponseHeaders(reject.status(), body.length == 0 ? -1 : body.length);
      if (body.length > 0) {
        exchange.getResponseBody().write(body);
      }
    }
  }
}
