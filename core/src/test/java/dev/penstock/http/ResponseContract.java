package dev.penstock.http;

import static dev.penstock.http.AdapterUnderTest.gate;
import static dev.penstock.http.AdapterUnderTest.perMinute;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.penstock.Decision;
import dev.penstock.FixedLimiter;
import dev.penstock.Limit;
import dev.penstock.LimitPolicy;
import dev.penstock.http.HttpAdapterContract.LimitedServer;
import dev.penstock.http.StructuredFields.Member;
import dev.penstock.memory.InMemoryRateLimiter;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;

/** What a response says, in its fields and in its content. */
interface ResponseContract extends AdapterUnderTest {

  ObjectMapper JSON = new ObjectMapper();

  /** What keeps a response from other clients, where there is a cache between. */
  String AUTHORIZED = "Authorization: Bearer x";

  @Test
  default void point01_denied_bodyIsTheRegisteredProblem() throws IOException {
    try (LimitedServer server = start(gate(perMinute(1)));
        TestClient client = connect(server)) {
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
  default void point03_costAboveCapacity_saysNever() throws IOException {
    HttpRateLimiter gate =
        HttpRateLimiter.builder(InMemoryRateLimiter.create()).rule(RUNS, perMinute(10), 11).build();
    try (LimitedServer server = start(gate);
        TestClient client = connect(server)) {
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
  default void point04_anyPolicyName_isReadBackFromFieldsAndBody() throws IOException {
    String name = "a \"b\" \\ c, ;d=1 </script> 'e'~!%?@:()";
    LimitPolicy policy = LimitPolicy.perIdentity(name, Limit.perMinute(1));
    try (LimitedServer server = start(gate(policy));
        TestClient client = connect(server)) {
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
  default void point05_permittedNamesAll_deniedNamesThoseThatSaidNo() throws IOException {
    LimitPolicy both = perMinute(1).and(LimitPolicy.everyone("platform", Limit.parse("5000/day")));
    try (LimitedServer server = start(gate(both));
        TestClient client = connect(server)) {
      assertThat(client.send(RUN).value("RateLimit"))
          .isEqualTo("\"agent-runs\";r=0;t=60, \"platform\";r=4999;t=86383");
      RawHttpClient.Response denied = client.send(RUN);
      assertThat(denied.value("RateLimit-Policy"))
          .isEqualTo("\"agent-runs\";q=1;w=60, \"platform\";q=5000;w=86400");
      assertThat(denied.value("RateLimit")).isEqualTo("\"agent-runs\";r=0;t=60");
    }
  }

  @Test
  default void point06_noSyntax_sendsRetryAfterAlone() throws IOException {
    ResponseStyle style = ResponseStyle.builder().fieldSyntax(FieldSyntax.NONE).build();
    try (LimitedServer server = start(gate(RUNS, perMinute(1), style));
        TestClient client = connect(server)) {
      assertThat(limitFields(client.send(RUN))).isEmpty();
      assertThat(limitFields(client.send(RUN))).containsExactly("retry-after");
    }
  }

  @Test
  default void point06_legacySyntax_sendsTheTripleAlone() throws IOException {
    ResponseStyle style =
        ResponseStyle.builder().fieldSyntax(FieldSyntax.LEGACY_DELTA_SECONDS).build();
    try (LimitedServer server = start(gate(RUNS, perMinute(1), style));
        TestClient client = connect(server)) {
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
  default void point07_storeAway_closedIs503_openIsWithoutFields() throws IOException {
    Decision closed = Decision.closed(Duration.ofMillis(1250));
    try (LimitedServer server = start(deciding(closed));
        TestClient client = connect(server)) {
      RawHttpClient.Response response = client.send(RUN);
      assertThat(response.status()).isEqualTo(503);
      assertThat(limitFields(response)).containsExactly("retry-after");
      assertThat(response.value("Retry-After")).isEqualTo("2");
      assertThat(JSON.readTree(response.body()).get("type").asText())
          .isEqualTo("https://iana.org/assignments/http-problem-types#temporary-reduced-capacity");
    }
    try (LimitedServer server = start(deciding(Decision.open()));
        TestClient client = connect(server)) {
      RawHttpClient.Response response = client.send(RUN);
      assertThat(response.status()).isEqualTo(200);
      assertThat(limitFields(response)).isEmpty();
    }
  }

  private static HttpRateLimiter deciding(Decision decision) {
    return HttpRateLimiter.builder(new FixedLimiter(decision)).rule(RUNS, perMinute(1)).build();
  }

  @Test
  default void point10_head_hasTheSameFieldsAndNoContent() throws IOException {
    HttpRateLimiter gate = gate("GET /agents/*/runs", perMinute(1), ResponseStyle.standard());
    try (LimitedServer server = start(gate);
        TestClient client = connect(server)) {
      assertThat(client.send("HEAD /agents/a1/runs", AUTHORIZED).value("RateLimit"))
          .isEqualTo("\"agent-runs\";r=0;t=60");
      RawHttpClient.Response response = client.send("HEAD /agents/a1/runs", AUTHORIZED);
      assertThat(response.status()).isEqualTo(429);
      assertThat(response.value("Retry-After")).isEqualTo("60");
      assertThat(response.value("RateLimit")).isEqualTo("\"agent-runs\";r=0;t=60");
      // RFC 9110 section 8.6: what GET would say, or nothing
      assertThat(client.send("GET /agents/a1/runs").values("Content-Length"))
          .containsAll(response.values("Content-Length"));
      assertThat(client.send("GET /elsewhere").body()).isEqualTo(HttpAdapterContract.HANDLED);
    }
  }

  /** A cache may keep it as long as the application says, and that says nothing here. */
  @Test
  default void point05_permittedGetThatCachesMayHandOn_saysNothingOfItsClient() throws IOException {
    HttpRateLimiter gate = gate("GET /agents/*/runs", perMinute(9), ResponseStyle.standard());
    try (LimitedServer server = start(gate);
        TestClient client = connect(server)) {
      RawHttpClient.Response open = client.send("GET /agents/a1/runs");
      assertThat(open.body()).isEqualTo(HttpAdapterContract.HANDLED);
      assertThat(limitFields(open)).isEmpty();
      assertThat(open.values("Cache-Control")).isEmpty();
      RawHttpClient.Response own = client.send("GET /agents/a1/runs", AUTHORIZED);
      assertThat(own.value("RateLimit")).startsWith("\"agent-runs\";r=7;");
      assertThat(own.values("Cache-Control")).isEmpty();
    }
  }

  @Test
  default void permittedGet_privateByChoice_saysSo() throws IOException {
    ResponseStyle style = ResponseStyle.builder().sharedCaches(SharedCaches.PRIVATE).build();
    try (LimitedServer server = start(gate("GET /agents/*/runs", perMinute(9), style));
        TestClient client = connect(server)) {
      RawHttpClient.Response response = client.send("GET /agents/a1/runs");
      assertThat(response.value("Cache-Control")).isEqualTo("private");
      assertThat(response.value("RateLimit")).startsWith("\"agent-runs\";r=8;");
    }
  }

  @Test
  default void denied_customRejection_isSentWithTheFieldsOfAnyOther() throws IOException {
    ResponseStyle style =
        ResponseStyle.builder()
            .rejection((decision, standard) -> new Rejection(503, "text/plain", "later, \u20ac"))
            .build();
    try (LimitedServer server = start(gate(RUNS, perMinute(1), style));
        TestClient client = connect(server)) {
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
  default void denied_customRejectionWithoutContent_isAnswered() throws IOException {
    ResponseStyle style =
        ResponseStyle.builder()
            .rejection((decision, standard) -> new Rejection(429, "", ""))
            .build();
    try (LimitedServer server = start(gate(RUNS, perMinute(1), style));
        TestClient client = connect(server)) {
      client.send(RUN);
      for (int i = 0; i < 2; i++) {
        RawHttpClient.Response denied = client.send(RUN);
        assertThat(denied.status()).isEqualTo(429);
        assertThat(denied.body()).isEmpty();
        assertThat(denied.value("Retry-After")).isEqualTo("60");
      }
    }
  }
}
