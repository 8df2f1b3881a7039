package dev.penstock.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.penstock.Decision;
import dev.penstock.Identity;
import dev.penstock.Limit;
import dev.penstock.LimitPolicy;
import dev.penstock.jwt.HmacTokens;
import dev.penstock.jwt.JwtIdentityResolver;
import dev.penstock.memory.InMemoryRateLimiter;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What every adapter owes, on its real server over a real socket. Extend it with the server's
 * start; all else is inherited.
 */
public abstract class HttpAdapterContract {

  /** A running server that is limited by a gate. */
  public interface LimitedServer extends AutoCloseable {

    /** {@return the port on the loopback interface} */
    int port();

    @Override
    void close();
  }

  /** What the limited handler answers, with status 200. */
  protected static final String HANDLED = "handled";

  /** A field that the limited handler sets itself. */
  protected static final HeaderField OWN_FIELD = new HeaderField("X-Handler", "kept");

  private static final String RUNS = "POST /agents/*/runs";
  private static final String RUN = "POST /agents/a1/runs";
  private static final String SECRET = "a secret of the tests, 32 bytes+";
  private static final ObjectMapper JSON = new ObjectMapper();

  /**
   * Starts a server on a free port of the loopback interface whose every path is limited by the
   * gate, on several threads.
   *
   * @param gate who decides
   * @param handled to be told of each request that reaches the handler, which then answers 200 with
   *     {@link #OWN_FIELD} and {@link #HANDLED}
   * @return the running server
   */
  protected abstract LimitedServer start(HttpRateLimiter gate, Runnable handled) throws IOException;

  private final AtomicInteger handled = new AtomicInteger();

  @Test
  void permitted_reachesTheHandlerWithFieldsAdded() throws IOException {
    try (LimitedServer server = start(gate(perMinute(10)));
        RawHttpClient client = new RawHttpClient(server.port())) {
      RawHttpClient.Response response = client.send(RUN);
      assertThat(response.status()).isEqualTo(200);
      assertThat(response.body()).isEqualTo(HANDLED);
      assertThat(response.value(OWN_FIELD.name())).isEqualTo(OWN_FIELD.value());
      assertThat(response.value("RateLimit-Policy")).isEqualTo("\"agent-runs\";q=10;w=60");
      assertThat(response.value("RateLimit")).isEqualTo("\"agent-runs\";r=9;t=54");
      assertThat(response.values("Retry-After")).isEmpty();
    }
  }

  @Test
  void permitted_remainingFallsWithEachRequest() throws IOException {
    try (LimitedServer server = start(gate(perMinute(10)));
        RawHttpClient client = new RawHttpClient(server.port())) {
      for (int remaining = 9; remaining >= 0; remaining--) {
        assertThat(client.send(RUN).value("RateLimit"))
            .startsWith("\"agent-runs\";r=" + remaining + ";t=");
      }
    }
  }

  @Test
  void denied_isAnsweredWith429AndNeverReachesTheHandler() throws IOException {
    try (LimitedServer server = start(gate(perMinute(1)));
        RawHttpClient client = new RawHttpClient(server.port())) {
      client.send(RUN);
      RawHttpClient.Response response = client.send(RUN);
      assertThat(handled).hasValue(1);
      assertThat(response.status()).isEqualTo(429);
      assertThat(response.value("Content-Type")).isEqualTo("application/problem+json");
      assertThat(response.value("Cache-Control")).isEqualTo("no-store");
      assertThat(response.value("Retry-After")).isEqualTo("60");
      assertThat(response.value("RateLimit-Policy")).isEqualTo("\"agent-runs\";q=1;w=60");
      assertThat(response.value("RateLimit")).isEqualTo("\"agent-runs\";r=0;t=60");
      assertThat(response.values(OWN_FIELD.name())).isEmpty();
    }
  }

