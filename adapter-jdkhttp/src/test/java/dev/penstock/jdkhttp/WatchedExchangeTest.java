package dev.penstock.jdkhttp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.sun.net.httpserver.Filter;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsExchange;
import dev.penstock.Cost;
import dev.penstock.Limit;
import dev.penstock.LimitPolicy;
import dev.penstock.RecordingLimiter;
import dev.penstock.http.Gate;
import dev.penstock.http.HeaderField;
import dev.penstock.http.HttpRateLimiter;
import dev.penstock.http.RawHttpClient;
import dev.penstock.http.RequestCost;
import dev.penstock.http.TestTls;
import dev.penstock.jdkhttp.RateLimitFilterTest.JdkServer;
import dev.penstock.redis.Await;
import java.io.FilterInputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a handler has in hand whose response is watched. */
class WatchedExchangeTest {

  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final String RUN = "POST /runs";

  @TempDir private static Path directory;

  private final RecordingLimiter limiter = new RecordingLimiter();

  /** What went wrong in handlers, whose exceptions the server swallows. */
  private final Queue<Throwable> failures = new ConcurrentLinkedQueue<>();

  private HttpRateLimiter gate(RequestCost cost) {
    return HttpRateLimiter.builder(limiter)
        .rule("/runs", LimitPolicy.everyone("runs", Limit.perDay(100)), cost)
        .build();
  }

  private HttpRateLimiter watching() {
    return gate(RequestCost.of(Cost.of(1)).watched());
  }

  private long open() {
    return limiter.done().stream().filter("reserve"::equals).count()
        - limiter.done().stream().filter("close"::equals).count();
  }

  /** Only what is watched costs anything. */
  @ParameterizedTest
  @EnumSource
  void responseThatIsNotWatched_isTheServersOwn(Mount mount) throws IOException {
    String server = "sun.net.httpserver.";
    assertAnswered(
        mount,
        gate(RequestCost.of(Cost.of(1))),
        exchange -> assertThat(exchange.getClass().getName()).startsWith(server));
    assertThat(limiter.done()).containsExactly("reserve");
  }

  @ParameterizedTest
  @EnumSource
  void requestAndConnection_areTheServers(Mount mount) throws IOException {
    assertAnswered(
        mount,
        watching(),
        exchange -> {
          assertThat(exchange.getRequestMethod()).isEqualTo("POST");
          assertThat(exchange.getRequestURI().getPath()).isEqualTo("/runs");
          assertThat(exchange.getRequestHeaders().getFirst("X-Asked")).isEqualTo("yes");
          assertThat(exchange.getProtocol()).isEqualTo("HTTP/1.1");
          assertThat(exchange.getRemoteAddress().getAddress().isLoopbackAddress()).isTrue();
          assertThat(exchange.getLocalAddress().getPort())
              .isEqualTo(exchange.getHttpContext().getServer().getAddress().getPort());
          assertThat(exchange.getRequestBody().readAllBytes()).isEmpty();
          assertThat(exchange.getResponseCode()).isEqualTo(-1);
          exchange.setAttribute("a", "b");
          assertThat(exchange.getAttribute("a")).isEqualTo("b");
        });
  }

  @ParameterizedTest
  @EnumSource(names = {"HANDLER_BEHIND_AUTHENTICATOR", "FILTER_BEFORE_AUTHENTICATOR"})
  void principal_isWhomTheAuthenticatorFound(Mount mount) throws IOException {
    assertAnswered(
        mount,
        watching(),
        exchange -> assertThat(exchange.getPrincipal()).isEqualTo(Mount.SOMEBODY));
  }

  @ParameterizedTest
  @EnumSource(names = {"HANDLER", "FILTER"})
  void principal_withoutAnAuthenticator_isNobody(Mount mount) throws IOException {
    assertAnswered(mount, watching(), exchange -> assertThat(exchange.getPrincipal()).isNull());
  }

