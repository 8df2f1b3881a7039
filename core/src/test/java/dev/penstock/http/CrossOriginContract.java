package dev.penstock.http;

import static dev.penstock.http.AdapterUnderTest.gate;
import static dev.penstock.http.AdapterUnderTest.perMinute;
import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.http.HttpAdapterContract.LimitedServer;
import dev.penstock.memory.InMemoryRateLimiter;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a page of another origin gets to see (standards: WHATWG Fetch, section 3.3). */
interface CrossOriginContract extends AdapterUnderTest {

  String ORIGIN = "https://app.example";
  String EXPOSED = "Access-Control-Expose-Headers";
  String ALLOWED = "Access-Control-Allow-Origin";

  @Test
  default void point08_preflightOfARuleForAnotherMethod_isNeverLimited() throws IOException {
    try (LimitedServer server = start(gate(perMinute(1)));
        TestClient client = connect(server)) {
      assertThat(client.send(RUN).status()).isEqualTo(200);
      assertThat(client.send(RUN).status()).isEqualTo(429);
      for (int i = 0; i < 5; i++) {
        RawHttpClient.Response response = preflight(client);
        assertThat(response.status()).isEqualTo(200);
        assertThat(response.values("RateLimit")).isEmpty();
      }
    }
  }

  /** Else two fields would lead past the limit wherever the handler ignores the method. */
  @ParameterizedTest
  @ValueSource(strings = {"/agents/*/runs", "/**", "OPTIONS /agents/*/runs"})
  default void point08_preflightOfARuleForOptions_isChargedAsAnyRequest(String pattern)
      throws IOException {
    HttpRateLimiter gate = gate(pattern, perMinute(3), ResponseStyle.standard());
    try (LimitedServer server = start(gate);
        TestClient client = connect(server)) {
      for (int i = 0; i < 3; i++) {
        assertThat(preflight(client).status()).isEqualTo(200);
      }
      for (int i = 0; i < 7; i++) {
        assertThat(preflight(client).status()).isEqualTo(429);
      }
      assertThat(handledRequests()).isEqualTo(3);
    }
  }

  @Test
  default void point08_optionsThatAreExempt_areNotLimited() throws IOException {
    HttpRateLimiter gate =
        HttpRateLimiter.builder(InMemoryRateLimiter.create())
            .exempt("OPTIONS /**")
            .rule("/agents/**", perMinute(1))
            .build();
    try (LimitedServer server = start(gate);
        TestClient client = connect(server)) {
      client.send(RUN);
      assertThat(client.send(RUN).status()).isEqualTo(429);
      assertThat(preflight(client).status()).isEqualTo(200);
    }
  }

  private static RawHttpClient.Response preflight(TestClient client) throws IOException {
    return client.send(
        "OPTIONS /agents/a1/runs", "Origin: " + ORIGIN, "Access-Control-Request-Method: POST");
  }

  @Test
  default void point09_crossOrigin_addsTheNamesOfWhatIsSent() throws IOException {
    try (LimitedServer server = start(gate(perMinute(1)));
        TestClient client = connect(server)) {
      String outer = outer(EXPOSED);
      assertThat(exposed(client.send(RUN, "Origin: " + ORIGIN))).containsExactly(outer);
      RawHttpClient.Response denied = client.send(RUN, "Origin: " + ORIGIN);
      assertThat(exposed(denied))
          .containsExactlyInAnyOrder(outer, "Retry-After", "RateLimit", "RateLimit-Policy");
      assertThat(exposed(client.send(RUN))).containsExactly(outer);
    }
  }

  @Test
  default void point09_crossOriginWithoutLimitFields_namesRetryAfterOnly() throws IOException {
    ResponseStyle none = ResponseStyle.builder().fieldSyntax(FieldSyntax.NONE).build();
    try (LimitedServer server = start(gate(RUNS, perMinute(1), none));
        TestClient client = connect(server)) {
      client.send(RUN);
      assertThat(exposed(client.send(RUN, "Origin: " + ORIGIN)))
          .containsExactlyInAnyOrder(outer(EXPOSED), "Retry-After");
    }
  }

  @Test
  default void point09_allowedOrigin_isNamedOnceOnRejections_withVary() throws IOException {
    ResponseStyle style = ResponseStyle.builder().allowOrigins(ORIGIN).build();
    try (LimitedServer server = start(gate(RUNS, perMinute(1), style));
        TestClient client = connect(server)) {
      RawHttpClient.Response permitted = client.send(RUN, "Origin: " + ORIGIN);
      assertThat(permitted.value(ALLOWED)).isEqualTo(outer(ALLOWED));
      assertThat(permitted.members("Vary")).containsExactly(outer("Vary"));
      RawHttpClient.Response denied = client.send(RUN, "Origin: " + ORIGIN);
      assertThat(denied.value(ALLOWED)).isEqualTo(ORIGIN);
      assertThat(denied.members("Vary")).containsExactlyInAnyOrder(outer("Vary"), "Origin");
      RawHttpClient.Response other = client.send(RUN, "Origin: https://app.example.evil");
      assertThat(other.value(ALLOWED)).isEqualTo(outer(ALLOWED));
      assertThat(other.members("Vary")).containsExactlyInAnyOrder(outer("Vary"), "Origin");
    }
  }

  private static List<String> exposed(RawHttpClient.Response response) {
    return response.members(EXPOSED);
  }

  private static String outer(String name) {
    return HttpAdapterContract.OUTER_FIELDS.stream()
        .filter(field -> field.name().equals(name))
        .findFirst()
        .orElseThrow()
        .value();
  }
}
