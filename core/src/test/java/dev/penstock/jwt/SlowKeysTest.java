package dev.penstock.jwt;

import static dev.penstock.jwt.TestTokens.NOW;
import static dev.penstock.jwt.TestTokens.RSA;
import static dev.penstock.jwt.TestTokens.U1_OF_ACME;
import static dev.penstock.jwt.TestTokens.rs256;
import static dev.penstock.jwt.TestTokens.token;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.CapturedLog;
import dev.penstock.FakeClock;
import dev.penstock.redis.Await;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.logging.LogRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Keys from a server that is never silent for long and never done, and without a thread. */
class SlowKeysTest {

  /** Also for whoever answers at once, on a machine that is busy. */
  private static final int TOTAL_MILLIS = 2_500;

  private static final Duration DEADLINE = Duration.ofSeconds(20);
  private static final String KEYS = TestJwks.set(TestJwks.key(RSA.getPublic(), "'kid':'k'"));
  private static final String TOKEN =
      token("{'alg':'RS256','kid':'k'}", U1_OF_ACME, rs256(RSA.getPrivate()));
  private static final String HEADER = "HTTP/1.1 200 OK\r\nX: ";
  private static final String SLOW = "java.io.IOException: slower than 2500 ms";

  private final FakeClock clock = new FakeClock(0);
  private final CapturedLog log = new CapturedLog(JwtIdentityResolver.class);
  private final DrippingServer server = new DrippingServer();

  SlowKeysTest() throws IOException {}

