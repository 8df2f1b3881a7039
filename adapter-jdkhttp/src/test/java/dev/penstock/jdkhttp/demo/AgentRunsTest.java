package dev.penstock.jdkhttp.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.penstock.http.RawHttpClient;
import dev.penstock.redis.Await;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Runs that take their time and tokens, on a demo of one slot and a thousand tokens a minute. */
class AgentRunsTest {

  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final String RUN = "POST /agents/a1/runs";
  private static final ObjectMapper JSON = new ObjectMapper();

  private AgentServer server;
  private RawHttpClient client;

  @BeforeEach
  void start() throws IOException {
    server =
        AgentServer.start(
            Settings.of(
                Map.of(
                    "PORT", "0", "IN_FLIGHT", "1", "MODEL_TOKENS", "1000", "RATE_LIMIT", "9/s")));
    client = new RawHttpClient(server.port());
  }

  @AfterEach
  void stop() throws IOException {
    client.close();
    server.close();
  }

  @ParameterizedTest
  @CsvSource({"'', 100", "?tokens=0, 0", "?tokens=250, 250", "?seconds=1&tokens=40, 40"})
  void run_reportsWhatItHasUsed(String query, long tokens) throws IOException {
    JsonNode run = JSON.readTree(client.send(RUN + query).body());
    assertThat(run.get("usage").get("total_tokens").asLong()).isEqualTo(tokens);
    assertThat(run.get("status").asText()).isEqualTo("COMPLETED");
    assertThat(tokensLeft(client.send(RUN))).isBetween(1000 - tokens, 1000 - tokens + 30);
  }

  @Test
  void run_streamed_reportsWhatItHasUsed() throws IOException {
    String events = client.send(RUN + "?stream=true&seconds=1&tokens=40").body();
    assertThat(events)
        .contains("event: RunCompleted\ndata: {")
        .endsWith(
            "\"status\":\"COMPLETED\",\"charged_to\":\"127.0.0.1\",\"usage\":{\"total_tokens\":40}}\n\n");
    assertThat(tokensLeft(client.send(RUN))).isBetween(960L, 990L);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "seconds=21, seconds must be a whole number from 0 to 20",
        "seconds=-1, seconds must be a whole number from 0 to 20",
        "seconds=, seconds must be a whole number from 0 to 20",
        "tokens=1000001, tokens must be a whole number from 0 to 1000000",
        "tokens=99999999999999999999, tokens must be a whole number from 0 to 1000000",
        "tokens=1.5, tokens must be a whole number from 0 to 1000000",
      })
  void run_numberOutOfRange_isRefused(String queryAndDetail) throws IOException {
    String[] parts = queryAndDetail.split(", ", 2);
    RawHttpClient.Response response = client.send(RUN + "?" + parts[0]);
    assertThat(response.status()).isEqualTo(400);
    assertThat(response.body()).isEqualTo("{\"detail\":\"" + parts[1] + "\"}");
    assertThatThrownBy(() -> RunRequest.of(parts[0], ""))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(parts[1]);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "stream=true&seconds=3&tokens=7",
        "a=b&seconds=3&tokens=7&stream=true",
        """
        --b
        Content-Disposition: form-data; name="seconds"

        3
        --b
        Content-Disposition: form-data; name="tokens"
        Content-Type: text/plain

        7
        --b
        Content-Disposition: form-data; name="stream"

        true
        --b--
        """
      })
  void request_ofAForm_isRead(String form) {
    assertThat(RunRequest.of("", form)).isEqualTo(new RunRequest(true, 3, 7));
    assertThat(RunRequest.of("", form.replace("\n", "\r\n"))).isEqualTo(new RunRequest(true, 3, 7));
    assertThat(RunRequest.of("seconds=4", form)).isEqualTo(new RunRequest(true, 4, 7));
  }

  @Test
  void run_thatUsesMoreThanThereIs_leavesADebt() throws IOException {
    assertThat(client.send(RUN + "?tokens=3000").status()).isEqualTo(200);
    RawHttpClient.Response denied = client.send(RUN);
    assertThat(denied.status()).isEqualTo(429);
    assertThat(denied.value("RateLimit")).startsWith("\"model-tokens\";r=0;t=");
    assertThat(Integer.parseInt(denied.value("Retry-After"))).isBetween(100, 121);
  }

  @Test
  void run_whileAnotherHasTheSlot_isDeniedWithoutATime() throws IOException {
    try (RawHttpClient first = new RawHttpClient(server.port())) {
      begin(first);
      RawHttpClient.Response denied = client.send(RUN);
      assertThat(denied.status()).isEqualTo(429);
      assertThat(denied.value("RateLimit")).isEqualTo("\"in-flight\";r=0");
      assertThat(denied.values("Retry-After")).isEmpty();
    }
  }

  /** Of 4,000 tokens in 20 seconds it has used what it had when its client was gone. */
  @Test
  void run_whoseClientGoesAway_isCancelledAndPaysWhatItHasUsed() throws IOException {
    try (RawHttpClient first = new RawHttpClient(server.port())) {
      begin(first);
      first.goAway();
    }
    Await.until("the slot is free", PATIENCE, () -> client.send(RUN).status() == 200);
    Await.until("the run is over", PATIENCE, () -> runningAgents() == 0);
    assertThat(tokensLeft(client.send(RUN))).isBetween(1L, 999L);
  }

  private void begin(RawHttpClient waiting) throws IOException {
    waiting.sendBytes(
        RUN + "?stream=true&seconds=20&tokens=4000 HTTP/1.1\r\nHost: localhost\r\n\r\n");
    Await.until("the run has begun", PATIENCE, () -> runningAgents() == 1);
  }

  private static long runningAgents() {
    return Thread.getAllStackTraces().entrySet().stream()
        .filter(thread -> thread.getKey().getName().equals("agent"))
        .filter(
            thread ->
                Arrays.stream(thread.getValue())
                    .anyMatch(frame -> frame.getClassName().equals(Run.class.getName())))
        .count();
  }

  private static long tokensLeft(RawHttpClient.Response response) {
    return response.members("RateLimit").stream()
        .filter(member -> member.startsWith("\"model-tokens\";r="))
        .map(member -> member.replaceAll(".*;r=([0-9]+).*", "$1"))
        .mapToLong(Long::parseLong)
        .findFirst()
        .orElseThrow();
  }
}
