package dev.penstock.jdkhttp;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsExchange;
import dev.penstock.http.ResponseView;
import dev.penstock.http.Verdict;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Finds out when a response has ended, or its client has gone, and tells the verdict. Thread-safe:
 * the handler's thread and whoever answers in its place may do so at once.
 *
 * <table>
 * <caption>What ends a response</caption>
 * <tr><td>its exchange or stream is closed</td><td>at once</td></tr>
 * <tr><td>it has no content</td><td>when the handler has returned, too: it may work on</td></tr>
 * <tr><td>the handler throws</td><td>at once: the server closes the connection</td></tr>
 * <tr><td>none of it</td><td>not as far as can be seen here</td></tr>
 * </table>
 *
 * <p>The verdict is told before the server is: a client that has seen the end finds its slot free.
 */
final class ResponseWatch implements ResponseView {

  private static final int FINAL = 200;

  private final HttpExchange exchange;
  private final Verdict.Proceed verdict;
  private final Map<String, List<String>> removed = new ConcurrentHashMap<>();

  /** Whether the header of a response, and not only of an informational one, has been sent. */
  private volatile boolean hasHeader;

  private volatile boolean sendsHeader;

  /** Nothing more will be sent. With {@link #isReturned}: who sets one reads the other. */
  private volatile boolean isOver;

  private volatile boolean isReturned;

  /**
   * @param exchange the server's own
   * @param verdict who is told
   */
  ResponseWatch(HttpExchange exchange, Verdict.Proceed verdict) {
    this.exchange = exchange;
    this.verdict = verdict;
  }

  /** Returns an exchange that is watched, of the same kind as the server's. */
  HttpExchange exchange() {
    watchStream(this::streamClosed);
    return exchange instanceof HttpsExchange https
        ? new WatchedHttpsExchange(https, this)
        : new WatchedExchange(exchange, this);
  }

  /** Returns the server's own exchange, of which the stream alone is watched. */
  HttpExchange serversOwn() {
    watchStream(this::over);
    return exchange;
  }

  /** So it is seen, too, if somebody closes the server's exchange who had it before. */
  private void watchStream(Runnable closed) {
    exchange.getRequestBody(); // the server wants it before streams are set
    exchange.setStreams(
        null, new WatchedStream(exchange.getResponseBody(), this::streamFailed, closed));
  }

  void close() {
    ended();
    exchange.close();
  }

  /** Sends a header without the fields that are to be removed, as the server's exchange does. */
  void sendResponseHeaders(int status, long length) throws IOException {
    for (String name : verdict.removedFields()) {
      List<String> lines = exchange.getResponseHeaders().remove(name);
      if (lines != null) {
        removed.put(name.toLowerCase(Locale.ROOT), lines);
      }
    }
    boolean isFirst = !hasHeader;
    sendsHeader = true;
    try {
      exchange.sendResponseHeaders(status, length);
      hasHeader |= status >= FINAL;
    } catch (IOException e) {
      if (isFirst) { // else it was sent twice, which is no trouble of the client's
        clientGone();
      }
      throw e;
    } finally {
      sendsHeader = false;
    }
    if (status >= FINAL && hasNoContent(status, length)) {
      over();
    }
  }

  private boolean hasNoContent(int status, long length) {
    return length == -1
        || status == 204
        || status == 304
        || exchange.getRequestMethod().equals("HEAD");
  }

  /** The stream of the response is closed; the server closes that of an empty one by itself. */
  void streamClosed() {
    if (!sendsHeader) {
      ended();
    }
  }

  /** The stream of the response has failed. */
  void streamFailed() {
    if (exchange.getResponseCode() >= FINAL) { // else it was too early to write
      clientGone();
    }
  }

  private void clientGone() {
    verdict.reservation().clientGone();
  }

  /** There is nothing more to come but what the handler does until it returns. */
  void over() {
    isOver = true;
    if (isReturned) {
      ended();
    }
  }

  /** The handler has returned; another thread may answer. */
  void returned() {
    isReturned = true;
    if (isOver) {
      ended();
    }
  }

  void ended() {
    verdict.ended(this);
  }

  @Override
  public int status() {
    return Math.max(0, exchange.getResponseCode());
  }

  @Override
  public List<String> headerLines(String name) {
    List<String> lines = exchange.getResponseHeaders().get(name);
    return lines != null ? lines : removed.getOrDefault(name.toLowerCase(Locale.ROOT), List.of());
  }
}
