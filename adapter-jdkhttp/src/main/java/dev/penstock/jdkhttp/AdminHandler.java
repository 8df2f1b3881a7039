package dev.penstock.jdkhttp;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import dev.penstock.admin.Admin;
import dev.penstock.admin.AdminAnswer;
import dev.penstock.http.Patience;
import dev.penstock.http.UnreadContent;
import java.io.IOException;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Serves an {@link Admin}, at a path that ends in a slash, on a server of its own:
 *
 * <pre>{@code
 * HttpServer server =
 *     HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 9090), 0);
 * server.createContext("/", new AdminHandler(admin));
 * }</pre>
 *
 * <p>Thread-safe. Over a network it is to be an {@code HttpsServer}, or behind a proxy with TLS:
 * the token travels with each request.
 */
public final class AdminHandler implements HttpHandler {

  /** A stranger's content is awaited by none: the port of an admin has few threads. */
  private static final WaitingThreads NOBODY = new WaitingThreads(new AtomicInteger(), 0);

  private final Admin admin;

  /**
   * Makes a handler.
   *
   * @param admin what it serves
   */
  public AdminHandler(Admin admin) {
    this.admin = Objects.requireNonNull(admin, "admin");
  }

  @Override
  public void handle(HttpExchange exchange) throws IOException {
    ExchangeView request = new ExchangeView(exchange);
    AdminAnswer answer = admin.answer(request, exchange.getRequestBody());
    answer
        .fields()
        .forEach(field -> exchange.getResponseHeaders().set(field.name(), field.value()));
    UnreadContent content = UnreadContent.of(request);
    boolean isRead = exchange.getRequestMethod().equals("POST") && answer.status() < 400;
    if (content == UnreadContent.NONE || isRead) {
      answer(exchange, answer, content);
    } else {
      RejectedExchange.answer(
          exchange, answer.status(), answer.content(), Patience.least(), content, NOBODY);
    }
  }

  private static void answer(HttpExchange exchange, AdminAnswer answer, UnreadContent unread)
      throws IOException {
    try (exchange) {
      if (unread == UnreadContent.NONE) {
        exchange.getRequestBody().readNBytes(1); // of nothing: else the connection is not kept
      }
      if (exchange.getRequestMethod().equals("HEAD")) {
        exchange.sendResponseHeaders(answer.status(), -1);
      } else {
        byte[] content = answer.content();
        exchange.sendResponseHeaders(answer.status(), content.length);
        exchange.getResponseBody().write(content);
      }
    }
  }
}
