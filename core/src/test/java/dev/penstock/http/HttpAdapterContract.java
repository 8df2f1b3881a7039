package dev.penstock.http;

import static dev.penstock.http.AdapterUnderTest.gate;
import static dev.penstock.http.AdapterUnderTest.perMinute;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.penstock.Decision;
import dev.penstock.FixedLimiter;
import dev.penstock.Identity;
import dev.penstock.Limit;
import dev.penstock.LimitPolicy;
import dev.penstock.http.StructuredFields.Member;
import dev.penstock.jwt.HmacTokens;
import dev.penstock.jwt.JwtIdentityResolver;
import dev.penstock.memory.InMemoryRateLimiter;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
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
 *
 * <p>What a limiter owes an HTTP client has numbers, and tests are named after them:
 *
 * <ol>
 *   <li>A rejection is a registered problem whose title never varies and whose detail is plain.
 *   <li>Nobody is named in it: no user, no address, no key, no store.
 *   <li>{@code Retry-After} is whole seconds, rounded up, once; none where waiting does not help.
 *   <li>The limit fields are structured field Lists of Strings.
 *   <li>All policies on a permitted response, those that said no on a rejection.
 *   <li>The syntax of the fields is a choice.
 *   <li>503 where the store is away and the limit is closed, no fields where it is open.
 *   <li>A preflight is never limited.
 *   <li>A page of another origin can read a rejection.
 *   <li>{@code HEAD} has the same fields and no content.
 *   <li>Unread content neither desynchronises the connection nor keeps a thread.
 *   <li>The same, where the JDK's server needs settings of its own.
 *   <li>A path is matched as the handler sees it.
 * </ol>
 */
public abstract class HttpAdapterContract implements CrossOriginContract, UnreadContentContract {

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

  /** What an outer filter has put on every response before the gate sees the request. */
  protected static final List<HeaderField> OUTER_FIELDS =
      List.of(
          new HeaderField("Access-Control-Expose-Headers", "X-Request-Id"),
          new HeaderField("Access-Control-Allow-Origin", "https://outer.example"),
          new HeaderField("Vary", "Accept-Encoding"));

  private static final String SECRET = "a secret of the tests, 32 bytes+";
  private static final ObjectMapper JSON = new ObjectMapper();

