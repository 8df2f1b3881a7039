package dev.penstock.http;

import static dev.penstock.http.AdapterUnderTest.gate;
import static dev.penstock.http.AdapterUnderTest.perMinute;
import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.Decision;
import dev.penstock.Identity;
import dev.penstock.Limit;
import dev.penstock.LimitPolicy;
import dev.penstock.jwt.HmacTokens;
import dev.penstock.jwt.InvalidTokenMode;
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
 * start; all else is inherited. Over HTTP/1.1 implement {@link UnreadContentContract}, too; for
 * another version override {@link #connect}.
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
 *   <li>A preflight is limited by a rule for {@code OPTIONS} or for every method only.
 *   <li>A page of another origin can read a rejection.
 *   <li>{@code HEAD} has the same fields and no content.
 *   <li>Unread content neither desynchronises the connection nor keeps a thread.
 *   <li>The same, where the JDK's server needs settings of its own.
 *   <li>A path is matched as it stands, or under every rule whose words are in it in their order.
 * </ol>
 */
public abstract class HttpAdapterContract
    implements ResponseContract, CrossOriginContract, UserCodeContract {

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

  /**
   * Starts a server on a free port of the loopback interface whose every path is limited by the
   * gate, on at most 10 threads, behind a filter that adds {@link #OUTER_FIELDS}.
   *
   * @param gate who decides
   * @param handled to be told of each request that reaches the handler, which then answers 200 with
   *     {@link #OWN_FIELD} and {@link #HANDLED}
   * @return the running server
   */
  protected abstract LimitedServer start(Gate gate, Runnable handled) throws IOException;

  private final AtomicInteger handled = new AtomicInteger();

  @Test
  void permitted_reachesTheHandlerWithFieldsAdded() throws IOException {
    try (LimitedServer server = start(gate(perMinute(10)));
        TestClient client = connect(server)) {
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
        TestClient client = connect(server)) {
      for (int remaining = 9; remaining >= 0; remaining--) {
        assertThat(client.send(RUN).value("RateLimit"))
            .startsWith("\"agent-runs\";r=" + remaining + ";t=");
      }
    }
  }

  @Test
  void denied_isAnsweredWith429AndNeverReachesTheHandler() throws IOException {
    try (LimitedServer server = start(gate(perMinute(1)));
        TestClient client = connect(server)) {
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
  void point02_denied_namesNobody() throws IOException {
    HttpRateLimiter gate =
        HttpRateLimiter.builder(InMemoryRateLimiter.create())
            .identity(JwtIdentityResolver.hmac(SECRET))
            .rule(RUNS, perMinute(1))
            .build();
    try (LimitedServer server = start(gate);
        TestClient client = connect(server)) {
      client.send(RUN, bearer("somebody"));
      client.send(RUN);
      RawHttpClient.Response user = client.send(RUN, bearer("somebody"));
      RawHttpClient.Response address = client.send(RUN);
      assertThat(List.of(user.status(), address.status())).containsOnly(429);
      assertThat(user + " " + address).doesNotContain("somebody", "acme", "127.0.0.1", "::1");
    }
  }

  @Test
  void unmatched_isUntouched() throws IOException {
    try (LimitedServer server = start(gate(perMinute(1)));
        TestClient client = connect(server)) {
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
        TestClient client = connect(server)) {
      assertCharged(client.send(requestLine), limited);
    }
  }

  @ParameterizedTest(name = "{0}: {1}")
  @MethodSource("dev.penstock.http.PathVectors#oddTargets")
  void point13_oddTargets_areChargedAsTheVectorsSay(String requestLine, boolean charged)
      throws IOException {
    try (LimitedServer server = start(gate(perMinute(10)));
        TestClient client = connect(server)) {
      assertCharged(client.send(requestLine), charged);
    }
  }

  /** Some servers refuse some targets themselves; their handlers never see them. */
  private void assertCharged(RawHttpClient.Response response, boolean charged) {
    if (response.status() == 400) {
      assertThat(handled).hasValue(0);
    } else {
      assertThat(response.values("RateLimit").isEmpty()).isNotEqualTo(charged);
    }
  }

  @Test
  void point13_methodInAnotherCase_isCharged() throws IOException {
    try (LimitedServer server = start(gate(perMinute(10)));
        TestClient client = connect(server)) {
      RawHttpClient.Response response = client.send("post /agents/a1/runs");
      assertThat(response.body()).isEqualTo(HANDLED);
      assertThat(response.value("RateLimit")).startsWith("\"agent-runs\";r=9;");
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
        TestClient client = connect(server)) {
      String forged = "X-Forwarded-For: 198.51.100.1";
      assertThat(client.send(RUN, forged, "X-Forwarded-For: 192.0.2.1").status()).isEqualTo(200);
      assertThat(client.send(RUN, forged, "X-Forwarded-For: 192.0.2.2").status()).isEqualTo(200);
      assertThat(client.send(RUN, "x-forwarded-for: 192.0.2.2").status()).isEqualTo(429);
    }
    try (LimitedServer server = start(gate(perMinute(1)));
        TestClient client = connect(server)) {
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
        TestClient client = connect(server)) {
      assertThat(client.send(RUN, bearer("u1")).status()).isEqualTo(200);
      assertThat(client.send(RUN, bearer("u1")).status()).isEqualTo(429);
      assertThat(client.send(RUN, bearer("u2")).status()).isEqualTo(200);
      assertThat(client.send(RUN, forged).status()).isEqualTo(200);
      assertThat(client.send(RUN).status()).isEqualTo(429);
      assertThat(client.send(RUN, bearer("u4"), bearer("u4")).status()).isEqualTo(200);
      assertThat(client.send(RUN, forged, bearer("u4")).status()).isEqualTo(429);
      assertThat(client.send(RUN, bearer("u4"), forged).status()).isEqualTo(429);
    }
  }

  @Test
  void tokens_whereInvalidOnesAreRejected_areAnsweredWith401() throws IOException {
    HttpRateLimiter gate =
        HttpRateLimiter.builder(InMemoryRateLimiter.create())
            .identity(
                JwtIdentityResolver.builder()
                    .hmac(SECRET)
                    .onInvalidToken(InvalidTokenMode.REJECT)
                    .build())
            .rule(RUNS, perMinute(1))
            .build();
    try (LimitedServer server = start(gate);
        TestClient client = connect(server)) {
      RawHttpClient.Response rejected =
          client.send(RUN, HmacTokens.bearer("u1", "another secret of 32 bytes or so"));
      assertThat(rejected.status()).isEqualTo(401);
      assertThat(rejected.value("WWW-Authenticate")).startsWith("Bearer error=\"invalid_token\"");
      assertThat(rejected.value("Content-Type")).startsWith("application/problem+json");
      assertThat(rejected.body()).startsWith("{\"type\":\"about:blank\"").endsWith("}");
      assertThat(client.send(RUN, bearer("u1")).status()).isEqualTo(200);
      assertThat(client.send(RUN).status()).isEqualTo(200);
    }
  }

  @Test
  void manyAtOnce_exactlyTheCapacityIsHandled() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(20);
    LimitPolicy five = LimitPolicy.perIdentity("agent-runs", Limit.perDay(5));
    try (LimitedServer server = start(gate(five))) {
      List<Callable<Integer>> requests = new ArrayList<>();
      for (int i = 0; i < 100; i++) {
        requests.add(
            () -> {
              try (TestClient client = connect(server)) {
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
            .listener(event -> told.add(describe(event.kind(), event.decision())))
            .build();
    try (LimitedServer server = start(gate);
        TestClient client = connect(server)) {
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
  public LimitedServer start(Gate gate) throws IOException {
    return start(gate, handled::incrementAndGet);
  }

  @Override
  public TestClient connect(LimitedServer server) throws IOException {
    return new RawHttpClient(server.port());
  }

  @Override
  public int handledRequests() {
    return handled.get();
  }

  private static String bearer(String user) {
    return HmacTokens.bearer(user, SECRET);
  }
}
