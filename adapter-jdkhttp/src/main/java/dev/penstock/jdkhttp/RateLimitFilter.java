package dev.penstock.jdkhttp;

import com.sun.net.httpserver.Filter;
import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import dev.penstock.http.Gate;
import dev.penstock.http.HeaderField;
import dev.penstock.http.Patience;
import dev.penstock.http.UnreadContent;
import dev.penstock.http.Verdict;
import java.io.IOException;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

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
 * <p>The response to a request that holds slots, or that its rule settles by the response, is
 * watched: the handler gets an exchange around the server's, whose slots are free once it or its
 * stream is closed, once a write fails, since the client is gone, or the handler throws; of a
 * response without content, once the handler has returned. A handler that returns and leaves all
 * that to another thread holds them until then. Where nobody ever does, see {@link
 * dev.penstock.InFlightLimit}.
 *
 * <p>In a context with an {@link com.sun.net.httpserver.Authenticator} wrap the handler: an
 * authenticator comes after the filters and takes no exchange but the server's own, and what {@link
 * dev.penstock.http.ServerUser} finds is known only after it. Behind a filter only the stream of
 * the response is watched there, so that fields cannot be hidden, and an exchange that is closed
 * without an answer is not seen to end.
 *
 * <p>A rejected request is answered at once. Content that has not come along with its header is
 * read away by the thread that rejected it, as much as the gate has {@link Patience} for, and then
 * the connection is closed; without content, a client has a quarter of a second to take the answer.
 * The filter throws the {@link IOException} by which the JDK's server learns of it, over TLS as
 * well. At most a quarter of the server's threads wait for content at once, as {@link
 * #waitingAtMost} says; where they do, further such connections are closed without a wait.
 *
 * <p>What the service's own handlers leave unread, the server reads after their answer, without a
 * deadline: start Java with {@code -Dsun.net.httpserver.drainAmount=0}, so that it closes the
 * connection instead, and with {@code -Dsun.net.httpserver.maxReqTime=30} (seconds) against slow
 * requests. Where no handler streams, {@code -Dsun.net.httpserver.maxRspTime=30} helps against
 * clients that take no answers: it ends every response after that time. With the first, a
 * connection lasts beyond a request only if somebody has read to the end of its content, even where
 * there is none; behind this filter that is done.
 */
public final class RateLimitFilter extends Filter {

  private final Gate gate;
  private final ToIntFunction<@Nullable Executor> mostWaiting;

  /**
   * Makes a filter of a gate.
   *
   * @param gate who decides
   */
  public RateLimitFilter(Gate gate) {
    this(Objects.requireNonNull(gate, "gate"), WaitingThreads::quarter);
  }

  private RateLimitFilter(Gate gate, ToIntFunction<@Nullable Executor> mostWaiting) {
    this.gate = gate;
    this.mostWaiting = mostWaiting;
  }

  /**
   * Returns a filter like this one, with another bound on the threads that may wait at once for the
   * content of rejected requests, each for as long at most as the gate has {@link Patience}. All
   * filters of servers that share an executor count together.
   *
   * <p>If never set, that is a quarter of the threads of a {@link
   * java.util.concurrent.ThreadPoolExecutor} or {@link java.util.concurrent.ForkJoinPool}, rounded
   * down, and any number of virtual threads. No other executor says how many threads it has, the
   * one that the server has by default included: there no thread waits.
   *
   * @param threads 0 or more; with 0 a client whose content does not come along with its header may
   *     find the connection reset before it has read the answer
   * @return the filter
   * @throws IllegalArgumentException if {@code threads} is negative
   */
  public RateLimitFilter waitingAtMost(int threads) {
    if (threads < 0) {
      throw new IllegalArgumentException("threads must be at least 0: " + threads);
    }
    return new RateLimitFilter(gate, executor -> threads);
  }

  /**
   * Returns a handler that lets a request through to another if the gate does.
   *
   * @param gate who decides
   * @param handler who answers a request that may pass
   * @return the limited handler
   */
  public static HttpHandler wrap(Gate gate, HttpHandler handler) {
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
  public static HttpHandler wrap(Gate gate, LimitedHandler handler) {
    Objects.requireNonNull(gate, "gate");
    Objects.requireNonNull(handler, "handler");
    RateLimitFilter filter = new RateLimitFilter(gate);
    return exchange -> filter.limit(exchange, handler, false);
  }

  @Override
  public void doFilter(HttpExchange exchange, Chain chain) throws IOException {
    boolean isAuthenticated = exchange.getHttpContext().getAuthenticator() != null;
    limit(exchange, (passed, verdict) -> chain.doFilter(passed), isAuthenticated);
  }

  @Override
  public String description() {
    return "Limits the rate of requests";
  }

  /**
   * Limits a request.
   *
   * @param isServersOwn whether the handler takes no exchange but the server's own, as an
   *     authenticator does, which comes after the filters
   */
  private void limit(HttpExchange exchange, LimitedHandler handler, boolean isServersOwn)
      throws IOException {
    Verdict verdict = gate.decide(new ExchangeView(exchange));
    if (verdict instanceof Verdict.Reject reject) {
      UnreadContent content = begin(exchange, reject);
      WaitingThreads waiting = WaitingThreads.of(exchange, mostWaiting);
      RejectedExchange.answer(exchange, reject, content, waiting);
    } else if (verdict instanceof Verdict.Proceed proceed && proceed.isWatched()) {
      watch(exchange, proceed, handler, isServersOwn);
    } else if (verdict instanceof Verdict.Proceed proceed) {
      begin(exchange, proceed);
      handler.handle(exchange, proceed);
    }
  }

  /** Returns what is left of the request's content. */
  private static UnreadContent begin(HttpExchange exchange, Verdict verdict) throws IOException {
    write(verdict.fields(), exchange.getResponseHeaders());
    UnreadContent content = UnreadContent.of(new ExchangeView(exchange));
    if (content == UnreadContent.NONE) {
      readToTheEnd(exchange);
    }
    return content;
  }

  private static void watch(
      HttpExchange exchange, Verdict.Proceed verdict, LimitedHandler handler, boolean isServersOwn)
      throws IOException {
    ResponseWatch watch = new ResponseWatch(exchange, verdict);
    try {
      begin(exchange, verdict);
      handler.handle(isServersOwn ? watch.serversOwn() : watch.exchange(), verdict);
    } catch (Throwable e) { // an Error, too: nobody else will end it
      watch.ended();
      throw e;
    }
    watch.returned();
  }

  private static void write(List<HeaderField> fields, Headers headers) {
    for (HeaderField field : fields) {
      if (field.replaces()) {
        headers.set(field.name(), field.value());
      } else {
        headers.add(field.name(), field.value());
      }
    }
  }

  /** Without a drain amount the server closes a connection whose end of content nobody saw. */
  private static void readToTheEnd(HttpExchange withoutContent) throws IOException {
    int end = withoutContent.getRequestBody().read();
    assert end < 0 : end;
  }
}