  @Test
  void overTls_isAnExchangeOverTls() throws IOException, GeneralSecurityException {
    TestTls tls = TestTls.of(directory, "ip:127.0.0.1");
    HttpHandler handler =
        checked(
            exchange ->
                assertThat(((HttpsExchange) exchange).getSSLSession().getProtocol())
                    .startsWith("TLS"));
    for (Mount mount : Mount.values()) {
      try (JdkServer server =
              JdkServer.startTls(tls.server(), 4, http -> mount.mount(http, watching(), handler));
          RawHttpClient client = RawHttpClient.withSmallBuffer(server.port(), tls.client())) {
        assertThat(client.send(RUN).body()).isEqualTo("checked");
        assertThat(failures).isEmpty();
        awaitClosed();
      }
    }
  }

  /** Filters that compress, count or log set streams of their own. */
  @ParameterizedTest
  @EnumSource(names = {"FILTER", "FILTER_BEFORE_AUTHENTICATOR"})
  void streamsOfAnotherFilter_areThoseOfTheHandler(Mount mount) throws IOException {
    List<Object> streams = new ArrayList<>();
    Filter setting =
        new Setting(
            exchange -> {
              InputStream request = new FilterInputStream(exchange.getRequestBody()) {};
              OutputStream response = new Capitals(exchange.getResponseBody());
              exchange.setStreams(request, response);
              streams.addAll(List.of(request, response));
            });
    HttpHandler handler =
        checked(
            exchange -> {
              assertThat(exchange.getRequestBody()).isSameAs(streams.get(0));
              assertThat(exchange.getResponseBody()).isSameAs(streams.get(1));
            });
    try (JdkServer server =
            JdkServer.start(
                http -> mount.mount(http, watching(), handler).getFilters().add(setting));
        RawHttpClient client = new RawHttpClient(server.port())) {
      assertThat(client.send(RUN).body()).isEqualTo("CHECKED");
      assertThat(failures).isEmpty();
      awaitClosed();
      assertThat(limiter.done()).containsExactly("reserve", "close");
    }
  }

  /** The server closes the stream of an empty response inside {@code sendResponseHeaders}. */
  @Test
  void streamOfAnotherFilter_withoutContent_isHeldUntilTheHandlerReturns() throws IOException {
    Filter setting =
        new Setting(
            exchange ->
                exchange.setStreams(null, new FilterOutputStream(exchange.getResponseBody())));
    HttpHandler handler =
        exchange -> {
          exchange.sendResponseHeaders(204, -1);
          check(() -> assertThat(open()).isEqualTo(1));
        };
    for (Mount mount : List.of(Mount.FILTER, Mount.FILTER_BEFORE_AUTHENTICATOR)) {
      try (JdkServer server =
              JdkServer.start(
                  http -> mount.mount(http, watching(), handler).getFilters().add(setting));
          RawHttpClient client = new RawHttpClient(server.port())) {
        assertThat(client.send(RUN).status()).isEqualTo(204);
        awaitClosed();
        assertThat(failures).isEmpty();
      }
    }
  }

  @Test
  void streamOfAFilterBefore_isWrittenTo() throws IOException {
    Filter setting =
        new Setting(
            exchange -> {
              exchange.getRequestBody();
              exchange.setStreams(null, new Capitals(exchange.getResponseBody()));
            });
    try (JdkServer server =
            JdkServer.start(
                http ->
                    Mount.FILTER
                        .mount(http, watching(), checked(exchange -> {}))
                        .getFilters()
                        .add(0, setting));
        RawHttpClient client = new RawHttpClient(server.port())) {
      assertThat(client.send(RUN).body()).isEqualTo("CHECKED");
      awaitClosed();
    }
  }

