package dev.penstock.jdkhttp.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.penstock.http.RawHttpClient;
import dev.penstock.jwt.HmacTokens;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AgentServerTest {

  private static final String SECRET = "a secret of the tests, 32 bytes+";
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
                    "PORT",
                    "0",
                    "JWT_SECRET",
                    SECRET,
                    "TRUSTED_PROXIES",
                    "127.0.0.1, 10.0.0.0/8")));
    client = new RawHttpClient(server.port());
  }

  @AfterEach
  void stop() throws IOException {
    client.close();
    server.close();
  }

  @Test
  void run_tenAMinuteForEachUser_whateverTheToken() throws IOException {
    for (int remaining = 9; remaining >= 0; remaining--) {
      RawHttpClient.Response response = client.send(RUN, HmacTokens.bearer("u1", SECRET));
      assertThat(response.status()).isEqualTo(200);
      assertThat(response.value("RateLimit")).startsWith("\"agent-runs\";r=" + remaining + ";t=");
    }
    RawHttpClient.Response denied = client.send(RUN, HmacTokens.bearer("u1", SECRET));
    assertThat(denied.status()).isEqualTo(429);
    assertThat(denied.value("Retry-After")).isEqualTo("6");
    assertThat(client.send(RUN, HmacTokens.bearer("u2", SECRET)).status()).isEqualTo(200);
  }

  @Test
  void run_byAPolicyFile_isLimitedAsItSays(@TempDir Path directory) throws IOException {
    Path file = Files.copy(Path.of("../docs/policy-small.yaml"), directory.resolve("policy.yaml"));
    Map<String, String> environment =
        Map.of("PORT", "0", "JWT_SECRET", SECRET, "POLICY_FILE", file.toString());
    try (AgentServer byFile = AgentServer.start(Settings.of(environment));
        RawHttpClient other = new RawHttpClient(byFile.port())) {
      RawHttpClient.Response response = other.send(RUN, HmacTokens.bearer("u1", SECRET));
      assertThat(response.status()).isEqualTo(200);
      assertThat(response.value("RateLimit-Policy"))
          .isEqualTo(
              "\"runs\";q=10;w=60, \"runs-day\";q=5000;w=86400,"
                  + " \"runs-in-flight\";q=4;qu=\"concurrent-requests\"");
      assertThat(other.send("GET /metrics").body()).contains("penstock_decisions_total");
    }
  }

  @Test
  void start_redisThatThePolicyFileDoesNotName_isRefused(@TempDir Path directory)
      throws IOException {
    Path file = Files.copy(Path.of("../docs/policy-small.yaml"), directory.resolve("policy.yaml"));
    Map<String, String> environment =
        Map.of("PORT", "0", "POLICY_FILE", file.toString(), "REDIS_URL", "redis://127.0.0.1:1");
    assertThatThrownBy(() -> AgentServer.start(Settings.of(environment)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "REDIS_URL must not be set where POLICY_FILE names no Redis, as by redis: {url:"
                + " env:REDIS_URL}: "
                + file);
  }

  @Test
  void start_badPolicyFile_saysAllItsFaults(@TempDir Path directory) throws IOException {
    Path file = Files.writeString(directory.resolve("policy.yaml"), "rules: []\n");
    Settings settings = Settings.of(Map.of("PORT", "0", "POLICY_FILE", file.toString()));
    assertThatThrownBy(() -> AgentServer.start(settings))
        .isInstanceOf(IllegalArgumentException.class)
        .message()
        .asString()
        .hasLineCount(3);
  }

  @Test
  void run_saysWhoIsCharged() throws IOException {
    assertThat(run(HmacTokens.bearer("u1", SECRET)).get("charged_to").asText())
        .isEqualTo("acme/u1");
    assertThat(run().get("charged_to").asText()).isEqualTo("127.0.0.1");
    assertThat(run("X-Forwarded-For: 192.0.2.7, 10.1.1.1").get("charged_to").asText())
        .isEqualTo("192.0.2.7");
    assertThat(run(HmacTokens.bearer("u1", SECRET + "x")).get("charged_to").asText())
        .isEqualTo("127.0.0.1");
  }

  @Test
  void run_isAFinishedRunOfTheAgent() throws IOException {
    JsonNode run = run();
    assertThat(run.get("agent_id").asText()).isEqualTo("a1");
    assertThat(run.get("status").asText()).isEqualTo("COMPLETED");
    assertThat(run.get("run_id").asText()).hasSize(36);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "/agents/a1/runs?stream=true | ``",
        "/agents/a1/runs?x=1&stream=true | ``",
        "/agents/a1/runs | stream=true",
        "/agents/a1/runs | message=hi&stream=true&x=1",
        "/agents/a1/runs"
            + " | `--b\r\nContent-Disposition: form-data; name=\"stream\"\r\n\r\ntrue\r\n--b--\r\n`",
      })
  void run_streamed_isServerSentEvents(String target, String form) throws IOException {
    client.sendBytes(
        "POST "
            + target
            + " HTTP/1.1\r\nHost: localhost\r\nContent-Length: "
            + form.length()
            + "\r\n\r\n"
            + form);
    RawHttpClient.Response response = client.read(false);
    assertThat(response.value("Content-Type")).isEqualTo("text/event-stream");
    assertThat(response.value("RateLimit")).startsWith("\"agent-runs\";r=9");
    assertThat(response.body())
        .startsWith("event: RunStarted\ndata: {\"run_id\":")
        .contains("\n\nevent: RunCompleted\ndata: {")
        .contains("\"charged_to\":\"127.0.0.1\"")
        .endsWith("}\n\n");
  }

  @ParameterizedTest
  @ValueSource(strings = {"\na", "\nname=\"stream\""})
  void run_formOfManyLines_isAnswered(String line) throws IOException {
    String form = "name=\"stream\"" + line.repeat(60_000 / line.length());
    client.sendBytes(
        "POST /agents/a1/runs HTTP/1.1\r\nHost: localhost\r\nContent-Length: "
            + form.length()
            + "\r\n\r\n"
            + form);
    assertThat(client.read(false).body()).contains("COMPLETED");
  }

  /** The handler sees the path decoded, so a slash that was encoded ends a segment there. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "/agents/a%5Cb%2Fruns",
        "/agents%2fa1%2fruns",
        "/agents%2f..%2fruns",
        "/agents/..%2fruns",
        "//x/agents/a1/runs",
        "%2fagents/a1/runs",
        "%2Fagents/a:b/runs%2f",
        "%2fagents%2fa1%2fruns",
      })
  void run_oddTarget_isLimited(String target) throws IOException {
    RawHttpClient.Response response = client.send("POST " + target);
    assertThat(response.body()).contains("run_id");
    assertThat(response.value("RateLimit")).startsWith("\"agent-runs\";r=9");
  }

  @Test
  void health_isNeverLimited() throws IOException {
    for (int i = 0; i < 30; i++) {
      RawHttpClient.Response response = client.send("GET /health");
      assertThat(response.body()).isEqualTo("{\"status\":\"ok\"}");
      assertThat(response.values("RateLimit")).isEmpty();
    }
  }

  @Test
  void metrics_countPermittedDeniedAndRejectedTokens() throws IOException {
    for (int i = 0; i < 12; i++) {
      client.send(RUN);
    }
    client.send(RUN, HmacTokens.bearer("u1", SECRET + "x"));
    RawHttpClient.Response response = client.send("GET /metrics");
    assertThat(response.value("Content-Type"))
        .isEqualTo("text/plain; version=0.0.4; charset=utf-8");
    assertThat(response.body())
        .contains(
            "penstock_decisions_total{limit=\"agent-runs\",outcome=\"permitted\","
                + "reason=\"paid\",source=\"memory\"} 10\n")
        .contains(
            "penstock_decisions_total{limit=\"agent-runs\",outcome=\"denied\","
                + "reason=\"denied\",source=\"memory\"} 3\n")
        .contains("penstock_rejected_tokens_total{reason=\"expired\"} 0\n")
        .contains("penstock_rejected_tokens_total{reason=\"signature\"} 1\n");
  }

  @Test
  void run_tokenOfAReservedUser_isChargedToTheAddress() throws IOException {
    assertThat(client.send(RUN, HmacTokens.bearer("sa:robot", SECRET)).body())
        .contains("\"charged_to\":\"127.0.0.1\"");
  }

  @Test
  void run_secondAuthorizationLine_isChargedToTheUserAllTheSame() throws IOException {
    String token = HmacTokens.bearer("u1", SECRET);
    for (String other : new String[] {token, "Authorization: Bearer x", "Authorization: Basic x"}) {
      assertThat(client.send(RUN, token, other).body()).contains("\"charged_to\":\"acme/u1\"");
      assertThat(client.send(RUN, other, token).body()).contains("\"charged_to\":\"acme/u1\"");
    }
  }

  @Test
  void otherRequests_areAnsweredAsAgentOsDoes() throws IOException {
    assertThat(client.send("GET /agents/a1/runs").status()).isEqualTo(405);
    assertThat(client.send("POST /agents/a1").body()).isEqualTo("{\"detail\":\"Not Found\"}");
    assertThat(client.send("GET /nowhere").status()).isEqualTo(404);
  }

  @ParameterizedTest
  @CsvSource({
    "PORT, x",
    "RATE_LIMIT, 0/minute",
    "IN_FLIGHT, 0",
    "MODEL_TOKENS, 0",
    "JWT_SECRET, short",
    "TRUSTED_PROXIES, x",
    "REDIS_URL, x"
  })
  void main_badEnvironment_endsWithOneLineAndCode2(String variable, String value) throws Exception {
    Process process = startMain(Map.of(variable, value));
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).isEqualTo(2);
    assertThat(output).startsWith(variable).hasLineCount(1);
  }

  @Test
  void main_printsWhatToTry_andEndsWhenAsked() throws Exception {
    Process process = startMain(Map.of("PORT", "0"));
    try (BufferedReader output = process.inputReader()) {
      int port = port(output.readLine());
      String url = "http://127.0.0.1:" + port + "/agents/a1/runs";
      String tokenLine = output.readLine();
      String token = tokenLine.substring(tokenLine.lastIndexOf(' ') + 1);
      String bearer = "Authorization: Bearer " + token;
      output.readLine();
      assertThat(output.readLine()).isEqualTo("  curl -i -X POST -H '" + bearer + "' " + url);
      assertThat(output.readLine()).isEqualTo("  curl -i -X POST " + url);
      assertThat(output.readLine())
          .isEqualTo("Slots and debt: IN_FLIGHT=2 MODEL_TOKENS=1000 mvn -q -Pdemo");
      try (RawHttpClient printed = new RawHttpClient(port)) {
        assertThat(printed.send(RUN, bearer).body()).contains("\"charged_to\":\"acme/u1\"");
        assertThat(printed.send(RUN).body()).contains("\"charged_to\":\"127.0.0.1\"");
      }
      process.toHandle().destroy();
      assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
      assertThat(output.readLine()).isNull();
    } finally {
      process.destroyForcibly();
    }
  }

  @Test
  void main_withSlotsAndTokens_printsThreeMoreToTry() throws Exception {
    Process process =
        startMain(Map.of("PORT", "0", "IN_FLIGHT", "2", "MODEL_TOKENS", "1000/minute"));
    try (BufferedReader output = process.inputReader()) {
      String url = "http://127.0.0.1:" + port(output.readLine()) + "/agents/a1/runs";
      for (int i = 0; i < 4; i++) {
        output.readLine();
      }
      assertThat(output.readLine())
          .isEqualTo("A run that holds one of 2 slots; start one more than that at once:");
      assertThat(output.readLine())
          .isEqualTo("  curl -i -N -X POST '" + url + "?stream=true&seconds=20' &");
      assertThat(output.readLine())
          .isEqualTo("A run that uses more than 1000 tokens, and one that meets the debt:");
      assertThat(output.readLine()).isEqualTo("  curl -i -X POST '" + url + "?tokens=3000'");
      assertThat(output.readLine()).isEqualTo("  curl -i -X POST '" + url + "?seconds=1'");
    } finally {
      process.destroyForcibly();
    }
  }

  /** The drain amount of the demo is zero, with which the server closes what nobody has read. */
  @Test
  void point12_main_requestsWithoutContent_keepTheirConnection() throws Exception {
    Process process = startMain(Map.of("PORT", "0", "RATE_LIMIT", "1/day"));
    try (BufferedReader output = process.inputReader();
        RawHttpClient printed = new RawHttpClient(port(output.readLine()))) {
      assertThat(printed.send("GET /health").status()).isEqualTo(200);
      assertThat(printed.send("HEAD /health").status()).isEqualTo(200);
      assertThat(printed.send(RUN + "?stream=true").status()).isEqualTo(200);
      assertThat(printed.send(RUN).status()).isEqualTo(429);
      assertThat(printed.send(RUN, "Content-Length: 0").status()).isEqualTo(429);
      assertThat(printed.send("HEAD /agents/a1/runs").status()).isEqualTo(405);
      assertThat(printed.send("GET /metrics").status()).isEqualTo(200);
      assertThat(printed.send("GET /health").status()).isEqualTo(200);
    } finally {
      process.destroyForcibly();
    }
  }

  @Test
  void point12_main_rejectedClientsThatWithholdContent_keepNoThread() throws Exception {
    Process process = startMain(Map.of("PORT", "0", "RATE_LIMIT", "1/day"));
    List<RawHttpClient> clients = new ArrayList<>();
    try (BufferedReader output = process.inputReader()) {
      int port = port(output.readLine());
      try (RawHttpClient first = new RawHttpClient(port)) {
        assertThat(first.send(RUN).status()).isEqualTo(200);
      }
      for (int i = 0; i < AgentServer.THREADS; i++) {
        RawHttpClient withholding = new RawHttpClient(port);
        clients.add(withholding);
        withholding.sendBytes(RUN + " HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\n");
        assertThat(withholding.read(false).status()).isEqualTo(429);
      }
      try (RawHttpClient other = new RawHttpClient(port)) {
        assertThat(other.send("GET /health").status()).isEqualTo(200);
      }
    } finally {
      for (RawHttpClient withholding : clients) {
        withholding.close();
      }
      process.destroyForcibly();
    }
  }

  private static int port(String firstLine) {
    Matcher address = Pattern.compile("http://127.0.0.1:([0-9]+) ").matcher(firstLine);
    assertThat(address.find()).as(firstLine).isTrue();
    return Integer.parseInt(address.group(1));
  }

  private static Process startMain(Map<String, String> environment) throws IOException {
    ProcessBuilder command =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-cp",
            System.getProperty("java.class.path"),
            AgentServer.class.getName());
    command.environment().putAll(environment);
    return command.redirectErrorStream(true).start();
  }

  private JsonNode run(String... lines) throws IOException {
    return JSON.readTree(client.send(RUN, lines).body());
  }

  @Test
  void admin_ofTheDemo_showsItsPolicyAndWhoIsDenied() throws IOException {
    assertThat(server.adminUrl()).isEmpty();
    try (AgentServer shown =
            AgentServer.start(
                Settings.of(
                    Map.of(
                        "PORT", "0",
                        "RATE_LIMIT", "1/minute",
                        "ADMIN_PORT", "0",
                        "ADMIN_TOKEN", "0123456789abcdef0123456789abcdef")));
        RawHttpClient runs = new RawHttpClient(shown.port());
        RawHttpClient admin =
            new RawHttpClient(URI.create(shown.adminUrl().orElseThrow()).getPort())) {
      assertThat(runs.send(RUN).status()).isEqualTo(200);
      assertThat(runs.send(RUN).status()).isEqualTo(429);
      String authorized = "Authorization: Bearer 0123456789abcdef0123456789abcdef";
      assertThat(admin.send("GET /").body()).startsWith("<!doctype html>");
      assertThat(admin.send("GET /policies", authorized).body())
          .contains("\"words\":\"1 per minute\"");
      assertThat(admin.send("GET /denied", authorized).body())
          .contains("\"who\":\"127.0.0.1\",\"kind\":\"address\",\"count\":1");
    }
  }
}
