package dev.penstock.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.http.HttpAdapterContract.LimitedServer;
import dev.penstock.memory.InMemoryRateLimiter;
import java.io.IOException;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Whatever the application's own code does, a request is answered, and the server serves on. */
interface UserCodeContract extends AdapterUnderTest {

  @ParameterizedTest
  @EnumSource(UserCode.class)
  default void userCode_policyThatThrows_isAnsweredWith503(UserCode code) throws IOException {
    assertUnavailable(UserCode.Policy.failing(code));
  }

  @Test
  default void userCode_policyThatNamesNoLimits_isAnsweredWith503() throws IOException {
    for (UserCode.Policy policy : UserCode.Policy.misnaming()) {
      assertUnavailable(policy);
    }
  }

  private void assertUnavailable(UserCode.Policy policy) throws IOException {
    HttpRateLimiter gate = AdapterUnderTest.gate(policy);
    policy.gateIsBuilt();
    int before = handledRequests();
    try (LimitedServer server = start(gate);
        TestClient client = connect(server)) {
      RawHttpClient.Response response = client.send(RUN);
      assertThat(response.status()).isEqualTo(503);
      assertThat(response.value("Content-Type")).isEqualTo("application/problem+json");
      assertThat(response.value("Cache-Control")).isEqualTo("no-store");
      assertThat(response.body())
          .isEqualTo(
              "{\"type\":\"https://iana.org/assignments/http-problem-types"
                  + "#temporary-reduced-capacity\",\"title\":\"Temporary Reduced Capacity\","
                  + "\"status\":503,\"detail\":\"The service takes no such requests at the"
                  + " moment.\"}");
      assertThat(response.values("Retry-After")).isEmpty();
      assertThat(response.values("RateLimit")).isEmpty();
      assertThat(handledRequests()).isEqualTo(before);
      try (TestClient next = connect(server)) { // Tomcat closes a connection after any 503
        assertThat(next.send("GET /elsewhere").body()).isEqualTo(HttpAdapterContract.HANDLED);
      }
    }
  }

  /** The resolver, the cost, the listener and the rejection all fail, and the limit holds. */
  @ParameterizedTest
  @EnumSource(UserCode.class)
  default void userCode_allElseThrows_isAnsweredAsItWouldBeWithout(UserCode code)
      throws IOException {
    HttpRateLimiter gate =
        HttpRateLimiter.builder(InMemoryRateLimiter.create())
            .identity(
                request -> {
                  code.fail();
                  return Optional.empty();
                })
            .rule(
                RUNS,
                AdapterUnderTest.perMinute(10),
                request -> {
                  code.fail();
                  return 1;
                },
                5)
            .listener(event -> code.fail())
            .responses(
                ResponseStyle.builder()
                    .rejection(
                        (decision, standard) -> {
                          code.fail();
                          return standard;
                        })
                    .build())
            .build();
    try (LimitedServer server = start(gate);
        TestClient client = connect(server)) {
      assertThat(client.send(RUN).value("RateLimit")).startsWith("\"agent-runs\";r=5;");
      assertThat(client.send(RUN).value("RateLimit")).startsWith("\"agent-runs\";r=0;");
      RawHttpClient.Response denied = client.send(RUN);
      assertThat(denied.status()).isEqualTo(429);
      assertThat(denied.body()).contains("#quota-exceeded");
      assertThat(client.send("GET /elsewhere").body()).isEqualTo(HttpAdapterContract.HANDLED);
    }
  }
}