  private static void closed(InputStream stream) {
    try {
      stream.close();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  /** Whatever fails between the decision and the handler, nobody else would end it. */
  @Test
  void streamOfAFilterBefore_thatFails_endsIt() throws IOException {
    Filter failing =
        new Setting(
            exchange -> {
              InputStream broken = InputStream.nullInputStream();
              closed(broken); // and so cannot be read
              exchange.getRequestBody();
              exchange.setStreams(broken, null);
            });
    try (JdkServer server =
            JdkServer.start(
                http ->
                    Mount.FILTER
                        .mount(http, watching(), checked(exchange -> {}))
                        .getFilters()
                        .add(0, failing));
        RawHttpClient client = new RawHttpClient(server.port())) {
      client.sendBytes(RUN + " HTTP/1.1\r\nHost: x\r\n\r\n");
      assertThat(client.readUnlessClosed()).isEmpty();
      Await.until("closed", PATIENCE, () -> limiter.done().contains("close"));
    }
  }

  /** It has the server's own exchange, and not the one that the handler leaves open. */
  @Test
  void filterBefore_thatCloses_endsIt() throws IOException {
    Filter closing =
        new Filter() {
          @Override
          public void doFilter(HttpExchange exchange, Chain chain) throws IOException {
            try (exchange) {
              chain.doFilter(exchange);
              check(() -> assertThat(open()).isEqualTo(1));
            }
          }

          @Override
          public String description() {
            return "Closes what is left open";
          }
        };
    HttpHandler leavingOpen =
        exchange -> {
          exchange.sendResponseHeaders(200, 0);
          exchange.getResponseBody().write("left".getBytes(StandardCharsets.US_ASCII));
        };
    for (Mount mount : List.of(Mount.FILTER, Mount.FILTER_BEFORE_AUTHENTICATOR)) {
      try (JdkServer server =
              JdkServer.start(
                  http -> mount.mount(http, watching(), leavingOpen).getFilters().add(0, closing));
          RawHttpClient client = new RawHttpClient(server.port())) {
        assertThat(client.send(RUN).body()).isEqualTo("left");
        awaitClosed();
        assertThat(failures).isEmpty();
      }
    }
  }

  @Test
  void twoGates_eachIsTold() throws IOException {
    RecordingLimiter inner = new RecordingLimiter();
    HttpRateLimiter second =
        HttpRateLimiter.builder(inner)
            .rule(
                "/runs",
                LimitPolicy.everyone("inner", Limit.perDay(100)),
                RequestCost.of(Cost.of(1)).watched())
            .build();
    HttpHandler handler = RateLimitFilter.wrap(second, checked(exchange -> {}));
    try (JdkServer server = JdkServer.start(http -> Mount.FILTER.mount(http, watching(), handler));
        RawHttpClient client = new RawHttpClient(server.port())) {
      assertThat(client.send(RUN).body()).isEqualTo("checked");
      Await.until("inner closed", PATIENCE, () -> inner.done().size() == 2);
      awaitClosed();
      assertThat(inner.done()).containsExactly("reserve", "close");
      assertThat(limiter.done()).containsExactly("reserve", "close");
    }
  }

  /** A handler's mistakes are no sign that the client has gone. */
  @ParameterizedTest
  @EnumSource
  void mistakesOfTheHandler_endNothing(Mount mount) throws IOException {
    assertAnswered(
        mount,
        watching(),
        exchange -> {
          assertThat(catchThrowable(() -> exchange.getResponseBody().write(1)))
              .isInstanceOf(IOException.class);
          exchange.sendResponseHeaders(200, "checked".length());
          assertThat(catchThrowable(() -> exchange.sendResponseHeaders(500, -1)))
              .isInstanceOf(IOException.class);
          assertThat(open()).isEqualTo(1);
        });
    assertThat(limiter.done()).doesNotContain("gone");
  }

  /** A filter's own method that is new in a later JDK must not go past the server's exchange. */
  @Test
  void everyMethodOfAnExchange_isTheServersOrWatched() {
    for (Class<?> watched : List.of(WatchedExchange.class, WatchedHttpsExchange.class)) {
      for (Method method : watched.getSuperclass().getMethods()) {
        if (method.getDeclaringClass() != Object.class
            && !method.isDefault() // since JDK 18, by the others alone
            && !Modifier.isStatic(method.getModifiers())
            && !Modifier.isFinal(method.getModifiers())) {
          assertThat(catchThrowable(() -> declared(watched, method)))
              .as(method.toString())
              .isNull();
        }
      }
    }
  }

  private static Method declared(Class<?> watched, Method method) throws NoSuchMethodException {
    return watched.getDeclaredMethod(method.getName(), method.getParameterTypes());
  }

  /** Where an authenticator wants the server's own exchange, fields cannot be removed. */
  @ParameterizedTest
  @EnumSource
  void hiddenField_isRemovedAndSettles(Mount mount) throws IOException {
    HttpRateLimiter gate =
        gate(RequestCost.of(Cost.of(1)).settledByHiddenField("X-Runs", Cost.REQUESTS));
    HttpHandler handler =
        checked(
            exchange -> {
              exchange.getResponseHeaders().set("X-Runs", "5");
              exchange.getResponseHeaders().set("X-Other", "6");
            });
    try (JdkServer server = JdkServer.start(http -> mount.mount(http, gate, handler));
        RawHttpClient client = new RawHttpClient(server.port())) {
      RawHttpClient.Response response = client.send(RUN);
      assertThat(response.value("X-Other")).isEqualTo("6");
      assertThat(response.values("X-Runs"))
          .hasSize(mount == Mount.FILTER_BEFORE_AUTHENTICATOR ? 1 : 0);
      awaitClosed();
      assertThat(limiter.done()).containsExactly("reserve", "settle", "close");
      assertThat(client.send(RUN).fields())
          .contains(new HeaderField("Ratelimit", "\"runs\";r=94;t=81216"));
    }
  }

  /** What a handler is checked for before it answers. */
  private interface Check {
    void run(HttpExchange exchange) throws Exception;
  }

  private void check(Runnable check) {
    try {
      check.run();
    } catch (Throwable e) {
      failures.add(e);
    }
  }

  private HttpHandler checked(Check check) {
    return exchange -> {
      try {
        check.run(exchange);
      } catch (Throwable e) {
        failures.add(e);
      }
      try (exchange) {
        if (exchange.getResponseCode() < 0) {
          exchange.sendResponseHeaders(200, "checked".length());
        }
        exchange.getResponseBody().write("checked".getBytes(StandardCharsets.US_ASCII));
      }
    };
  }

  private void assertAnswered(Mount mount, Gate gate, Check check) throws IOException {
    try (JdkServer server = JdkServer.start(http -> mount(http, mount, gate, checked(check)));
        RawHttpClient client = new RawHttpClient(server.port())) {
      assertThat(client.send(RUN, "X-Asked: yes").body()).isEqualTo("checked");
      assertThat(failures).isEmpty();
    }
  }

  private static void mount(HttpServer server, Mount mount, Gate gate, HttpHandler handler) {
    mount.mount(server, gate, handler);
  }

  private void awaitClosed() {
    Await.until("closed", PATIENCE, () -> open() == 0);
  }

  /** Does something before the handler. */
  private static final class Setting extends Filter {

    private final Consumer<HttpExchange> action;

    Setting(Consumer<HttpExchange> action) {
      this.action = action;
    }

    @Override
    public void doFilter(HttpExchange exchange, Chain chain) throws IOException {
      action.accept(exchange);
      chain.doFilter(exchange);
    }

    @Override
    public String description() {
      return "Sets streams";
    }
  }

  /** Shouts. */
  private static final class Capitals extends FilterOutputStream {

    Capitals(OutputStream stream) {
      super(stream);
    }

    @Override
    public void write(int b) throws IOException {
      super.write(String.valueOf((char) b).toUpperCase(Locale.ROOT).charAt(0));
    }
  }
}
