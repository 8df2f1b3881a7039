package dev.penstock.jdkhttp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import com.sun.net.httpserver.Filter;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import dev.penstock.Limit;
import dev.penstock.LimitPolicy;
import dev.penstock.http.Gate;
import dev.penstock.http.HttpAdapterContract;
import dev.penstock.http.HttpRateLimiter;
import dev.penstock.http.RawHttpClient;
import dev.penstock.http.UnreadContentContract;
import dev.penstock.memory.InMemoryRateLimiter;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.Test;

class RateLimitFilterTest extends HttpAdapterContract implements UnreadContentContract {

  private static final Duration PATIENCE = Duration.ofMinutes(1);

  @Override
  protected LimitedServer start(Gate gate, Runnable handled) throws IOException {
    return JdkServer.start(
        server ->
            server
                .createContext("/", answering(handled))
                .getFilters()
                .addAll(List.of(new OuterFilter(), new RateLimitFilter(gate))));
  }

  @Override
  public boolean continuesByItself() {
    return true;
  }

  /** Two clients would stop this server, if their rejections waited for their content. */
  @Test
  void point12_withheldContent_keepsNeitherOfTwoThreads() throws IOException {
    HttpRateLimiter gate =
        HttpRateLimiter.builder(InMemoryRateLimiter.create())
            .rule("POST /runs", LimitPolicy.everyone("all", Limit.perDay(1)), 1)
            .build();
    List<RawHttpClient> withholding = new ArrayList<>();
    try (LimitedServer server =
            JdkServer.start(
                2,
                http -> http.createContext("/", RateLimitFilter.wrap(gate, answering(() -> {}))));
        RawHttpClient other = new RawHttpClient(server.port())) {
      assertThat(other.send("POST /runs").status()).isEqualTo(200);
      for (int i = 0; i < 6; i++) {
        RawHttpClient client = new RawHttpClient(server.port());
        withholding.add(client);
        client.sendBytes("POST /runs HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n");
        assertThat(client.read(false).status()).isEqualTo(429);
      }
      assertThat(other.send("GET /health").status()).isEqualTo(200);
    } finally {
      for (RawHttpClient client : withholding) {
        client.close();
      }
    }
  }

  /** Answers that nobody takes fill the socket, and then whoever writes one would wait. */
  @Test
  void point11_unreadAnswers_areCutOff() throws IOException {
    HttpRateLimiter gate =
        HttpRateLimiter.builder(InMemoryRateLimiter.create())
            .rule("POST /runs", LimitPolicy.everyone("all", Limit.perDay(1)), 2)
            .build();
    String requests = "POST /runs HTTP/1.1\r\nHost: x\r\n\r\n".repeat(500);
    try (LimitedServer server = start(gate, () -> {});
        RawHttpClient client = RawHttpClient.withSmallBuffer(server.port())) {
      assertThat(assertTimeoutPreemptively(PATIENCE, () -> client.sendsUntilClosed(requests)))
          .isTrue();
    }
  }

  /** Puts on every response what the contract wants there before the gate. */
  static final class OuterFilter extends Filter {

    @Override
    public void doFilter(HttpExchange exchange, Chain chain) throws IOException {
      OUTER_FIELDS.forEach(field -> exchange.getResponseHeaders().add(field.name(), field.value()));
      chain.doFilter(exchange);
    }

    @Override
    public String description() {
      return "Adds fields";
    }
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

    static final int THREADS = 8;

    private static final int BACKLOG = 128;

    interface Setup {
      void accept(HttpServer server) throws IOException;
    }

    static JdkServer start(Setup setup) throws IOException {
      return start(THREADS, setup);
    }

    static JdkServer start(int poolSize, Setup setup) throws IOException {
      return start(HttpServer.create(loopback(), BACKLOG), poolSize, setup);
    }

    /** Starts a server that shows the certificate of {@code tls}. */
    static JdkServer startTls(SSLContext tls, int poolSize, Setup setup) throws IOException {
      HttpsServer server = HttpsServer.create(loopback(), BACKLOG);
      server.setHttpsConfigurator(new HttpsConfigurator(tls));
      return start(server, poolSize, setup);
    }

    private static InetSocketAddress loopback() {
      return new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    }

    private static JdkServer start(HttpServer server, int poolSize, Setup setup)
        throws IOException {
      ExecutorService threads = Executors.newFixedThreadPool(poolSize);
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
