package dev.penstock.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import dev.penstock.http.HttpAdapterContract.LimitedServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;

/**
 * A rejected request's content is never taken for a request, and a client that withholds it, or
 * does not take the answer, keeps no thread (RFC 9112 sections 9.3 and 9.6). For subclasses of
 * {@link HttpAdapterContract} whose server speaks HTTP/1.1.
 */
public interface UnreadContentContract extends PatienceContract {

  String ELSEWHERE = "GET /elsewhere HTTP/1.1\r\nHost: localhost\r\n\r\n";
  String HEAD = RUN + " HTTP/1.1\r\nHost: localhost\r\n";

  List<String> HELD_BACK =
      List.of(
          "Expect: 100-continue\r\nContent-Length: 1000\r\n\r\n",
          "Expect: 100-continue\r\nContent-Length: 10000000\r\n\r\n",
          "Expect: 100-continue\r\nTransfer-Encoding: chunked\r\n\r\n");

  Duration LONG = Duration.ofSeconds(30);

  /** Four times what a server of this contract has threads, so that they are kept four times. */
  int MANY = 40;

  /** For {@link #MANY} clients that may keep a thread for a second each, and a slow machine. */
  Duration SHORT_HOLDS = Duration.ofSeconds(6);

  @Test
  default void point11_noContent_connectionServesTheNextRequest() throws IOException {
    try (LimitedServer server = start(impatient());
        RawHttpClient client = new RawHttpClient(server.port())) {
      client.send(RUN);
      assertThat(client.send(RUN).status()).isEqualTo(429);
      assertThat(client.send(RUN, "Content-Length: 0").status()).isEqualTo(429);
      assertThat(client.send("GET /elsewhere").body()).isEqualTo(HttpAdapterContract.HANDLED);
    }
  }

  @Test
  default void point11_smallContent_nextPipelinedRequestIsAnsweredAsItself() throws IOException {
    try (LimitedServer server = start(impatient());
        RawHttpClient client = new RawHttpClient(server.port())) {
      client.send(RUN);
      for (int length : new int[] {1, HEAD.length() + 2, 60_000}) {
        String content = (HEAD + "\r\n").repeat(60_000 / HEAD.length() + 1).substring(0, length);
        client.sendBytes(HEAD + "Content-Length: " + length + "\r\n\r\n" + content + ELSEWHERE);
        assertThat(client.read(false).status()).isEqualTo(429);
        RawHttpClient.Response next = client.read(false);
        assertThat(next.status()).isEqualTo(200);
        assertThat(next.body()).isEqualTo(HttpAdapterContract.HANDLED);
      }
      assertThat(handledRequests()).isEqualTo(4);
    }
  }

  @Test
  default void point11_largeContent_isAnsweredAndTheConnectionCloses() throws IOException {
    try (LimitedServer server = start(impatient())) {
      spend(server);
      try (RawHttpClient client = new RawHttpClient(server.port())) {
        client.sendBytes(HEAD + "Content-Length: 10000000\r\n\r\n" + ELSEWHERE.repeat(100));
        assertRejectedAndClosed(client);
      }
      assertThat(handledRequests()).isEqualTo(1);
    }
  }

  @Test
  default void point11_endlessContent_isCutOff() throws IOException {
    try (LimitedServer server = start(impatient())) {
      spend(server);
      try (RawHttpClient client = new RawHttpClient(server.port())) {
        client.sendBytes(HEAD + "Content-Length: 999999999999\r\n\r\n");
        assertThat(client.read(false).status()).isEqualTo(429);
        assertThat(client.sendsUntilClosed("x".repeat(10_000))).isTrue();
      }
    }
  }

  @Test
  default void point11_slowContent_isCutOff() throws IOException {
    try (LimitedServer server = start(impatient())) {
      spend(server);
      try (RawHttpClient client = new RawHttpClient(server.port())) {
        client.sendBytes(HEAD + "Content-Length: 1000\r\n\r\n");
        assertThat(client.read(false).status()).isEqualTo(429);
        assertThat(client.dripsUntilClosed("x", 1000)).isTrue();
      }
    }
  }

  @Test
  default void point11_chunkedContent_isNeverTakenForARequest() throws IOException {
    try (LimitedServer server = start(impatient())) {
      spend(server);
      for (String end : List.of("", "0\r\n\r\n" + ELSEWHERE)) {
        try (RawHttpClient client = new RawHttpClient(server.port())) {
          String chunk = Integer.toHexString(ELSEWHERE.length()) + "\r\n" + ELSEWHERE + "\r\n";
          client.sendBytes(HEAD + "Transfer-Encoding: chunked\r\n\r\n" + chunk + end);
          assertRejectedAndClosed(client);
        }
      }
      assertThat(handledRequests()).isEqualTo(1);
    }
  }

  /** Returns whether the server asks for held back content before it knows the answer. */
  default boolean continuesByItself() {
    return false;
  }

