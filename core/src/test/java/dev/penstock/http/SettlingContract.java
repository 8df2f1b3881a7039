package dev.penstock.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.Cost;
import dev.penstock.Identity;
import dev.penstock.Limit;
import dev.penstock.LimitPolicy;
import dev.penstock.http.HttpAdapterContract.LimitedServer;
import dev.penstock.memory.InMemoryRateLimiter;
import dev.penstock.redis.Await;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What a request costs in several units, what the application is told of it, and how it is settled:
 * by the application, and by the rule from the response.
 */
public interface SettlingContract extends AdapterUnderTest {

  String TOKENS = "model-tokens";
  String FIELD = "X-Model-Tokens";
  Limit PER_DAY = Limit.perDay(1000).withUnit(TOKENS).withOverdraft(5000);
  LimitPolicy POLICY =
      LimitPolicy.everyone("runs", Limit.perDay(100)).and(LimitPolicy.everyone("budget", PER_DAY));
  Cost ESTIMATE = Cost.of(1).and(TOKENS, 400);
  Duration PATIENCE = Duration.ofSeconds(10);

  /**
   * Starts a server as {@link #start} does, whose handler is told the verdict, sets the fields that
   * the function returns, and then answers 200 with {@link HttpAdapterContract#HANDLED}.
   */
  LimitedServer startTelling(Gate gate, Function<Verdict.Proceed, List<HeaderField>> handler)
      throws IOException;

  private static HttpRateLimiter gate(InMemoryRateLimiter limiter, RequestCost cost) {
    return HttpRateLimiter.builder(limiter).rule(RUNS, POLICY, cost).build();
  }

  private static void awaitLeft(InMemoryRateLimiter limiter, long tokens) {
    Await.until(tokens + " tokens are left", PATIENCE, () -> left(limiter) == tokens);
  }

  private static long left(InMemoryRateLimiter limiter) {
    return limiter.peek(Identity.named("test", "x"), POLICY).buckets().get(1).remaining();
  }

  @Test
  default void cost_ofSeveralUnits_isTakenOfEach() throws IOException {
    HttpRateLimiter gate = gate(InMemoryRateLimiter.create(), RequestCost.of(ESTIMATE));
    try (LimitedServer server = startTelling(gate, verdict -> List.of());
        TestClient client = connect(server)) {
      RawHttpClient.Response first = client.send(RUN);
      assertThat(first.value("RateLimit-Policy"))
          .isEqualTo("\"runs\";q=100;w=86400, \"budget\";q=1000;qu=\"model-tokens\";w=86400");
      assertThat(first.value("RateLimit"))
          .startsWith("\"runs\";r=99;")
          .contains("\"budget\";r=600;");
      assertThat(client.send(RUN).body()).isEqualTo(HttpAdapterContract.HANDLED);
      RawHttpClient.Response denied = client.send(RUN);
      assertThat(denied.status()).isEqualTo(429);
      assertThat(denied.value("RateLimit")).startsWith("\"budget\";r=200;");
    }
  }

  @Test
  default void verdict_tellsWhatWasDecided() throws IOException {
    HttpRateLimiter gate = gate(InMemoryRateLimiter.create(), RequestCost.of(ESTIMATE));
    try (LimitedServer server = startTelling(gate, SettlingContract::told);
        TestClient client = connect(server)) {
      RawHttpClient.Response limited = client.send(RUN);
      assertThat(limited.value("X-Policy")).isEqualTo("runs+budget");
      assertThat(limited.value("X-Left")).isEqualTo("600");
      RawHttpClient.Response other = client.send("GET /elsewhere");
      assertThat(other.value("X-Policy")).isEqualTo("none");
      assertThat(other.value("X-Left")).isEqualTo("none");
    }
  }

  private static List<HeaderField> told(Verdict.Proceed verdict) {
    verdict.reservation().onClientGone(() -> {});
    return List.of(
        new HeaderField("X-Policy", verdict.policy().orElse("none")),
        new HeaderField(
            "X-Left",
            verdict
                .decision()
                .map(decision -> decision.buckets().get(1).remaining())
                .map(String::valueOf)
                .orElse("none")));
  }

