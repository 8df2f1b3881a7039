package dev.penstock.clients;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.Filter;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.penstock.http.Gate;
import dev.penstock.jdkhttp.RateLimitFilter;
import java.io.ByteArrayOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A service behind a gate that notes what comes and what it answers. Whoever is let through is
 * answered {@link #ANSWER}, in the shape that the path asks for.
 */
final class GuardedServer implements AutoCloseable {

  static final String ANSWER = "the answer";

  private static final int BACKLOG = 128;
  private static final int THREADS = 8;

  private final HttpServer server;
  private final ExecutorService threads = Executors.newFixedThreadPool(THREADS);
  private final List<Arrival> arrivals = new CopyOnWriteArrayList<>();

  private GuardedServer(HttpServer server) {
    this.server = server;
  }

  /** Starts on a free port of the loopback interface. */
  static GuardedServer start(Gate gate, ServerClock clock) throws IOException {
    InetSocketAddress anyPort = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    GuardedServer guarded = new GuardedServer(HttpServer.create(anyPort, BACKLOG));
    guarded.server.setExecutor(guarded.threads);
    guarded
        .server
        .createContext("/", GuardedServer::answer)
        .getFilters()
        .addAll(List.of(new NotingFilter(guarded.arrivals, clock), new RateLimitFilter(gate)));
    guarded.server.start();
    return guarded;
  }

  URI uri(String path) {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + path);
  }

  /** {@return the requests in their order; all that is answered, once the server is closed} */
  List<Arrival> arrivals() {
    return arrivals;
  }

  /** Ends what is under way. */
  @Override
  public void close() {
    server.stop(0);
    threads.shutdown();
    try {
      assertThat(threads.awaitTermination(1, TimeUnit.MINUTES)).isTrue();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  private static void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      exchange.getRequestBody().transferTo(OutputStream.nullOutputStream());
      String path = exchange.getRequestURI().getPath();
      byte[] body = Answers.of(path, ANSWER).getBytes(StandardCharsets.UTF_8);
      exchange.getResponseHeaders().set("Content-Type", Answers.type(path));
      exchange.sendResponseHeaders(200, body.length);
      exchange.getResponseBody().write(body);
    }
  }

  /**
   * A request, and what it was answered.
   *
   * @param at the time since the first
   */
  record Arrival(Duration at, HttpExchange exchange, ByteArrayOutputStream written) {

    String method() {
      return exchange.getRequestMethod();
    }

    /** {@return a field of the request} */
    @Nullable String sent(String name) {
      return exchange.getRequestHeaders().getFirst(name);
    }

    int status() {
      return exchange.getResponseCode();
    }

    /** {@return a field of the response} */
    @Nullable String field(String name) {
      return exchange.getResponseHeaders().getFirst(name);
    }

    String content() {
      return written.toString(StandardCharsets.UTF_8);
    }
  }

  private static final class NotingFilter extends Filter {

    private final List<Arrival> arrivals;
    private final ServerClock clock;

    NotingFilter(List<Arrival> arrivals, ServerClock clock) {
      this.arrivals = arrivals;
      this.clock = clock;
    }

    @Override
    public void doFilter(HttpExchange exchange, Chain chain) throws IOException {
      ByteArrayOutputStream written = new ByteArrayOutputStream();
      arrivals.add(new Arrival(clock.arrival(), exchange, written));
      exchange.setStreams(null, new CopyingStream(exchange.getResponseBody(), written));
      chain.doFilter(exchange);
    }

    @Override
    public String description() {
      return "Notes requests and answers";
    }
  }

  private static final class CopyingStream extends FilterOutputStream {

    private final ByteArrayOutputStream copy;

    CopyingStream(OutputStream out, ByteArrayOutputStream copy) {
      super(out);
      this.copy = copy;
    }

    @Override
    public void write(int b) throws IOException {
      copy.write(b);
      out.write(b);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      copy.write(bytes, offset, length);
      out.write(bytes, offset, length);
    }
  }
}
