package dev.penstock.jdkhttp;

import com.sun.net.httpserver.HttpExchange;
import dev.penstock.http.Patience;
import dev.penstock.http.UnreadContent;
import dev.penstock.http.Verdict;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/**
 * Answers a request that is rejected, and settles what is left of its content: the answer goes out
 * first, then content is read away, as much as the gate has patience for. One deadline is for both,
 * since a client that takes no answers fills its socket, and then whoever writes the next one
 * waits. Where enough threads wait for content already, the connection is closed behind the answer
 * instead.
 */
final class RejectedExchange {

  /**
   * Behind an answer without content the server itself reads, before it gives the exchange back:
   * where no thread may wait, it has so long for that.
   */
  private static final Duration AT_ONCE = Duration.ofMillis(5);

  private static final int DISCARDED_AT_ONCE = 4096;

  private final HttpExchange exchange;
  private final int status;
  private final byte[] body;
  private final boolean empty;

  private RejectedExchange(HttpExchange exchange, int status, byte[] body) {
    this.exchange = exchange;
    this.status = status;
    this.body = body;
    this.empty = body.length == 0 || exchange.getRequestMethod().equals("HEAD");
  }

  /**
   * Answers the request, whose response header is set already.
   *
   * @throws IOException if the client is gone, or neither sent its content nor took the answer in
   *     time, or no thread may wait for the content; the server then closes the connection
   */
  static void answer(
      HttpExchange exchange, Verdict.Reject reject, UnreadContent content, WaitingThreads waiting)
      throws IOException {
    byte[] body = reject.body().getBytes(StandardCharsets.UTF_8);
    answer(exchange, reject.status(), body, reject.patience(), content, waiting);
  }

  /** Likewise, with an answer of another kind. */
  static void answer(
      HttpExchange exchange,
      int status,
      byte[] body,
      Patience patience,
      UnreadContent content,
      WaitingThreads waiting)
      throws IOException {
    RejectedExchange rejected = new RejectedExchange(exchange, status, body);
    if (content == UnreadContent.NONE
        || (content == UnreadContent.SMALL && rejected.hasArrived())) {
      rejected.answer(true, Patience.least());
    } else if (waiting.tryEnter()) {
      try {
        rejected.answer(content == UnreadContent.SMALL && !rejected.empty, patience);
      } finally {
        waiting.leave();
      }
    } else {
      rejected.answerAndClose();
    }
    exchange.close();
  }

  /** Reads what the server has read along with the header, and returns whether that was all. */
  private boolean hasArrived() throws IOException {
    InputStream content = exchange.getRequestBody();
    long left = Long.parseLong(exchange.getRequestHeaders().getFirst("Content-Length").strip());
    byte[] discarded = new byte[DISCARDED_AT_ONCE];
    int read = 0;
    while (left > 0 && read >= 0 && content.available() > 0) {
      read = content.read(discarded);
      left -= Math.max(0, read);
    }
    return left == 0 && content.read() < 0;
  }

  private void answer(boolean lasts, Patience patience) throws IOException {
    if (!lasts) {
      exchange.getResponseHeaders().set("Connection", "close");
    }
    Deadline.run(
        patience.time(),
        () -> {
          send();
          if (!empty && !readAway(patience.bytes())) {
            closeUnread();
          }
        });
  }

  private void answerAndClose() throws IOException {
    exchange.getResponseHeaders().set("Connection", "close");
    Deadline.run(empty ? AT_ONCE : UnreadContent.DEADLINE, this::send);
    if (!empty) {
      closeUnread();
    }
  }

  /** Else the server would read what is left, or as much of it as its drain amount says. */
  private void closeUnread() throws IOException {
    if (!Deadline.endsWaitsOf(exchange)) {
      throw new IOException("the client's content is left unread");
    }
    Deadline.passed(() -> readAway(Long.MAX_VALUE));
  }

  private void send() throws IOException {
    if (empty) {
      if (body.length > 0) { // to HEAD, of which Jetty would say that there is none
        exchange.getResponseHeaders().set("Content-Length", Integer.toString(body.length));
      }
      exchange.sendResponseHeaders(status, -1); // ends the exchange by itself
    } else {
      exchange.sendResponseHeaders(status, body.length);
      exchange.getResponseBody().write(body);
      exchange.getResponseBody().flush();
    }
  }

  /** Returns whether that was all. */
  private boolean readAway(long most) throws IOException {
    InputStream content = exchange.getRequestBody();
    byte[] discarded = new byte[DISCARDED_AT_ONCE];
    long left = most;
    int read = 0;
    while (left >= 0 && read >= 0) {
      read = content.read(discarded);
      left -= Math.max(0, read);
    }
    return read < 0;
  }
}