  @Test
  void denied_bodyIsAProblem() throws IOException {
    try (LimitedServer server = start(gate(perMinute(1)));
        RawHttpClient client = new RawHttpClient(server.port())) {
      client.send(RUN);
      JsonNode problem = JSON.readTree(client.send(RUN).body());
      assertThat(problem.get("type").asText())
          .isEqualTo("https://iana.org/assignments/http-problem-types#quota-exceeded");
      assertThat(problem.get("title").asText()).isEqualTo("Quota Exceeded");
      assertThat(problem.get("status").asInt()).isEqualTo(429);
      assertThat(problem.get("detail").asText())
          .isEqualTo("Policy agent-runs allows 1 request per 60 seconds. Retry in 60 seconds.");
      assertThat(problem.get("violated-policies")).isEqualTo(JSON.readTree("[\"agent-runs\"]"));
      assertThat(problem.get("retry_after_ms").asLong()).isBetween(50_000L, 60_000L);
      assertThat(problem.get("policies"))
          .isEqualTo(
              JSON.readTree(
                  "[{\"name\":\"agent-runs\",\"quota\":1,\"window_seconds\":60,"
                      + "\"remaining\":0,\"reset_seconds\":60}]"));
    }
  }

  @Test
  void denied_head_hasTheSameFieldsAndNoContent() throws IOException {
    HttpRateLimiter gate = gateOf("GET /agents/*/runs", perMinute(1));
    try (LimitedServer server = start(gate);
        RawHttpClient client = new RawHttpClient(server.port())) {
      assertThat(client.send("HEAD /agents/a1/runs").value("RateLimit"))
          .isEqualTo("\"agent-runs\";r=0;t=60");
      RawHttpClient.Response response = client.send("HEAD /agents/a1/runs");
      assertThat(response.status()).isEqualTo(429);
      assertThat(response.value("Retry-After")).isEqualTo("60");
      assertThat(response.value("RateLimit")).isEqualTo("\"agent-runs\";r=0;t=60");
      assertThat(client.send("GET /elsewhere").body()).isEqualTo(HANDLED);
    }
  }

  @Test
  void denied_connectionServesTheNextRequestAsItself() throws IOException {
    try (LimitedServer server = start(gate(perMinute(1)));
        RawHttpClient client = new RawHttpClient(server.port())) {
      client.send(RUN);
      assertThat(client.send(RUN).status()).isEqualTo(429);
      RawHttpClient.Response next = client.send("GET /elsewhere");
      assertThat(next.status()).isEqualTo(200);
      assertThat(next.body()).isEqualTo(HANDLED);
    }
  }

  /** The next request is the one behind the content, or the connection has ended. */
  @Test
  void denied_unreadContent_isNeverTakenForARequest() throws IOException {
    try (LimitedServer server = start(gate(perMinute(1)));
        RawHttpClient client = new RawHttpClient(server.port())) {
      client.send(RUN);
      String content = RUN + " HTTP/1.1\r\nHost: localhost\r\n\r\n";
      client.sendBytes(
          RUN
              + " HTTP/1.1\r\nHost: localhost\r\nContent-Length: "
              + content.length()
              + "\r\n\r\n"
              + content);
      assertThat(client.read(false).status()).isEqualTo(429);
      int next;
      try {
        next = client.send("GET /elsewhere").status();
      } catch (IOException closed) {
        next = 200;
      }
      assertThat(next).isEqualTo(200);
    }
  }

  @Test
  void denied_crossOrigin_letsThePageReadItsFields() throws IOException {
    try (LimitedServer server = start(gate(perMinute(1)));
        RawHttpClient client = new RawHttpClient(server.port())) {
      String origin = "Origin: https://app.example";
      String exposed = "Access-Control-Expose-Headers";
      assertThat(client.send(RUN, origin).values(exposed)).isEmpty();
      assertThat(client.send(RUN, origin).value(exposed))
          .isEqualTo("Retry-After, RateLimit, RateLimit-Policy");
      assertThat(client.send(RUN).values(exposed)).isEmpty();
    }
  }

