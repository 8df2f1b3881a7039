package dev.penstock.jdkhttp;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.spi.HttpServerProvider;
import dev.penstock.Limit;
import dev.penstock.LimitPolicy;
import dev.penstock.http.Gate;
import dev.penstock.http.HttpRateLimiter;
import dev.penstock.http.Patience;
import dev.penstock.http.RawHttpClient;
import dev.penstock.memory.InMemoryRateLimiter;
import java.io.IOException;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Robaho's httpserver, which needs JDK 21, with a virtual thread for each connection. */
class RobahoTest extends OtherServerContract {

  private static final HttpServerProvider ROBAHO =
      OtherServer.provider("robaho", "robaho.net.httpserver.DefaultHttpServerProvider");

  @Override
  OtherServer serve(OtherServer.Setup setup) throws IOException {
    return OtherServer.start(
        ROBAHO,
        server -> {
          server.setExecutor(virtualThreads());
          setup.accept(server);
        });
  }

  @Override
  public boolean continuesByItself() {
    return true;
  }

  /** This server sends nothing to HEAD before it has its content; the connection ends without. */
  @Override
  @Test
  public void point11_headWithContent_isAnsweredAndNothingIsTakenForARequest() throws IOException {
    String head = HEAD.replace("POST", "HEAD") + "Content-Length: 1000\r\n\r\n";
    try (LimitedServer server = start(denying("/**"), () -> {})) {
      try (RawHttpClient client = new RawHttpClient(server.port())) {
        client.sendBytes(head);
        assertThat(client.isClosedByServer()).isTrue();
      }
      try (RawHttpClient client = new RawHttpClient(server.port())) {
        client.sendBytes(head + "x".repeat(1000) + ELSEWHERE);
        assertThat(client.read(true).status()).isEqualTo(429);
        client.readUnlessClosed().ifPresent(next -> assertThat(next.status()).isEqualTo(429));
      }
    }
  }

  /** No interrupt ends their wait for content, so they do not begin one. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "Content-Length: 1000",
        "Content-Length: 10000000",
        "Transfer-Encoding: chunked",
        "Expect: 100-continue\r\nContent-Length: 1000"
      })
  void withheldContent_threadsOfThePlatform_connectionCloses(String content) throws IOException {
    RateLimitFilter filter = new RateLimitFilter(denying("POST /runs")).waitingAtMost(1);
    try (OtherServer server =
            OtherServer.start(
                ROBAHO,
                http ->
                    http.createContext("/", RateLimitFilterTest.answering(() -> {}))
                        .getFilters()
                        .add(filter));
        RawHttpClient client = new RawHttpClient(server.port())) {
      client.sendBytes("POST /runs HTTP/1.1\r\nHost: localhost\r\n" + content + "\r\n\r\n");
      assertThat(client.read(false).status()).isEqualTo(429);
      assertThat(client.isClosedByServer()).isTrue();
    }
  }

  private static Gate denying(String pattern) {
    return HttpRateLimiter.builder(InMemoryRateLimiter.create())
        .rule(pattern, LimitPolicy.everyone("none", Limit.perDay(1)), 2)
        .patience(Patience.least())
        .build();
  }

  private static Executor virtualThreads() {
    try {
      return (Executor) Executors.class.getMethod("newVirtualThreadPerTaskExecutor").invoke(null);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("these tests need JDK 21", e);
    }
  }
}
