package dev.penstock.jdkhttp;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import dev.penstock.Cost;
import dev.penstock.Identity;
import dev.penstock.Limit;
import dev.penstock.LimitPolicy;
import dev.penstock.RecordingLimiter;
import dev.penstock.http.HttpRateLimiter;
import dev.penstock.http.RawHttpClient;
import dev.penstock.jdkhttp.RateLimitFilterTest.JdkServer;
import dev.penstock.redis.Await;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** When a response has ended, however it is answered, and its slot is free again. */
class ResponseEndTest {

  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final int SLOTS = 100;
  private static final String RUN = "POST /runs";
  private static final byte[] EVENT = "data: {}\n\n".getBytes(StandardCharsets.US_ASCII);

  private final RecordingLimiter limiter = new RecordingLimiter();
  private final LimitPolicy policy = LimitPolicy.everyone("slots", Limit.inFlight(SLOTS));
  private final HttpRateLimiter gate =
      HttpRateLimiter.builder(limiter).rule("/runs", policy).build();

  /** What handlers tell the test. */
  private final BlockingQueue<Object> told = new LinkedBlockingQueue<>();

  @ParameterizedTest
  @EnumSource
  void exchangeClosed_endsIt(Mount mount) throws Exception {
    assertAnsweredAndFree(
        mount,
        "right",
        exchange -> {
          exchange.sendResponseHeaders(200, 5);
          exchange.getResponseBody().write("right".getBytes(StandardCharsets.US_ASCII));
          told.add(held());
          exchange.close();
        });
    assertThat(told).containsExactly(1L);
  }

  @ParameterizedTest
  @EnumSource
  void streamClosed_endsIt(Mount mount) throws Exception {
    assertAnsweredAndFree(
        mount,
        "right",
        exchange -> {
          exchange.sendResponseHeaders(200, 5);
          try (OutputStream content = exchange.getResponseBody()) {
            content.write('r');
            content.write("ight".getBytes(StandardCharsets.US_ASCII));
            told.add(held());
          }
        });
    assertThat(told).containsExactly(1L);
  }

  @ParameterizedTest
  @EnumSource
  void eventStreamThatEnds_endsIt(Mount mount) throws Exception {
    assertAnsweredAndFree(
        mount,
        "data: {}\n\n".repeat(3),
        exchange -> {
          exchange.sendResponseHeaders(200, 0);
          for (int i = 0; i < 3; i++) {
            exchange.getResponseBody().write(EVENT);
            exchange.getResponseBody().flush();
            told.add(held());
          }
          exchange.close();
        });
    assertThat(told).containsExactly(1L, 1L, 1L);
  }

  private void assertAnsweredAndFree(Mount mount, String content, HttpHandler handler)
      throws IOException {
    try (JdkServer server = serve(mount, handler);
        RawHttpClient client = new RawHttpClient(server.port())) {
      assertThat(client.send(RUN).body()).isEqualTo(content);
      awaitFree();
      assertThat(limiter.done()).containsExactly("reserve", "close");
    }
  }

  /** Else a client that asks for one thing after the other would be denied now and then. */
  @ParameterizedTest
  @EnumSource(names = {"HANDLER", "FILTER", "HANDLER_BEHIND_AUTHENTICATOR"})
  void clientThatHasSeenTheEnd_findsItsSlotFree(Mount mount) throws Exception {
    HttpHandler handler =
        exchange -> {
          exchange.sendResponseHeaders(200, 0);
          exchange.getResponseBody().write(EVENT);
          exchange.getResponseBody().close();
        };
    try (JdkServer server = serve(mount, handler);
        RawHttpClient client = new RawHttpClient(server.port())) {
      for (int i = 0; i < 50; i++) {
        client.send(RUN);
        assertThat(held()).isZero();
      }
    }
  }

  /** How a handler may fail. */
  enum Failure {
    EXCEPTION {
      @Override
      void fail() {
        throw new IllegalStateException("no model");
      }
    },
    IO_EXCEPTION {
      @Override
      void fail() throws IOException {
        throw new IOException("no model");
      }
    },
    ERROR {
      @Override
      void fail() {
        throw new NoClassDefFoundError("com/example/Model");
      }
    };

    abstract void fail() throws IOException;
  }