  @Test
  void denied_costAboveCapacity_saysNever() throws IOException {
    HttpRateLimiter gate =
        HttpRateLimiter.builder(InMemoryRateLimiter.create()).rule(RUNS, perMinute(10), 11).build();
    try (LimitedServer server = start(gate);
        RawHttpClient client = new RawHttpClient(server.port())) {
      RawHttpClient.Response response = client.send(RUN);
      assertThat(response.status()).isEqualTo(429);
      assertThat(response.values("Retry-After")).isEmpty();
      assertThat(response.value("RateLimit")).isEqualTo("\"agent-runs\";r=10");
      assertThat(JSON.readTree(response.body()).get("detail").asText())
          .isEqualTo(
              "Policy agent-runs allows 10 requests per 60 seconds."
                  + " This request costs more than that and can never pass.");
    }
  }

  @Test
  void severalPolicies_permittedNamesAll_deniedNamesThoseThatSaidNo() throws IOException {
    LimitPolicy both = perMinute(1).and(LimitPolicy.everyone("platform", Limit.parse("5000/day")));
    try (LimitedServer server = start(gate(both));
        RawHttpClient client = new RawHttpClient(server.port())) {
      assertThat(client.send(RUN).value("RateLimit"))
          .isEqualTo("\"agent-runs\";r=0;t=60, \"platform\";r=4999;t=86383");
      RawHttpClient.Response denied = client.send(RUN);
      assertThat(denied.value("RateLimit-Policy"))
          .isEqualTo("\"agent-runs\";q=1;w=60, \"platform\";q=5000;w=86400");
      assertThat(denied.value("RateLimit")).isEqualTo("\"agent-runs\";r=0;t=60");
    }
  }

  @Test
  void unmatched_isUntouched() throws IOException {
    try (LimitedServer server = start(gate(perMinute(1)));
        RawHttpClient client = new RawHttpClient(server.port())) {
      for (int i = 0; i < 5; i++) {
        RawHttpClient.Response response = client.send("GET /health");
        assertThat(response.body()).isEqualTo(HANDLED);
        assertThat(response.values("RateLimit")).isEmpty();
        assertThat(response.values("RateLimit-Policy")).isEmpty();
      }
    }
  }

  @Test
  void preflight_isNeverLimited() throws IOException {
    HttpRateLimiter gate = gateOf("/agents/*/runs", perMinute(1));
    try (LimitedServer server = start(gate);
        RawHttpClient client = new RawHttpClient(server.port())) {
      for (int i = 0; i < 5; i++) {
        RawHttpClient.Response response =
            client.send(
                "OPTIONS /agents/a1/runs",
                "Origin: https://app.example",
                "Access-Control-Request-Method: POST");
        assertThat(response.status()).isEqualTo(200);
      }
      assertThat(client.send("OPTIONS /agents/a1/runs").values("RateLimit")).isNotEmpty();
    }
  }

  @ParameterizedTest(name = "{0}: {1}, {2}")
  @MethodSource("dev.penstock.http.PathVectors#rows")
  void paths_matchAsTheVectorsSay(String requestLine, boolean limited, String why)
      throws IOException {
    try (LimitedServer server = start(gate(perMinute(10)));
        RawHttpClient client = new RawHttpClient(server.port())) {
      assertThat(client.send(requestLine).values("RateLimit").isEmpty()).isNotEqualTo(limited);
    }
  }

  @Test
  void forwardedFor_countsOnlyBehindATrustedPeer() throws IOException {
    HttpRateLimiter trusting =
        HttpRateLimiter.builder(InMemoryRateLimiter.create())
            .identity(ClientAddress.trusting("127.0.0.0/8", "::1"))
            .rule(RUNS, perMinute(1))
            .build();
    try (LimitedServer server = start(trusting);
        RawHttpClient client = new RawHttpClient(server.port())) {
      String forged = "X-Forwarded-For: 198.51.100.1";
      assertThat(client.send(RUN, forged, "X-Forwarded-For: 192.0.2.1").status()).isEqualTo(200);
      assertThat(client.send(RUN, forged, "X-Forwarded-For: 192.0.2.2").status()).isEqualTo(200);
      assertThat(client.send(RUN, "x-forwarded-for: 192.0.2.2").status()).isEqualTo(429);
    }
    try (LimitedServer server = start(gate(perMinute(1)));
        RawHttpClient client = new RawHttpClient(server.port())) {
      assertThat(client.send(RUN, "X-Forwarded-For: 192.0.2.1").status()).isEqualTo(200);
      assertThat(client.send(RUN, "X-Forwarded-For: 192.0.2.2").status()).isEqualTo(429);
    }
  }

