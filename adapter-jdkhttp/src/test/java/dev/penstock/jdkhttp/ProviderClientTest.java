package dev.penstock.jdkhttp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.example.ProviderClient;
import com.sun.net.httpserver.Filter;
import com.sun.net.httpserver.HttpContext;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.penstock.Limit;
import dev.penstock.LimitPolicy;
import dev.penstock.http.ClientAddress;
import dev.penstock.http.HttpRateLimiter;
import dev.penstock.memory.InMemoryRateLimiter;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The example of a client that keeps a provider's limits, before a server that has some. */
class ProviderClientTest {

  private static final Duration PATIENCE = Duration.ofMinutes(1);

  private final HttpClient http = HttpClient.newHttpClient();
  private final Map<String, String> told = new ConcurrentHashMap<>();
  private HttpServer server;
  private HttpContext context;

  @BeforeEach
  void serve() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    context =
        server.createContext(
            "/",
            exchange -> {
              told.forEach(exchange.getResponseHeaders()::set);
              exchange.sendResponseHeaders(200, -1);
              exchange.close();
            });
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  private HttpRequest request() {
    return request("/v1/responses");
  }

  private HttpRequest request(String path) {
    return HttpRequest.newBuilder(
            URI.create("http://localhost:" + server.getAddress().getPort() + path))
        .build();
  }

  private ProviderClient client(Duration maxWait) {
    return new ProviderClient(http, 60_000, 1_000_000, maxWait, response -> 0);
  }

  private static HttpResponse<String> join(CompletableFuture<HttpResponse<String>> response) {
    return response.orTimeout(1, TimeUnit.MINUTES).join();
  }

  @Test
  void send_serverWithALimit_isLearntAndKept() {
    LimitPolicy five = LimitPolicy.perIdentity("five", Limit.of(5, 5, Duration.ofSeconds(2)));
    HttpRateLimiter gate =
        HttpRateLimiter.builder(InMemoryRateLimiter.create())
            .identity(ClientAddress.ofPeer())
            .rule("/**", five)
            .build();
    context.getFilters().add(new RateLimitFilter(gate));
    ProviderClient client = client(PATIENCE);
    assertThat(join(client.send(request(), 1)).statusCode()).isEqualTo(200);
    List<CompletableFuture<HttpResponse<String>>> responses = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      responses.add(client.send(request(), 1));
    }
    assertThat(responses)
        .extracting(response -> join(response).statusCode())
        .as("learnt by the first response, so that none is rejected and none sent twice")
        .containsOnly(200);
  }

  @Test
  void send_xRateLimitOfRequests_isLearntAndKept() {
    told.put("x-ratelimit-limit-requests", "1");
    ProviderClient client = client(Duration.ofSeconds(1));
    assertThat(join(client.send(request(), 1)).statusCode()).isEqualTo(200);
    assertThat(join(client.send(request(), 1)).statusCode()).isEqualTo(200);
    assertThatThrownBy(() -> join(client.send(request(), 1)))
        .hasCauseInstanceOf(IOException.class)
        .hasMessageContaining("No turn within PT1S");
  }

  @Test
  void send_tokensByEitherField_areLearntAndKept() {
    for (Map.Entry<String, String> field :
        Map.of(
                "x-ratelimit-limit-tokens",
                "100",
                "RateLimit-Policy",
                "\"t\";q=100;w=60;qu=\"tokens\"")
            .entrySet()) {
      told.clear();
      told.put(field.getKey(), field.getValue());
      ProviderClient client = client(PATIENCE);
      assertThat(join(client.send(request(), 1)).statusCode()).isEqualTo(200);
      assertThat(join(client.send(request(), 50)).statusCode()).isEqualTo(200);
      assertThatThrownBy(() -> join(client.send(request(), 100)))
          .as("more than the account ever has at once")
          .hasCauseInstanceOf(IOException.class);
    }
  }

  @Test
  void send_nonsense_isNotBelieved() {
    told.put("x-ratelimit-limit-requests", "-1");
    told.put("x-ratelimit-limit-tokens", "99999999999999999999");
    told.put("RateLimit-Policy", "\"a;q=1;w=1\";q=0;w=x, ;;\"");
    ProviderClient client = client(Duration.ZERO);
    for (int i = 0; i < 10; i++) {
      assertThat(join(client.send(request(), 1)).statusCode()).isEqualTo(200);
    }
  }

  @Test
  void send_retryAfter_isObeyedByAll() {
    List<Long> came = new CopyOnWriteArrayList<>();
    server.createContext(
        "/busy",
        exchange -> {
          came.add(System.nanoTime());
          boolean isFirst = came.size() == 1;
          exchange.getResponseHeaders().set("Retry-After", "1");
          exchange.sendResponseHeaders(isFirst ? 429 : 200, -1);
          exchange.close();
        });
    ProviderClient client = client(PATIENCE);
    HttpRequest busy = request("/busy");
    assertThat(join(client.send(busy, 1)).statusCode()).isEqualTo(200);
    assertThat(came).hasSize(2);
    assertThat(came.get(1) - came.get(0)).isGreaterThanOrEqualTo(TimeUnit.SECONDS.toNanos(1));
  }

  @Test
  void send_cancelledBeforeItsTurn_sendsNothingAndLeavesTheTurnToTheNext() {
    AtomicInteger came = new AtomicInteger();
    context.getFilters().add(Filter.beforeHandler("counts", exchange -> came.incrementAndGet()));
    ProviderClient client = new ProviderClient(http, 20, 1_000_000, PATIENCE, response -> 0);
    int atOnce = 17; // of 20 a tenth less, and one
    for (int i = 0; i < atOnce; i++) {
      assertThat(join(client.send(request(), 1)).statusCode()).isEqualTo(200);
    }
    CompletableFuture<HttpResponse<String>> cancelled = client.send(request(), 1);
    CompletableFuture<HttpResponse<String>> next = client.send(request(), 1);
    assertThat(cancelled.cancel(true)).isTrue();
    assertThat(join(next).statusCode()).isEqualTo(200);
    assertThat(came).as("of the last two one is sent").hasValue(atOnce + 1);
  }

  @Test
  void send_cancelledOnItsWay_givesUpTheConnection() throws Exception {
    BlockingQueue<HttpExchange> came = new LinkedBlockingQueue<>();
    server.createContext("/held", came::add);
    CompletableFuture<HttpResponse<String>> cancelled = client(PATIENCE).send(request("/held"), 1);
    HttpExchange held = came.poll(1, TimeUnit.MINUTES);
    assertThat(held).isNotNull();
    assertThat(cancelled.cancel(true)).isTrue();
    held.sendResponseHeaders(200, 0);
    byte[] some = new byte[64 * 1024];
    assertThatThrownBy(
            () -> {
              for (int i = 0; i < 10_000; i++) {
                held.getResponseBody().write(some);
              }
            })
        .as("nobody reads it")
        .isInstanceOf(IOException.class);
  }
}