  @Test
  default void point11_expectContinue_isAnsweredWithoutTheContent() throws IOException {
    try (LimitedServer server = start(impatient())) {
      spend(server);
      for (String content : HELD_BACK) {
        try (RawHttpClient client = new RawHttpClient(server.port())) {
          client.sendBytes(HEAD + content);
          assertRejectedAndClosed(client);
          assertThat(client.interim())
              .as(content)
              .isEqualTo(continuesByItself() ? List.of(100) : List.of());
        }
      }
    }
  }

  @Test
  default void point11_headWithContent_isAnsweredAndNothingIsTakenForARequest() throws IOException {
    HttpRateLimiter gate = PatienceContract.withPatience("/agents/*/runs", Patience.least());
    String head = HEAD.replace("POST", "HEAD") + "Content-Length: 1000\r\n\r\n";
    try (LimitedServer server = start(gate)) {
      spend(server);
      try (RawHttpClient client = new RawHttpClient(server.port())) {
        client.sendBytes(head);
        assertThat(client.read(true).status()).isEqualTo(429);
        assertThat(client.isClosedByServer()).isTrue();
      }
      try (RawHttpClient client = new RawHttpClient(server.port())) {
        client.sendBytes(head + "x".repeat(1000) + ELSEWHERE);
        assertThat(client.read(true).status()).isEqualTo(429);
        client.readUnlessClosed().ifPresent(next -> assertThat(next.status()).isEqualTo(200));
      }
    }
  }

  /** The server's threads are fewer than these clients, and each of them would wait for ever. */
  @Test
  default void point11_withheldContent_keepsNoThread() throws IOException {
    assertWithholding(
        HEAD, List.of("Content-Length: 1000\r\n\r\n", "Transfer-Encoding: chunked\r\n\r\n"));
  }

  @Test
  default void point11_heldBackContent_keepsNoThread() throws IOException {
    assertWithholding(HEAD, HELD_BACK);
  }

  /** A server must not heed what a client of HTTP/1.0 expects (RFC 9110 section 10.1.1). */
  @Test
  default void point11_heldBackContentOfHttp10_keepsNoThread() throws IOException {
    assertWithholding(HEAD.replace("HTTP/1.1", "HTTP/1.0"), HELD_BACK.subList(0, 2));
  }

  private void assertWithholding(String head, List<String> contents) throws IOException {
    List<RawHttpClient> withholding = new ArrayList<>();
    try (LimitedServer server = start(impatient())) {
      spend(server);
      for (int i = 0; i < MANY; i++) {
        RawHttpClient client = new RawHttpClient(server.port());
        withholding.add(client);
        client.sendBytes(head + contents.get(i % contents.size()));
      }
      assertTimeoutPreemptively(SHORT_HOLDS, () -> assertServed(server, 1));
      for (RawHttpClient client : withholding) {
        assertThat(client.read(false).status()).isEqualTo(429);
        assertThat(client.isClosedByServer()).isTrue();
      }
    } finally {
      for (RawHttpClient client : withholding) {
        client.close();
      }
    }
  }

  /** Answers that nobody takes fill the socket, and then whoever writes one would wait. */
  @Test
  default void point11_untakenAnswers_keepNoThread() throws Exception {
    List<RawHttpClient> flooding = new ArrayList<>();
    ExecutorService threads = Executors.newCachedThreadPool();
    HttpRateLimiter gate =
        PatienceContract.rules(RUNS).patience(Patience.least()).responses(largeAnswers()).build();
    try (LimitedServer server = start(gate)) {
      spend(server);
      for (int i = 0; i < MANY; i++) {
        RawHttpClient client = RawHttpClient.withSmallBuffer(server.port());
        flooding.add(client);
        threads.execute(() -> flood(client));
      }
      // More requests than a flood needs to fill its socket.
      assertTimeoutPreemptively(LONG, () -> assertServed(server, 100));
    } finally {
      for (RawHttpClient client : flooding) {
        client.close();
      }
      threads.shutdown();
    }
  }

  /** Of some forty in the socket there is no room, where it takes thousands of usual ones. */
  private static ResponseStyle largeAnswers() {
    String body = "x".repeat(64 * 1024);
    return ResponseStyle.builder()
        .rejection((decision, standard) -> new Rejection(standard.status(), "text/plain", body))
        .build();
  }

  private static void flood(RawHttpClient client) {
    try {
      client.sendsUntilClosed((HEAD + "\r\n").repeat(500));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void assertServed(LimitedServer server, int requests) throws IOException {
    try (RawHttpClient other = new RawHttpClient(server.port())) {
      for (int i = 0; i < requests; i++) {
        assertThat(other.send("GET /elsewhere").status()).isEqualTo(200);
      }
    }
  }

  private static void assertRejectedAndClosed(RawHttpClient client) throws IOException {
    RawHttpClient.Response denied = client.read(false);
    assertThat(denied.status()).isEqualTo(429);
    assertThat(denied.value("Connection")).isEqualToIgnoringCase("close");
    assertThat(client.isClosedByServer()).isTrue();
  }

  /** So that none of these tests waits for long. */
  private static HttpRateLimiter impatient() {
    return PatienceContract.withPatience(RUNS, Patience.least());
  }

  private static void spend(LimitedServer server) throws IOException {
    PatienceContract.spend(server);
  }
}