  @AfterEach
  void close() throws IOException {
    server.close();
    log.close();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "HTTP/1.1 200 ",
        HEADER,
        "HTTP/1.1 200 OK\r\nContent-Length: 99999\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;",
      })
  void builder_drippingServer_beginsWithoutKeys(String start) {
    server.drip(start);
    assertThat(accepts(resolver(keys(KeyUrl::daemon)))).isFalse();

    assertThat(reasons()).containsExactly(SLOW);
  }

  @Test
  void current_drippingHeader_isDisconnectedFromAndTriedAgain() {
    RemoteKeys keys = keys(KeyUrl::daemon);
    JwtIdentityResolver resolver = resolver(keys);
    TokenVerifier verifier = keys.current();
    server.drip(HEADER);
    clock.advance(Duration.ofMinutes(5));
    keys.current();
    awaitLines(1);
    Await.until("disconnection", DEADLINE, () -> server.open() == 0);

    assertThat(reasons()).containsExactly(SLOW);
    assertThat(accepts(resolver)).isTrue();
    assertThat(keys.current()).isSameAs(verifier);
    server.serve();
    Await.until("next fetch", DEADLINE, () -> triesAgain(keys));
  }

  /** The JDK reads such a header under a lock, so the thread is left until the server ends. */
  @Test
  void current_drippingChunkHeader_leavesOneThreadAndBeginsNoOther() throws InterruptedException {
    List<Thread> exchanges = new CopyOnWriteArrayList<>();
    List<Thread> fetches = new CopyOnWriteArrayList<>();
    RemoteKeys keys = new RemoteKeys(url(noting(exchanges)), clock, noting(fetches), null);
    server.drip("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;");
    clock.advance(Duration.ofMinutes(4));
    for (int i = 1; i <= 10; i++) {
      clock.advance(Duration.ofMinutes(1));
      keys.current();
      assertThat(fetches).hasSize(i);
      fetches.get(i - 1).join();
    }
    assertThat(exchanges).hasSize(2);
    assertThat(reasons()).containsExactly(SLOW);

    server.serve();
    Await.until("next fetch", DEADLINE, () -> triesAgain(keys));
  }

  private static ThreadFactory noting(List<Thread> threads) {
    return work -> {
      Thread thread = KeyUrl.daemon(work);
      threads.add(thread);
      return thread;
    };
  }

  @Test
  void current_noThreadForAFetch_keepsTheLastKeysAndTriesAgain() {
    AtomicBoolean none = new AtomicBoolean();
    RemoteKeys keys =
        new RemoteKeys(
            url(KeyUrl::daemon),
            clock,
            work -> none.get() ? noThread() : KeyUrl.daemon(work),
            null);
    JwtIdentityResolver resolver = resolver(keys);
    none.set(true);
    clock.advance(Duration.ofMinutes(5));

    assertThat(accepts(resolver)).isTrue();
    assertThat(reasons()).containsExactly("java.lang.OutOfMemoryError: no thread");
    none.set(false);
    Await.until("next fetch", DEADLINE, () -> triesAgain(keys));
  }

  @Test
  void builder_noThreadForTheExchange_beginsWithoutKeys() {
    assertThat(accepts(resolver(keys(work -> noThread())))).isFalse();

    assertThat(reasons()).containsExactly("java.io.IOException: no thread for it");
  }

  /** Returns whether a fetch has succeeded, and makes the next one due. */
  private boolean triesAgain(RemoteKeys keys) {
    clock.advance(Duration.ofMinutes(1));
    keys.current();
    return lines().size() == 2 && lines().get(1).endsWith("are fetched again");
  }

  private void awaitLines(int count) {
    Await.until(count + " lines", DEADLINE, () -> lines().size() == count);
  }

  private List<String> reasons() {
    String failed = "The keys of " + server.url() + " cannot be fetched, ";
    return lines().stream()
        .map(line -> line.replace(failed, ""))
        .map(line -> line.replaceFirst("^(those from before stay|so no token is valid yet): ", ""))
        .toList();
  }

  /** A fetch of the test before may end, and say so, when its server is gone. */
  private List<String> lines() {
    return log.records().stream()
        .map(LogRecord::getMessage)
        .filter(line -> line.contains(server.url().toString()))
        .toList();
  }

  private RemoteKeys keys(ThreadFactory threads) {
    return new RemoteKeys(url(threads), clock);
  }

  private KeyUrl url(ThreadFactory threads) {
    return new KeyUrl(server.url(), null, TOTAL_MILLIS, threads);
  }

  private static Thread noThread() {
    throw new OutOfMemoryError("no thread");
  }

  private static JwtIdentityResolver resolver(RemoteKeys keys) {
    return JwtIdentityResolver.builder().clock(InstantSource.fixed(NOW)).keys(keys).build();
  }

  private static boolean accepts(JwtIdentityResolver resolver) {
    return resolver.resolve(TokenRequests.bearer(TOKEN)).isPresent();
  }

  /** Answers with keys, or with a start and then one character after the other. */
  private static final class DrippingServer implements AutoCloseable {

    /** So that who waits for the end sees another one. */
    private static final int DRIPS = 500;

    private final ServerSocket socket = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    private final AtomicInteger open = new AtomicInteger();
    private volatile String start = "";
    private volatile CountDownLatch dripping = new CountDownLatch(0);

    DrippingServer() throws IOException {
      KeyUrl.daemon(new FutureTask<>(this::accept)).start();
    }

    URI url() {
      return URI.create("http://127.0.0.1:" + socket.getLocalPort() + "/keys");
    }

    int open() {
      return open.get();
    }

    void drip(String newStart) {
      start = newStart;
      dripping = new CountDownLatch(1);
    }

    /** Ends what drips, and answers with keys from now on. */
    void serve() {
      dripping.countDown();
    }

    /** Until the socket is closed. */
    private Void accept() throws IOException {
      while (true) {
        Socket client = socket.accept();
        open.incrementAndGet();
        KeyUrl.daemon(new FutureTask<>(() -> answer(client))).start();
      }
    }

    /** Until the client is gone, or need not wait any longer. */
    private Void answer(Socket client) throws IOException, InterruptedException {
      try (client) {
        OutputStream out = client.getOutputStream();
        if (dripping.getCount() > 0) {
          out.write(start.getBytes(US_ASCII));
          for (int left = DRIPS; left > 0 && !dripping.await(20, MILLISECONDS); left--) {
            out.write('x');
          }
        } else {
          String header = "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n";
          out.write((header + KEYS).getBytes(US_ASCII));
          client.shutdownOutput();
          client.getInputStream().transferTo(OutputStream.nullOutputStream());
        }
        return null;
      } finally {
        open.decrementAndGet();
      }
    }

    @Override
    public void close() throws IOException {
      serve();
      socket.close();
    }
  }
}