  /** While it is being answered, another finds no slot; nobody knows for how long. */
  @Test
  default void slot_isHeldUntilTheResponseHasEnded() throws Exception {
    InMemoryRateLimiter limiter = InMemoryRateLimiter.create();
    LimitPolicy one = LimitPolicy.everyone("slots", Limit.inFlight(1));
    HttpRateLimiter gate = HttpRateLimiter.builder(limiter).rule(RUNS, one).build();
    BlockingQueue<String> told = new LinkedBlockingQueue<>();
    CountDownLatch asked = new CountDownLatch(1);
    Function<Verdict.Proceed, List<HeaderField>> waiting =
        verdict -> {
          told.add("in flight");
          awaitOrFail(asked);
          return List.of();
        };
    ExecutorService threads = Executors.newSingleThreadExecutor();
    try (LimitedServer server = startTelling(gate, waiting);
        TestClient client = connect(server);
        TestClient other = connect(server)) {
      Future<RawHttpClient.Response> first = threads.submit(() -> client.send(RUN));
      assertThat(told.poll(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isEqualTo("in flight");
      RawHttpClient.Response denied = other.send(RUN);
      assertThat(denied.status()).isEqualTo(429);
      assertThat(denied.values("Retry-After")).isEmpty();
      assertThat(denied.value("RateLimit-Policy"))
          .isEqualTo("\"slots\";q=1;qu=\"concurrent-requests\"");
      asked.countDown();
      assertThat(first.get().body()).isEqualTo(HttpAdapterContract.HANDLED);
      Await.until(
          "the slot is free",
          PATIENCE,
          () -> limiter.peek(Identity.named("test", "x"), one).permitted());
    } finally {
      threads.shutdownNow();
    }
  }

  private static void awaitOrFail(CountDownLatch latch) {
    try {
      assertThat(latch.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  @Test
  default void application_settlesByTheReservation() throws IOException {
    InMemoryRateLimiter limiter = InMemoryRateLimiter.create();
    try (LimitedServer server =
            startTelling(
                gate(limiter, RequestCost.of(ESTIMATE)),
                verdict -> {
                  verdict.reservation().settle(Cost.units(TOKENS, 50));
                  return List.of();
                });
        TestClient client = connect(server)) {
      assertThat(client.send(RUN).body()).isEqualTo(HttpAdapterContract.HANDLED);
      assertThat(left(limiter)).isEqualTo(950);
    }
  }

  @Test
  default void field_settlesAndIsSeenByTheClient() throws IOException {
    InMemoryRateLimiter limiter = InMemoryRateLimiter.create();
    RequestCost cost = RequestCost.of(ESTIMATE).settledByField(FIELD, TOKENS);
    try (LimitedServer server = startTelling(gate(limiter, cost), verdict -> answering("250"));
        TestClient client = connect(server)) {
      RawHttpClient.Response response = client.send(RUN);
      assertThat(response.body()).isEqualTo(HttpAdapterContract.HANDLED);
      assertThat(response.value(FIELD)).isEqualTo("250");
      awaitLeft(limiter, 750);
    }
  }

  @Test
  default void hiddenField_settlesAndIsNotSeenByTheClient() throws IOException {
    InMemoryRateLimiter limiter = InMemoryRateLimiter.create();
    RequestCost cost = RequestCost.of(ESTIMATE).settledByHiddenField("x-model-TOKENS", TOKENS);
    try (LimitedServer server = startTelling(gate(limiter, cost), verdict -> answering("250"));
        TestClient client = connect(server)) {
      RawHttpClient.Response response = client.send(RUN);
      assertThat(response.body()).isEqualTo(HttpAdapterContract.HANDLED);
      assertThat(response.values(FIELD)).isEmpty();
      awaitLeft(limiter, 750);
      assertThat(client.send("GET /elsewhere").value(FIELD)).isEqualTo("250");
      assertThat(left(limiter)).isEqualTo(750);
    }
  }

  @Test
  default void hiddenField_ofAnAnswerToHead_settles() throws IOException {
    InMemoryRateLimiter limiter = InMemoryRateLimiter.create();
    HttpRateLimiter gate =
        HttpRateLimiter.builder(limiter)
            .rule("/**", POLICY, RequestCost.of(ESTIMATE).settledByHiddenField(FIELD, TOKENS))
            .build();
    try (LimitedServer server = startTelling(gate, verdict -> answering("250"));
        TestClient client = connect(server)) {
      RawHttpClient.Response response = client.send("HEAD /agents/a1/runs");
      assertThat(response.status()).isEqualTo(200);
      assertThat(response.values(FIELD)).isEmpty();
      awaitLeft(limiter, 750);
    }
  }

  /** What was owed is refilled before anything is permitted. */
  @Test
  default void field_ofMoreThanThereIs_isOwed() throws IOException {
    InMemoryRateLimiter limiter = InMemoryRateLimiter.create();
    RequestCost cost = RequestCost.of(Cost.of(1)).settledByField(FIELD, TOKENS);
    try (LimitedServer server = startTelling(gate(limiter, cost), verdict -> answering("1500"));
        TestClient client = connect(server)) {
      assertThat(client.send(RUN).status()).isEqualTo(200);
      awaitLeft(limiter, 0);
      RawHttpClient.Response denied = client.send(RUN);
      assertThat(denied.status()).isEqualTo(429);
      assertThat(Long.parseLong(denied.value("Retry-After"))).isBetween(43_000L, 43_300L);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"-1", "many", "9223372036854775808"})
  default void fieldThatIsNoAmount_leavesTheEstimate(String value) throws IOException {
    InMemoryRateLimiter limiter = InMemoryRateLimiter.create();
    RequestCost cost = RequestCost.of(ESTIMATE).settledByField(FIELD, TOKENS);
    try (LimitedServer server = startTelling(gate(limiter, cost), verdict -> answering(value));
        TestClient client = connect(server)) {
      assertThat(client.send(RUN).body()).isEqualTo(HttpAdapterContract.HANDLED);
      assertThat(client.send(RUN).value("RateLimit")).contains("\"budget\";r=200;");
    }
  }

  @ParameterizedTest
  @EnumSource(UserCode.class)
  default void settlingFunctionThatThrows_leavesTheEstimate(UserCode code) throws IOException {
    InMemoryRateLimiter limiter = InMemoryRateLimiter.create();
    RequestCost cost =
        RequestCost.of(ESTIMATE)
            .settledBy(
                response -> {
                  code.fail();
                  return Cost.units(TOKENS, 0);
                });
    try (LimitedServer server = startTelling(gate(limiter, cost), verdict -> List.of());
        TestClient client = connect(server)) {
      assertThat(client.send(RUN).body()).isEqualTo(HttpAdapterContract.HANDLED);
      assertThat(client.send(RUN).value("RateLimit")).contains("\"budget\";r=200;");
      assertThat(client.send("GET /elsewhere").body()).isEqualTo(HttpAdapterContract.HANDLED);
    }
  }

  @Test
  default void settlingFunction_seesStatusAndFields() throws IOException {
    InMemoryRateLimiter limiter = InMemoryRateLimiter.create();
    RequestCost cost =
        RequestCost.of(ESTIMATE)
            .settledBy(
                response ->
                    Cost.units(
                        TOKENS,
                        response.status() + Long.parseLong(response.headerLines("x-a").get(0))));
    try (LimitedServer server =
            startTelling(gate(limiter, cost), verdict -> List.of(new HeaderField("X-A", "50")));
        TestClient client = connect(server)) {
      assertThat(client.send(RUN).value("X-A")).isEqualTo("50");
      awaitLeft(limiter, 750);
    }
  }

  private static List<HeaderField> answering(String tokens) {
    return List.of(new HeaderField(FIELD, tokens));
  }
}