  @ParameterizedTest
  @EnumSource
  void handlerThatThrowsBeforeAnything_endsIt(Failure failure) throws Exception {
    for (Mount mount : Mount.values()) {
      try (JdkServer server = serve(mount, exchange -> failure.fail());
          RawHttpClient client = new RawHttpClient(server.port())) {
        client.sendBytes(RUN + " HTTP/1.1\r\nHost: x\r\n\r\n");
        awaitReserved();
        awaitFree();
        limiter.done().clear();
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void handlerThatThrowsInMidStream_endsIt(Mount mount) throws Exception {
    HttpHandler handler =
        exchange -> {
          exchange.sendResponseHeaders(200, 0);
          exchange.getResponseBody().write(EVENT);
          exchange.getResponseBody().flush();
          throw new IllegalStateException("no model");
        };
    try (JdkServer server = serve(mount, handler);
        RawHttpClient client = new RawHttpClient(server.port())) {
      client.sendBytes(RUN + " HTTP/1.1\r\nHost: x\r\n\r\n");
      awaitReserved();
      awaitFree();
      assertThat(limiter.done()).containsExactly("reserve", "close");
    }
  }

  /** The write that fails is the first that anybody can see: its slot is free by then. */
  @ParameterizedTest
  @EnumSource
  void clientThatGoesAwayInMidStream_freesItsSlotAtTheFirstFailure(Mount mount) throws Exception {
    HttpHandler handler =
        exchange -> {
          exchange.sendResponseHeaders(200, 0);
          told.add("begun");
          try {
            while (true) {
              exchange.getResponseBody().write(EVENT);
              exchange.getResponseBody().flush();
            }
          } catch (IOException e) {
            told.add(held());
            throw e;
          }
        };
    try (JdkServer server = serve(mount, handler);
        RawHttpClient client = new RawHttpClient(server.port())) {
      client.sendBytes(RUN + " HTTP/1.1\r\nHost: x\r\n\r\n");
      assertThat(next()).isEqualTo("begun");
      client.goAway();
      assertThat(next()).isEqualTo(0L);
      Await.until("closed", PATIENCE, () -> limiter.done().size() == 3);
      assertThat(limiter.done()).containsExactly("reserve", "gone", "close");
    }
  }

  @Test
  void clientThatGoesAway_tellsTheApplication() throws Exception {
    LimitedHandler handler =
        (exchange, verdict) -> {
          CompletableFuture<Void> gone = new CompletableFuture<>();
          verdict.reservation().onClientGone(() -> gone.complete(null));
          exchange.sendResponseHeaders(200, 0);
          told.add("begun");
          try (exchange) {
            try {
              while (true) {
                exchange.getResponseBody().write(EVENT);
                exchange.getResponseBody().flush();
              }
            } catch (IOException e) {
              told.add(gone.isDone());
            }
            verdict.reservation().settle(Cost.of(3));
          }
        };
    try (JdkServer server =
            JdkServer.start(http -> http.createContext("/", RateLimitFilter.wrap(gate, handler)));
        RawHttpClient client = new RawHttpClient(server.port())) {
      client.sendBytes(RUN + " HTTP/1.1\r\nHost: x\r\n\r\n");
      assertThat(next()).isEqualTo("begun");
      client.goAway();
      assertThat(next()).isEqualTo(true);
      awaitFree();
      Await.until("closed", PATIENCE, () -> limiter.done().size() == 4);
      assertThat(limiter.done()).containsExactly("reserve", "gone", "settle", "close");
    }
  }

  @ParameterizedTest
  @EnumSource
  void anotherThreadThatAnswers_holdsItUntilItCloses(Mount mount) throws Exception {
    HttpHandler handler = handingOver();
    try (JdkServer server = serve(mount, handler);
        RawHttpClient client = new RawHttpClient(server.port());
        RawHttpClient other = new RawHttpClient(server.port())) {
      client.sendBytes(RUN + " HTTP/1.1\r\nHost: x\r\n\r\n");
      HttpExchange exchange = (HttpExchange) next();
      awaitServed(other);
      assertThat(held()).isEqualTo(1);
      exchange.sendResponseHeaders(200, 0);
      exchange.getResponseBody().write(EVENT);
      exchange.getResponseBody().flush();
      assertThat(held()).isEqualTo(1);
      exchange.close();
      assertThat(held()).isZero();
      assertThat(client.read(false).body()).isEqualTo("data: {}\n\n");
    }
  }

  @ParameterizedTest
  @EnumSource
  void anotherThreadWhoseClientGoesAway_freesItsSlotAtTheFirstFailure(Mount mount)
      throws Exception {
    try (JdkServer server = serve(mount, handingOver());
        RawHttpClient client = new RawHttpClient(server.port())) {
      client.sendBytes(RUN + " HTTP/1.1\r\nHost: x\r\n\r\n");
      HttpExchange exchange = (HttpExchange) next();
      exchange.sendResponseHeaders(200, 0);
      client.goAway();
      try (OutputStream events = exchange.getResponseBody()) {
        while (true) {
          events.write(EVENT);
          events.flush();
        }
      } catch (IOException e) {
        assertThat(limiter.done()).startsWith("reserve", "gone");
      }
      awaitFree();
    }
  }

  /** The server ends a response without content by itself; the handler may work on. */
  @ParameterizedTest
  @CsvSource({"POST, 204, -1", "POST, 202, -1", "HEAD, 200, -1", "HEAD, 200, 100", "POST, 304, -1"})
  void noContent_isHeldUntilTheHandlerReturns(String method, int status, long length)
      throws Exception {
    for (Mount mount : Mount.values()) {
      HttpHandler handler =
          exchange -> {
            exchange.sendResponseHeaders(status, length);
            told.add(held());
          };
      try (JdkServer server = serve(mount, handler);
          RawHttpClient client = new RawHttpClient(server.port())) {
        client.sendBytes(method + " /runs HTTP/1.1\r\nHost: x\r\n\r\n");
        assertThat(client.read(true).status()).isEqualTo(status);
        assertThat(next()).as(mount.name()).isEqualTo(1L);
        awaitFree();
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void noContent_ofAnotherThread_endsIt(Mount mount) throws Exception {
    try (JdkServer server = serve(mount, handingOver());
        RawHttpClient client = new RawHttpClient(server.port());
        RawHttpClient other = new RawHttpClient(server.port())) {
      client.sendBytes(RUN + " HTTP/1.1\r\nHost: x\r\n\r\n");
      HttpExchange exchange = (HttpExchange) next();
      awaitServed(other);
      exchange.sendResponseHeaders(204, -1);
      awaitFree();
      assertThat(client.read(true).status()).isEqualTo(204);
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"HANDLER", "FILTER", "HANDLER_BEHIND_AUTHENTICATOR"})
  void exchangeClosedWithoutAnAnswer_endsIt(Mount mount) throws Exception {
    try (JdkServer server = serve(mount, HttpExchange::close);
        RawHttpClient client = new RawHttpClient(server.port())) {
      client.sendBytes(RUN + " HTTP/1.1\r\nHost: x\r\n\r\n");
      assertThat(client.readUnlessClosed()).isEmpty();
      awaitFree();
    }
  }

  /** Nobody knows whether it is still to be answered. */
  @ParameterizedTest
  @EnumSource
  void neverEnded_isHeld(Mount mount) throws Exception {
    try (JdkServer server = serve(mount, handingOver());
        RawHttpClient client = new RawHttpClient(server.port());
        RawHttpClient other = new RawHttpClient(server.port())) {
      client.sendBytes(RUN + " HTTP/1.1\r\nHost: x\r\n\r\n");
      HttpExchange exchange = (HttpExchange) next();
      client.goAway();
      awaitServed(other);
      assertThat(held()).isEqualTo(1);
      exchange.close(); // until then somebody can answer, and no collection frees the slot
    }
  }

  private HttpHandler handingOver() {
    return exchange -> {
      if (exchange.getRequestURI().getPath().equals("/runs")) {
        told.add(exchange);
      } else {
        exchange.sendResponseHeaders(204, -1);
      }
    };
  }

  /** Waits until the server has done with what came before, on each of its threads. */
  private static void awaitServed(RawHttpClient other) throws IOException {
    for (int i = 0; i < JdkServer.THREADS * 2; i++) {
      assertThat(other.send("GET /elsewhere").status()).isEqualTo(204);
    }
  }

  private long held() {
    return SLOTS - limiter.peek(Identity.named("test", "x"), policy).buckets().get(0).remaining();
  }

  private JdkServer serve(Mount mount, HttpHandler handler) throws IOException {
    return JdkServer.start(server -> mount.mount(server, gate, handler));
  }

  private Object next() throws InterruptedException {
    Object next = told.poll(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    assertThat(next).as("told by the handler").isNotNull();
    return next;
  }

  private void awaitReserved() {
    Await.until("reserved", PATIENCE, () -> !limiter.done().isEmpty());
  }

  private void awaitFree() {
    Await.until("free", PATIENCE, () -> held() == 0);
  }
}