  @Test
  void tokens_chargeTheUserWhereValidAndTheAddressWhereNot() throws IOException {
    HttpRateLimiter gate =
        HttpRateLimiter.builder(InMemoryRateLimiter.create())
            .identity(JwtIdentityResolver.hmac(SECRET))
            .rule(RUNS, perMinute(1))
            .build();
    String forged = HmacTokens.bearer("u3", "another secret of 32 bytes or so");
    try (LimitedServer server = start(gate);
        RawHttpClient client = new RawHttpClient(server.port())) {
      assertThat(client.send(RUN, bearer("u1")).status()).isEqualTo(200);
      assertThat(client.send(RUN, bearer("u1")).status()).isEqualTo(429);
      assertThat(client.send(RUN, bearer("u2")).status()).isEqualTo(200);
      assertThat(client.send(RUN, forged).status()).isEqualTo(200);
      assertThat(client.send(RUN).status()).isEqualTo(429);
      assertThat(client.send(RUN, bearer("u4"), bearer("u4")).status()).isEqualTo(429);
    }
  }

  @Test
  void manyAtOnce_exactlyTheCapacityIsHandled() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(20);
    try (LimitedServer server = start(gate(perMinute(5)))) {
      List<Callable<Integer>> requests = new ArrayList<>();
      for (int i = 0; i < 100; i++) {
        requests.add(
            () -> {
              try (RawHttpClient client = new RawHttpClient(server.port())) {
                return client.send(RUN).status();
              }
            });
      }
      int permitted = 0;
      for (Future<Integer> status : threads.invokeAll(requests)) {
        permitted += status.get() == 200 ? 1 : 0;
      }
      assertThat(permitted).isEqualTo(5);
      assertThat(handled).hasValue(5);
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void listener_isToldOfEachDecisionWithTheKindOfIdentity() throws IOException {
    Queue<String> told = new ConcurrentLinkedQueue<>();
    HttpRateLimiter gate =
        HttpRateLimiter.builder(InMemoryRateLimiter.create())
            .identity(JwtIdentityResolver.hmac(SECRET))
            .rule(RUNS, perMinute(1))
            .listener((kind, decision) -> told.add(describe(kind, decision)))
            .build();
    try (LimitedServer server = start(gate);
        RawHttpClient client = new RawHttpClient(server.port())) {
      client.send("GET /health");
      client.send(RUN, bearer("u1"));
      client.send(RUN, bearer("u1"));
      client.send(RUN);
    }
    assertThat(told).containsExactly("USER true", "USER false", "ADDRESS true");
  }

  private static String describe(Identity.Kind kind, Decision decision) {
    return kind + " " + decision.permitted();
  }

  private LimitedServer start(HttpRateLimiter gate) throws IOException {
    return start(gate, handled::incrementAndGet);
  }

  private static HttpRateLimiter gate(LimitPolicy policy) {
    return gateOf(RUNS, policy);
  }

  private static HttpRateLimiter gateOf(String pattern, LimitPolicy policy) {
    return HttpRateLimiter.builder(InMemoryRateLimiter.create()).rule(pattern, policy).build();
  }

  private static LimitPolicy perMinute(long tokens) {
    return LimitPolicy.perIdentity("agent-runs", Limit.perMinute(tokens));
  }

  private static String bearer(String user) {
    return HmacTokens.bearer(user, SECRET);
  }
}
