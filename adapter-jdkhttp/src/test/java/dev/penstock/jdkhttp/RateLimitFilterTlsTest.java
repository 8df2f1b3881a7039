package dev.penstock.jdkhttp;

import static dev.penstock.jdkhttp.RateLimitFilterTest.answering;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import dev.penstock.Limit;
import dev.penstock.LimitPolicy;
import dev.penstock.http.HttpRateLimiter;
import dev.penstock.http.Patience;
import dev.penstock.http.RawHttpClient;
import dev.penstock.http.TestTls;
import dev.penstock.jdkhttp.RateLimitFilterTest.JdkServer;
import dev.penstock.memory.InMemoryRateLimiter;
import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The deadline of rejections on a real {@code HttpsServer}, which reads and writes by an engine.
 */
class RateLimitFilterTlsTest {

  private static final Duration PATIENCE = Duration.ofMinutes(1);
  private static final int THREADS = 2;
  private static final String RUN = "POST /runs HTTP/1.1\r\nHost: x\r\n";

  /** More than the server has threads. */
  private static final int MANY = 6;

  @TempDir private static Path directory;
  private static TestTls tls;

  private final HttpRateLimiter gate =
      HttpRateLimiter.builder(InMemoryRateLimiter.create())
          .rule("POST /runs", LimitPolicy.everyone("all", Limit.perDay(1)), 2)
          .patience(Patience.least())
          .build();

  @BeforeAll
  static void makeCertificate() throws IOException, GeneralSecurityException {
    tls = TestTls.of(directory, "ip:127.0.0.1");
  }

  @Test
  void smallContent_connectionServesTheNextRequest() throws IOException {
    try (JdkServer server = start();
        RawHttpClient client = connect(server)) {
      client.sendBytes(RUN + "Content-Length: 5\r\n\r\n12345");
      assertThat(client.read(false).status()).isEqualTo(429);
      assertThat(client.send("GET /elsewhere").status()).isEqualTo(200);
    }
  }

  @Test
  void withheldContent_keepsNoThreadAndTheConnectionCloses() throws IOException {
    List<RawHttpClient> withholding = new ArrayList<>();
    try (JdkServer server = start()) {
      for (int i = 0; i < MANY; i++) {
        RawHttpClient client = connect(server);
        withholding.add(client);
        client.sendBytes(RUN + "Content-Length: 1000\r\n\r\n");
        assertThat(client.read(false).status()).isEqualTo(429);
      }
      assertServesOthers(server);
      for (RawHttpClient client : withholding) {
        assertThat(client.isClosedByServer()).isTrue();
      }
    } finally {
      for (RawHttpClient client : withholding) {
        client.close();
      }
    }
  }

  @Test
  void slowContent_isCutOff() throws IOException {
    try (JdkServer server = start();
        RawHttpClient client = connect(server)) {
      client.sendBytes(RUN + "Content-Length: 1000\r\n\r\n");
      assertThat(client.read(false).status()).isEqualTo(429);
      assertThat(client.dripsUntilClosed("x", 1000)).isTrue();
    }
  }

  @Test
  void unreadAnswers_areCutOffAndKeepNoThread() throws IOException {
    String requests = (RUN + "\r\n").repeat(500);
    try (JdkServer server = start()) {
      for (int i = 0; i < THREADS; i++) {
        try (RawHttpClient client = connect(server)) {
          assertThat(assertTimeoutPreemptively(PATIENCE, () -> client.sendsUntilClosed(requests)))
              .isTrue();
        }
      }
      assertServesOthers(server);
    }
  }

  private static void assertServesOthers(JdkServer server) throws IOException {
    try (RawHttpClient other = connect(server)) {
      assertThat(other.send("GET /elsewhere").status()).isEqualTo(200);
    }
  }

  private JdkServer start() throws IOException {
    return JdkServer.startTls(
        tls.server(),
        THREADS,
        http -> http.createContext("/", RateLimitFilter.wrap(gate, answering(() -> {}))));
  }

  private static RawHttpClient connect(JdkServer server) throws IOException {
    return RawHttpClient.withSmallBuffer(server.port(), tls.client());
  }
}
