package dev.penstock.jdkhttp.demo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.http.RawHttpClient;
import dev.penstock.jwt.HmacTokens;
import dev.penstock.redis.Await;
import dev.penstock.redis.RedisServer;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Two demo servers on one Redis. */
class AgentServerRedisIT {

  private static final String SECRET = "a secret of the tests, 32 bytes+";
  private static final String RUN = "POST /agents/a1/runs";
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private final RedisServer redis = RedisServer.start();
  private AgentServer first;
  private AgentServer second;
  private RawHttpClient toFirst;
  private RawHttpClient toSecond;

  @BeforeEach
  void start() throws IOException {
    Settings settings =
        Settings.of(
            Map.of(
                "PORT",
                "0",
                "JWT_SECRET",
                SECRET,
                "REDIS_URL",
                redis.url(),
                "IN_FLIGHT",
                "1",
                "MODEL_TOKENS",
                "10000/day"));
    first = AgentServer.start(settings);
    second = AgentServer.start(settings);
    toFirst = new RawHttpClient(first.port());
    toSecond = new RawHttpClient(second.port());
  }

  @AfterEach
  void stop() throws IOException {
    toFirst.close();
    toSecond.close();
    first.close();
    second.close();
    redis.close();
  }

  @Test
  void run_twoServersShareOneBudget() throws IOException {
    String user = HmacTokens.bearer("u1", SECRET);
    for (int remaining = 9; remaining >= 0; remaining--) {
      RawHttpClient client = remaining % 2 == 0 ? toFirst : toSecond;
      assertThat(client.send(RUN, user).value("RateLimit"))
          .startsWith("\"agent-runs\";r=" + remaining + ";t=");
    }
    assertThat(toFirst.send(RUN, user).status()).isEqualTo(429);
    assertThat(toSecond.send(RUN, user).status()).isEqualTo(429);
    assertThat(toSecond.send("GET /metrics").body()).contains("penstock_redis_available 1\n");
  }

  @Test
  void run_twoServersShareOneSlotAndOneBudget() throws IOException {
    String user = HmacTokens.bearer("u1", SECRET);
    toFirst.sendBytes(
        RUN
            + "?stream=true&seconds=20&tokens=4000 HTTP/1.1\r\nHost: localhost\r\n"
            + user
            + "\r\n\r\n");
    String begun = "penstock_slots_held{limit=\"in-flight\"} 1\n";
    try (RawHttpClient other = new RawHttpClient(first.port())) {
      Await.until("begun", PATIENCE, () -> other.send("GET /metrics").body().contains(begun));
    }
    assertThat(toSecond.send(RUN, user).value("RateLimit")).isEqualTo("\"in-flight\";r=0");
    toFirst.goAway();
    Await.until("a slot", PATIENCE, () -> toSecond.send(RUN, user).status() == 200);
    assertThat(toSecond.send(RUN + "?tokens=20000", user).status()).isEqualTo(200);
    RawHttpClient.Response denied = toSecond.send(RUN, HmacTokens.bearer("u2", SECRET));
    assertThat(denied.status()).isEqualTo(429);
    assertThat(denied.value("RateLimit")).startsWith("\"model-tokens\";r=0;t=");
  }

  @Test
  void run_redisKilled_goesOnAndStaysDenied() throws IOException {
    String spender = HmacTokens.bearer("u1", SECRET);
    for (int i = 0; i < 10; i++) {
      assertThat(toFirst.send(RUN, spender).status()).isEqualTo(200);
    }
    redis.kill();
    assertThat(toFirst.send(RUN, spender).status()).isEqualTo(429);
    assertThat(toFirst.send(RUN, HmacTokens.bearer("u2", SECRET)).status()).isEqualTo(200);
  }
}
