package dev.penstock.jdkhttp;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import dev.penstock.http.HttpAdapterContract;
import dev.penstock.http.HttpRateLimiter;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

class RateLimitFilterTest extends HttpAdapterContract {

  @Override
  protected LimitedServer start(HttpRateLimiter gate, Runnable handled) throws IOException {
    return JdkServer.start(
        server ->
            server
                .createContext("/", answering(handled))
                .getFilters()
                .add(new RateLimitFilter(gate)));
  }

  static HttpHandler answering(Runnable handled) {
    return exchange -> answer(exchange, handled);
  }

  private static void answer(HttpExchange exchange, Runnable handled) throws IOException {
    handled.run();
    byte[] body = HANDLED.getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().add(OWN_FIELD.name(), OWN_FIELD.value());
    try (exchange) {
      boolean head = exchange.getRequestMethod().equals("HEAD");
      exchange.sendResponseHeaders(200, head ? -1 : body.length);
      if (!head) {
        exchange.getResponseBody().write(body);
      }
    }
  }

  /** A server on a free port of the loopback interface, with a few threads. */
  record JdkServer(HttpServer server, ExecutorService threads) implements LimitedServer {

    interface Setup {
      void accept(HttpServer server) throws IOException;
    }

    static JdkServer start(Setup setup) throws IOException {
      HttpServer server =
          HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 128);
      ExecutorService threads = Executors.newFixedThreadPool(8);
      server.setExecutor(threads);
      setup.accept(server);
      server.start();
      return new JdkServer(server, threads);
    }

    @Override
    public int port() {
      return server.getAddress().getPort();
    }

    @Override
    public void close() {
      server.stop(0);
      threads.shutdownNow();
    }
  }
}
