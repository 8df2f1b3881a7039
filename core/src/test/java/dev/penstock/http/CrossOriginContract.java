package dev.penstock.http;

import static dev.penstock.http.AdapterUnderTest.gate;
import static dev.penstock.http.AdapterUnderTest.perMinute;
import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.http.HttpAdapterContract.LimitedServer;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a page of another origin gets to see (standards: WHATWG Fetch, section 3.3). */
interface CrossOriginContract extends AdapterUnderTest {

  String ORIGIN = "https://app.example";
  String EXPOSED = "Access-Control-Expose-Headers";
  String ALLOWED = "Access-Control-Allow-Origin";

  @Test
  default void point08_preflight_isNeverLimited() throws IOException {
    HttpRateLimiter gate = gate("/agents/*/runs", perMinute(1), ResponseStyle.standard());
    try (LimitedServer server = start(gate);
        TestClient client = connect(server)) {
      for (int i = 0; i < 5; i++) {
        RawHttpClient.Response response =
            client.send(
                "OPTIONS /agents/a1/runs",
                "Origin: " + ORIGIN,
                "Access-Control-Request-Method: POST");
        assertThat(response.status()).isEqualTo(200);
        assertThat(response.values("RateLimit")).isEmpty();
      }
      assertThat(client.send("OPTIONS /agents/a1/runs").values("RateLimit")).isNotEmpty();
      assertThat(client.send("OPTIONS /agents/a1/runs", "Origin: " + ORIGIN).status())
          .isEqualTo(429);
    }
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
