package dev.penstock.jdkhttp;

import com.sun.net.httpserver.HttpExchange;
import dev.penstock.http.UnreadContent;
import dev.penstock.http.Verdict;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/**
 * Answers a request that is rejected, and settles what is left of its content: the answer goes out
 * first, then content is read away. One deadline is for both, since a client that takes no answers
 * fills its socket, and then whoever writes the next one waits.
 */
final class RejectedExchange {

  private RejectedExchange() {}

  /**
   * Answers the request, whose response header is set already.
   *
   * @throws IOException if the client is gone, or neither sent its content nor took the answer in
   *     time; the server then closes the connection
   */
  static void answer(HttpExchange exchange, Verdict.Reject reject, UnreadContent content)
      throws IOException {
    byte[] body = reject.body().getBytes(StandardCharsets.UTF_8);
    boolean answerIsEmpty = body.length == 0 || exchange.getRequestMethod().equals("HEAD");
    boolean lasts =
        content == UnreadContent.NONE || (content == UnreadContent.SMALL && !answerIsEmpty);
    if (!lasts) {
      exchange.getResponseHeaders().set("Connection", "close");
    }
    Deadline.run(
        UnreadContent.DEADLINE,
        () -> {
          if (answerIsEmpty) {
            exchange.sendResponseHeaders(reject.status(), -1); // ends the exchange by itself
          } else {
            send(exchange, reject.status(), body);
            exchange.getRequestBody().transferTo(OutputStream.nullOutputStream());
          }
        });
    exchange.close();
  }

  private static void send(HttpExchange exchange, int status, byte[] body) throws IOException {
    exchange.sendResponseHeaders(status, body.length);
    exchange.getResponseBody().write(body);
    exchange.getResponseBody().flush();
  }
}