  /**
   * Starts a server on a free port of the loopback interface whose every path is limited by the
   * gate, on at most 10 threads, behind a filter that adds {@link #OUTER_FIELDS}.
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
  void point01_denied_bodyIsTheRegisteredProblem() throws IOException {
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
  void point10_head_hasTheSameFieldsAndNoContent() throws IOException {
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
  void point03_costAboveCapacity_saysNever() throws IOException {
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
  void point05_permittedNamesAll_deniedNamesThoseThatSaidNo() throws IOException {
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
  void point02_denied_namesNobody() throws IOException {
    HttpRateLimiter gate =
        HttpRateLimiter.builder(InMemoryRateLimiter.create())
            .identity(JwtIdentityResolver.hmac(SECRET))
            .rule(RUNS, perMinute(1))
            .build();
    try (LimitedServer server = start(gate);
        RawHttpClient client = new RawHttpClient(server.port())) {
      client.send(RUN, bearer("somebody"));
      client.send(RUN);
      RawHttpClient.Response user = client.send(RUN, bearer("somebody"));
      RawHttpClient.Response address = client.send(RUN);
      assertThat(List.of(user.status(), address.status())).containsOnly(429);
      assertThat(user + " " + address).doesNotContain("somebody", "acme", "127.0.0.1", "::1");
    }
  }

  @Test
  void point04_anyPolicyName_isReadBackFromFieldsAndBody() throws IOException {
    String name = "a \"b\" \\ c, ;d=1 </script> 'e'~!%?@:()";
    LimitPolicy policy = LimitPolicy.perIdentity(name, Limit.perMinute(1));
    try (LimitedServer server = start(gate(policy));
        RawHttpClient client = new RawHttpClient(server.port())) {
      assertThat(names(client.send(RUN), "RateLimit-Policy")).containsExactly(name);
      RawHttpClient.Response denied = client.send(RUN);
      assertThat(names(denied, "RateLimit-Policy")).containsExactly(name);
      assertThat(names(denied, "RateLimit")).containsExactly(name);
      JsonNode problem = JSON.readTree(denied.body());
      assertThat(problem.get("violated-policies").get(0).asText()).isEqualTo(name);
      assertThat(problem.get("detail").asText()).startsWith("Policy " + name + " allows 1 ");
    }
  }

  private static List<Object> names(RawHttpClient.Response response, String field) {
    return StructuredFields.list(response.values(field)).stream().map(Member::value).toList();
  }

  @Test
  void point06_noSyntax_sendsRetryAfterAlone() throws IOException {
    ResponseStyle style = ResponseStyle.builder().fieldSyntax(FieldSyntax.NONE).build();
    try (LimitedServer server = start(AdapterUnderTest.gate(RUNS, perMinute(1), style));
        RawHttpClient client = new RawHttpClient(server.port())) {
      assertThat(limitFields(client.send(RUN))).isEmpty();
      assertThat(limitFields(client.send(RUN))).containsExactly("retry-after");
    }
  }

  @Test
  void point06_legacySyntax_sendsTheTripleAlone() throws IOException {
    ResponseStyle style =
        ResponseStyle.builder().fieldSyntax(FieldSyntax.LEGACY_DELTA_SECONDS).build();
    try (LimitedServer server = start(AdapterUnderTest.gate(RUNS, perMinute(1), style));
        RawHttpClient client = new RawHttpClient(server.port())) {
      RawHttpClient.Response permitted = client.send(RUN);
      assertThat(limitFields(permitted))
          .containsExactly("x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset");
      assertThat(permitted.value("X-RateLimit-Limit")).isEqualTo("1");
      assertThat(permitted.value("X-RateLimit-Remaining")).isEqualTo("0");
      assertThat(permitted.value("X-RateLimit-Reset")).isEqualTo("60");
      assertThat(limitFields(client.send(RUN)))
          .containsExactly(
              "retry-after", "x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset");
    }
  }

  private static List<String> limitFields(RawHttpClient.Response response) {
    return response.fields().stream()
        .map(field -> field.name().toLowerCase(Locale.ROOT))
        .filter(name -> name.contains("ratelimit") || name.equals("retry-after"))
        .sorted()
        .toList();
  }

  @Test
  void point07_storeAway_closedIs503_openIsWithoutFields() throws IOException {
    Decision closed = Decision.closed(Duration.ofMillis(1250));
    try (LimitedServer server = start(deciding(closed));
        RawHttpClient client = new RawHttpClient(server.port())) {
      RawHttpClient.Response response = client.send(RUN);
      assertThat(response.status()).isEqualTo(503);
      assertThat(limitFields(response)).containsExactly("retry-after");
      assertThat(response.value("Retry-After")).isEqualTo("2");
      assertThat(JSON.readTree(response.body()).get("type").asText())
          .isEqualTo("https://iana.org/assignments/http-problem-types#temporary-reduced-capacity");
    }
    try (LimitedServer server = start(deciding(Decision.open()));
        RawHttpClient client = new RawHttpClient(server.port())) {
      RawHttpClient.Response response = client.send(RUN);
      assertThat(response.status()).isEqualTo(200);
      assertThat(limitFields(response)).isEmpty();
    }
  }

  private static HttpRateLimiter deciding(Decision decision) {
    return HttpRateLimiter.builder(new FixedLimiter(decision)).rule(RUNS, perMinute(1)).build();
  }

  @Test
  void denied_customRejection_isSentWithTheFieldsOfAnyOther() throws IOException {
    ResponseStyle style =
        ResponseStyle.builder()
            .rejection((decision, standard) -> new Rejection(503, "text/plain", "later, \u20ac"))
            .build();
    try (LimitedServer server = start(AdapterUnderTest.gate(RUNS, perMinute(1), style));
        RawHttpClient client = new RawHttpClient(server.port())) {
      client.send(RUN);
      RawHttpClient.Response denied = client.send(RUN);
      assertThat(denied.status()).isEqualTo(503);
      assertThat(denied.value("Content-Type")).startsWith("text/plain");
      assertThat(denied.body()).isEqualTo("later, \u20ac");
      assertThat(denied.value("Retry-After")).isEqualTo("60");
      assertThat(denied.value("RateLimit")).isEqualTo("\"agent-runs\";r=0;t=60");
    }
  }

  @Test
  void denied_customRejectionWithoutContent_isAnswered() throws IOException {
    ResponseStyle style =
        ResponseStyle.builder()
            .rejection((decision, standard) -> new Rejection(429, "", ""))
            .build();
    try (LimitedServer server = start(AdapterUnderTest.gate(RUNS, perMinute(1), style));
        RawHttpClient client = new RawHttpClient(server.port())) {
      client.send(RUN);
      for (int i = 0; i < 2; i++) {
        RawHttpClient.Response denied = client.send(RUN);
        assertThat(denied.status()).isEqualTo(429);
        assertThat(denied.body()).isEmpty();
        assertThat(denied.value("Retry-After")).isEqualTo("60");
      }
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

  @ParameterizedTest(name = "{0}: {1}, {2}")
  @MethodSource("dev.penstock.http.PathVectors#rows")
  void point13_paths_matchAsTheVectorsSay(String requestLine, boolean limited, String why)
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

  @Override
  public LimitedServer start(HttpRateLimiter gate) throws IOException {
    return start(gate, handled::incrementAndGet);
  }

  @Override
  public int handledRequests() {
    return handled.get();
  }

  private static HttpRateLimiter gateOf(String pattern, LimitPolicy policy) {
    return AdapterUnderTest.gate(pattern, policy, ResponseStyle.standard());
  }

  private static String bearer(String user) {
    return HmacTokens.bearer(user, SECRET);
  }
}
