package dev.penstock.jdkhttp;

import com.sun.net.httpserver.HttpExchange;
import dev.penstock.http.UnreadContent;
import dev.penstock.http.Verdict;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/**
 * Answers a request that is rejected, and settles what is left of its content: the answer goes out
 * first, then content is read away until the deadline.
 */
final class RejectedExchange {

  private RejectedExchange() {}

  /**
   * Answers the request, whose response header is set already.
   *
   * @throws IOException if the client is gone, or did not send its content in time; the server then
   *     closes the connection
   */
  static void answer(HttpExchange exchange, Verdict.Reject reject, UnreadContent content)
      throws IOException {
    byte[] body = reject.body().getBytes(StandardCharsets.UTF_8);
    boolean answerIsEmpty = body.length == 0;
    if (content == UnreadContent.LARGE || (content == UnreadContent.SMALL && answerIsEmpty)) {
      exchange.getResponseHeaders().set("Connection", "close");
    }
    if (answerIsEmpty) {
      sendEmpty(exchange, reject.status(), content);
    } else {
      exchange.sendResponseHeaders(reject.status(), body.length);
      exchange.getResponseBody().write(body);
      exchange.getResponseBody().flush();
      discard(exchange, content);
      exchange.close();
    }
  }

  /** The server ends such an exchange by itself; some versions read content before they do. */
  private static void sendEmpty(HttpExchange exchange, int status, UnreadContent content)
      throws IOException {
    if (content == UnreadContent.NONE) {
      exchange.sendResponseHeaders(status, -1);
      return;
    }
    Deadline.run(UnreadContent.DEADLINE, () -> exchange.sendResponseHeaders(status, -1));
  }

  private static void discard(HttpExchange exchange, UnreadContent content) throws IOException {
    if (content != UnreadContent.NONE) {
      InputStream unread = exchange.getRequestBody();
      Deadline.run(
          UnreadContent.DEADLINE, () -> unread.transferTo(OutputStream.nullOutputStream()));
    }
  }
}
