package dev.penstock.jdkhttp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.sun.net.httpserver.Filter;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.penstock.Limit;
import dev.penstock.LimitPolicy;
import dev.penstock.http.HttpRateLimiter;
import dev.penstock.http.RawHttpClient;
import dev.penstock.jdkhttp.RateLimitFilterTest.JdkServer;
import dev.penstock.memory.InMemoryRateLimiter;
import dev.penstock.redis.Await;
import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** However many clients withhold content, few threads wait for it at once. */
class WaitingThreadsTest {

  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final String WITHHELD =
      "POST /runs HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\n";

  private final CountDownLatch contentMayCome = new CountDownLatch(1);
  private final AtomicInteger waiting = new AtomicInteger();
  private final List<RawHttpClient> withholding = new ArrayList<>();

  /** Has whoever reads content wait for it until the test says so, deadline or not. */
  private final class HeldContent extends FilterInputStream {

    HeldContent(InputStream content) {
      super(content);
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      if (!Thread.currentThread().isInterrupted()) { // then nobody waits for content
        waiting.incrementAndGet();
        awaitUninterruptibly();
      }
      return super.read(bytes, offset, length);
    }
  }

  private void awaitUninterruptibly() {
    boolean interrupted = false;
    while (contentMayCome.getCount() > 0) {
      try {
        contentMayCome.await();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private final class HoldingFilter extends Filter {

    @Override
    public void doFilter(HttpExchange exchange, Chain chain) throws IOException {
      if (exchange.getRequestHeaders().containsKey("Content-Length")) {
        exchange.setStreams(new HeldContent(exchange.getRequestBody()), null);
      }
      chain.doFilter(exchange);
    }

    @Override
    public String description() {
      return "Holds content back";
    }
  }

  private void context(HttpServer server, String path, RateLimitFilter filter) {
    server
        .createContext(path, RateLimitFilterTest.answering(() -> {}))
        .getFilters()
        .addAll(List.of(new HoldingFilter(), filter));
  }

  private static RateLimitFilter spent() {
    LimitPolicy none = LimitPolicy.everyone("none", Limit.perDay(1));
    return new RateLimitFilter(
        HttpRateLimiter.builder(InMemoryRateLimiter.create()).rule("POST /**", none, 2).build());
  }

  @ParameterizedTest
  @CsvSource({"8, 2", "4, 1", "3, 0", "1, 0"})
  void withheldContent_aQuarterOfTheThreadsWaits_furtherConnectionsClose(int threads, int most)
      throws IOException {
    try (JdkServer server = JdkServer.start(threads, http -> context(http, "/", spent()))) {
      assertWaiting(most, server.port());
    } finally {
      end();
    }
  }

  @Test
  void withheldContent_ofServersThatShareTheirThreads_countsTogether() throws IOException {
    try (JdkServer server = JdkServer.start(8, http -> context(http, "/", spent()))) {
      InetAddress loopback = InetAddress.getLoopbackAddress();
      HttpServer other = HttpServer.create(new InetSocketAddress(loopback, 0), 0);
      other.setExecutor(server.threads());
      context(other, "/", spent());
      other.start();
      assertWaiting(2, server.port(), other.getAddress().getPort());
      other.stop(0);
    } finally {
      end();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 5})
  void waitingAtMost_setsHowManyWait(int most) throws IOException {
    try (JdkServer server =
        JdkServer.start(8, http -> context(http, "/", spent().waitingAtMost(most)))) {
      assertWaiting(most, server.port());
    } finally {
      end();
    }
  }

  /** The first answer of a process takes long, and all have a deadline. */
  private static void warmUp(int port) throws IOException {
    try (RawHttpClient first = new RawHttpClient(port)) {
      first.send("GET /elsewhere");
      first.send("POST /runs");
    } catch (EOFException late) {
      warmUp(port);
    }
  }

  /** Sends more such requests than there may wait; all others are served meanwhile. */
  private void assertWaiting(int most, int... ports) throws IOException {
    for (int port : ports) {
      warmUp(port);
    }
    for (int i = 0; i < most; i++) {
      assertThat(withhold(ports[i % ports.length])).isEmpty();
    }
    for (int i = 0; i < 5; i++) {
      assertThat(withhold(ports[i % ports.length])).containsExactly("close");
      assertThat(withholding.get(withholding.size() - 1).isClosedByServer()).isTrue();
    }
    try (RawHttpClient other = new RawHttpClient(ports[0])) {
      assertThat(other.send("GET /elsewhere").status()).isEqualTo(200);
    }
    Await.until(most + " threads that wait", PATIENCE, () -> waiting.get() == most);
  }

  /** Returns what the answer to a request whose content is withheld says of its connection. */
  private List<String> withhold(int port) throws IOException {
    RawHttpClient client = new RawHttpClient(port);
    withholding.add(client);
    client.sendBytes(WITHHELD);
    RawHttpClient.Response denied = client.read(false);
    assertThat(denied.status()).isEqualTo(429);
    return denied.members("Connection");
  }

  private void end() throws IOException {
    contentMayCome.countDown();
    for (RawHttpClient client : withholding) {
      client.close();
    }
  }

  /** What has come along with the header is there, however many threads wait. */
  @Test
  void contentThatHasArrived_needsNoThreadThatWaits() throws IOException {
    contentMayCome.countDown();
    try (JdkServer server =
            JdkServer.start(8, http -> context(http, "/", spent().waitingAtMost(0)));
        RawHttpClient client = new RawHttpClient(server.port())) {
      warmUp(server.port());
      for (int i = 0; i < 2; i++) {
        client.sendBytes(WITHHELD + "x".repeat(1000));
        RawHttpClient.Response denied = client.read(false);
        assertThat(denied.status()).isEqualTo(429);
        assertThat(denied.members("Connection")).isEmpty();
      }
      assertThat(client.send("GET /elsewhere").status()).isEqualTo(200);
    }
  }

  @Test
  void tryEnter_ofAThreadThatHasLeft_isFreeAgain() {
    WaitingThreads threads = new WaitingThreads(new AtomicInteger(), 1);
    assertThat(threads.tryEnter()).isTrue();
    assertThat(threads.tryEnter()).isFalse();
    threads.leave();
    assertThat(threads.tryEnter()).isTrue();
  }

  @Test
  void quarter_ofWhatTheExecutorSays() {
    assertQuarter(new ThreadPoolExecutor(8, 8, 1, TimeUnit.DAYS, new LinkedBlockingQueue<>()), 2);
    assertQuarter(new ThreadPoolExecutor(4, 64, 1, TimeUnit.DAYS, new LinkedBlockingQueue<>(9)), 1);
    assertQuarter(new ThreadPoolExecutor(0, 64, 1, TimeUnit.DAYS, new SynchronousQueue<>()), 16);
    assertQuarter(Executors.newCachedThreadPool(), Integer.MAX_VALUE / 4);
    assertQuarter(new ForkJoinPool(12), 3);
    assertQuarter(Executors.newSingleThreadExecutor(), 0);
    assertThat(WaitingThreads.quarter(null)).isZero();
    assertThat(WaitingThreads.quarter(Runnable::run)).isZero();
  }

  private static void assertQuarter(ExecutorService executor, int threads) {
    assertThat(WaitingThreads.quarter(executor)).isEqualTo(threads);
    executor.shutdown();
  }

  @Test
  void waitingAtMost_negative_isRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> spent().waitingAtMost(-1))
        .withMessage("threads must be at least 0: -1");
  }
}
