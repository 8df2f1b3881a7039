package dev.penstock.http;

import static dev.penstock.http.AdapterUnderTest.gate;
import static dev.penstock.http.AdapterUnderTest.perMinute;
import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.http.HttpAdapterContract.LimitedServer;
import dev.penstock.memory.InMemoryRateLimiter;
import java.io.IOException;
import org.junit.jupiter.api.Test;

/**
 * Whoever sends all of its content before it reads, as some proxies do, sees a rejection however
 * slowly that content comes, within the gate's {@link Patience}.
 */
interface PatienceContract extends AdapterUnderTest {

  ClientAddress LOOPBACK = ClientAddress.trusting("127.0.0.0/8", "::1");
  ClientAddress ELSEWHERE_ONLY = ClientAddress.trusting("192.0.2.0/24");

  String START = RUN + " HTTP/1.1\r\nHost: localhost\r\n";

  /** Sixty of them are large, and take more than a second; 25 are small, and take half of one. */
  String PIECE = "x".repeat(2048);

  @Test
  default void point11_slowLargeContent_rejectionIsSeenAfterIt() throws IOException {
    assertRejectionIsSeen(gate(perMinute(1)), "Content-Length: 122880", PIECE, 60, "");
  }

  @Test
  default void point11_slowChunks_rejectionIsSeenAfterThem() throws IOException {
    String chunk = "800\r\n" + PIECE + "\r\n";
    assertRejectionIsSeen(gate(perMinute(1)), "Transfer-Encoding: chunked", chunk, 60, "0\r\n\r\n");
  }

  @Test
  default void point11_slowSmallContent_rejectionIsSeenAfterIt() throws IOException {
    assertRejectionIsSeen(gate(perMinute(1)), "Content-Length: 51200", PIECE, 25, "");
  }

  @Test
  default void point11_slowContentOfATrustedProxy_isReadByItsOwnPatience() throws IOException {
    HttpRateLimiter gate =
        rules(RUNS).patience(Patience.least()).patience(LOOPBACK, Patience.standard()).build();
    assertRejectionIsSeen(gate, "Content-Length: 122880", PIECE, 60, "");
  }

  /** Sends all of a rejected request's content, piece by piece, before it reads. */
  private void assertRejectionIsSeen(
      HttpRateLimiter gate, String framing, String piece, int pieces, String end)
      throws IOException {
    try (LimitedServer server = start(gate)) {
      spend(server);
      try (RawHttpClient client = new RawHttpClient(server.port())) {
        client.sendBytes(START + framing + "\r\n\r\n");
        client.sendSlowly(piece, pieces);
        client.sendBytes(end);
        assertThat(client.read(false).status()).isEqualTo(429);
      }
    }
  }

  @Test
  default void point11_slowContentOfOthers_isCutOffByTheirs() throws IOException {
    HttpRateLimiter gate =
        rules(RUNS)
            .patience(Patience.least())
            .patience(ELSEWHERE_ONLY, Patience.standard())
            .build();
    try (LimitedServer server = start(gate)) {
      spend(server);
      try (RawHttpClient client = new RawHttpClient(server.port())) {
        client.sendBytes(START + "Content-Length: 1000000\r\n\r\n");
        assertThat(client.read(false).status()).isEqualTo(429);
        assertThat(client.dripsUntilClosed("x", 400)).isTrue(); // in 8 seconds, not in 20
      }
    }
  }

  static HttpRateLimiter withPatience(String pattern, Patience patience) {
    return rules(pattern).patience(patience).build();
  }

  static HttpRateLimiterBuilder rules(String pattern) {
    return HttpRateLimiter.builder(InMemoryRateLimiter.create()).rule(pattern, perMinute(1));
  }

  static void spend(LimitedServer server) throws IOException {
    try (RawHttpClient first = new RawHttpClient(server.port())) {
      assertThat(first.send(RUN).status()).isEqualTo(200);
    }
  }
}
