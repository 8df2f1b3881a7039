package dev.penstock.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.penstock.CapturedLog;
import dev.penstock.Decision;
import dev.penstock.FixedLimiter;
import dev.penstock.Identity;
import dev.penstock.Limit;
import dev.penstock.LimitPolicy;
import dev.penstock.memory.InMemoryRateLimiter;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToLongFunction;
import java.util.logging.LogRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which rule a request goes by, and what it costs there. */
class RulesTest {

  private static final LimitPolicy RUNS = LimitPolicy.perIdentity("runs", Limit.perMinute(10));
  private static final LimitPolicy OPUS = LimitPolicy.perIdentity("opus", Limit.perMinute(2));
  private static final LimitPolicy LIGHT = LimitPolicy.perIdentity("light", Limit.perMinute(90));

  private final FixedLimiter limiter = new FixedLimiter(Decision.open());

  @Test
  void rule_inOrder_theFirstThatMatchesCounts() {
    HttpRateLimiter gate =
        inMemory()
            .rule("POST /agents/opus/runs", OPUS)
            .rule("POST /agents/*/runs", RUNS)
            .rule("/agents/**", LIGHT)
            .build();
    assertThat(charged(gate, "POST /agents/opus/runs")).isEqualTo("opus");
    assertThat(charged(gate, "POST /agents/a1/runs")).isEqualTo("runs");
    assertThat(charged(gate, "GET /agents/opus/runs")).isEqualTo("light");
    assertThat(charged(gate, "GET /agents")).isEqualTo("light");
    assertThat(charged(gate, "GET /teams")).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "POST /agents/opus/runs, opus",
    "POST /agents/o%70us/runs, opus",
    "POST /agents/Opus/runs, runs",
    "POST /agents/a1/runs, runs",
    "POST /agents/opus/runs/r1, ''",
  })
  void rule_policiesByVariable_thePathChooses(String requestLine, String policy) {
    HttpRateLimiter gate =
        inMemory().rule("POST /agents/{agent_id}/runs", Map.of("opus", OPUS), RUNS).build();
    assertThat(charged(gate, requestLine)).isEqualTo(policy);
  }

  @ParameterizedTest
  @CsvSource({
    "POST /AGENTS/a1/Runs, runs",
    "post /agents/a1/RUNS/, runs",
    "POST /agents/opus/runs, opus",
    "POST /Agents/OPUS/runs, opus runs",
    "POST /AGENTS/;/x/RUNS, opus runs",
    "GET /Health, ''",
    "GET /elsewhere, light",
  })
  void ignoringCase_patternsAreForEveryCase(String requestLine, String policies) {
    HttpRateLimiter gate =
        inMemory()
            .exempt("GET /health")
            .rule("POST /agents/{agent_id}/RUNS", Map.of("opus", OPUS), RUNS)
            .rule("GET /**", LIGHT)
            .ignoringCase()
            .build();
    List<HeaderField> fields = gate.decide(withToken(requestLine)).fields();
    assertThat(fields.isEmpty() ? "" : fields.get(0).value().replaceAll("\"|;[^,]*|,", ""))
        .isEqualTo(policies);
  }

  @Test
  void rule_withoutIgnoringCase_isForTheCaseOfItsPattern() {
    HttpRateLimiter gate = inMemory().rule("POST /agents/*/runs", RUNS).build();
    assertThat(charged(gate, "POST /agents/a1/Runs")).isEmpty();
    assertThat(charged(gate, "POST /agents/a1;/Runs")).isEmpty();
  }

  @Test
  void rule_policiesByVariable_areCopied() {
    Map<String, LimitPolicy> policies = new HashMap<>(Map.of("opus", OPUS));
    HttpRateLimiter gate = inMemory().rule("POST /agents/{agent_id}/runs", policies, RUNS).build();
    policies.clear();
    assertThat(charged(gate, "POST /agents/opus/runs")).isEqualTo("opus");
  }

  @Test
  void rule_anyNumberOfAgents_sharesOneBucket() {
    HttpRateLimiter gate =
        inMemory().rule("POST /agents/{agent_id}/runs", Map.of("opus", OPUS), RUNS).build();
    for (int agent = 0; agent < 10; agent++) {
      assertThat(gate.decide(FakeRequest.of("POST /agents/a" + agent + "/runs")))
          .isInstanceOf(Verdict.Proceed.class);
    }
    assertThat(gate.decide(FakeRequest.of("POST /agents/yet-another/runs")))
        .isInstanceOf(Verdict.Reject.class);
  }

  @Test
  void rule_joinedPolicies_chargesAll() {
    HttpRateLimiter gate =
        inMemory()
            .rule("/runs", RUNS.and(LimitPolicy.everyone("platform", Limit.perSecond(9))))
            .build();
    assertThat(gate.decide(FakeRequest.of("POST /runs")).fields().get(0).value())
        .isEqualTo("\"runs\";q=10;w=60, \"platform\";q=9;w=1");
  }

  @Test
  void cost_function_seesMethodVariablesAndHeader() {
    FakeRequest request = FakeRequest.of("POST /agents/a1%2D2/runs").with("X-Size", "3", "4");
    assertThat(
            costs(
                seen -> {
                  assertThat(seen.method()).isEqualTo("POST");
                  assertThat(seen.variable("agent_id")).isEqualTo("a1-2");
                  assertThat(seen.headerLines("X-Size")).containsExactly("3", "4");
                  return 7;
                },
                request))
        .containsExactly("reserve 192.0.2.1 7");
  }

  @ParameterizedTest
  @ValueSource(longs = {0, -1, Long.MIN_VALUE})
  void cost_functionBelowOne_chargesTheFallback(long cost) {
    try (CapturedLog log = new CapturedLog(HttpRateLimiter.class)) {
      assertThat(costs(request -> cost, FakeRequest.of("POST /agents/a1/runs")))
          .containsExactly("reserve 192.0.2.1 4");
      assertThat(log.records())
          .extracting(LogRecord::getMessage)
          .containsExactly("cost must be at least 1, and Cost[requests=4] is charged: " + cost);
    }
  }

  @Test
  void cost_functionThatFails_chargesTheFallbackAndKeepsTheClientsWordsOutOfTheLog() {
    FakeRequest request = FakeRequest.of("POST /agents/a1/runs").with("X-Cost", "secret");
    try (CapturedLog log = new CapturedLog(HttpRateLimiter.class)) {
      assertThat(costs(seen -> Long.parseLong(seen.headerLines("X-Cost").get(0)), request))
          .containsExactly("reserve 192.0.2.1 4");
      assertThat(log.records())
          .singleElement()
          .satisfies(
              entry -> {
                assertThat(entry.getMessage())
                    .contains(
                        " failed, and Cost[requests=4] is charged: java.lang.NumberFormatException at ")
                    .doesNotContain("secret");
                assertThat(entry.getThrown()).isNull();
              });
    }
  }

  @Test
  void cost_functionThatFailsOften_writesFewLines() {
    HttpRateLimiter gate = inMemory().rule("/runs", RUNS, r -> Math.floorDiv(1, 0), 1).build();
    try (CapturedLog log = new CapturedLog(HttpRateLimiter.class)) {
      long begun = System.nanoTime();
      for (int i = 0; i < 1000; i++) {
        gate.decide(FakeRequest.of("POST /runs"));
      }
      long seconds = Duration.ofNanos(System.nanoTime() - begun).toSeconds();
      assertThat(log.records()).hasSizeBetween(1, (int) (10 * (seconds + 2)));
    }
  }

  @Test
  void cost_functionAsksForAnUnknownVariable_chargesTheFallback() {
    assertThat(
            costs(
                request -> request.variable("agent").length(),
                FakeRequest.of("POST /agents/a1/runs")))
        .containsExactly("reserve 192.0.2.1 4");
    MatchedRequest request =
        MatchedRequest.plain(
            FakeRequest.of("POST /a"),
            RequestPattern.parse("/{agent_id}"),
            (PlainPath) RequestPath.of("/a", false));
    assertThatThrownBy(() -> request.variable("agent"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("name must be a variable of the pattern: agent");
  }

  @Test
  void cost_functionThatEndsInAnError_chargesTheFallback() {
    try (CapturedLog log = new CapturedLog(HttpRateLimiter.class)) {
      assertThat(costs(RulesTest::withoutEnd, FakeRequest.of("POST /agents/a1/runs")))
          .containsExactly("reserve 192.0.2.1 4");
      assertThat(log.records())
          .singleElement()
          .satisfies(
              entry ->
                  assertThat(entry.getMessage())
                      .contains(
                          " failed, and Cost[requests=4] is charged: java.lang.StackOverflowError at "));
    }
  }

  @SuppressWarnings("InfiniteRecursion") // as a client's word may cause it in a parser
  private static long withoutEnd(MatchedRequest request) {
    return withoutEnd(request) + 1;
  }

  @Test
  void cost_fallbackAboveTheCapacity_rejectsForEverWhereTheFunctionFails() {
    HttpRateLimiter gate =
        inMemory()
            .rule("/runs", OPUS, request -> request.headerLines("X-Size").isEmpty() ? 0 : 1, 3)
            .build();
    Verdict verdict = gate.decide(FakeRequest.of("POST /runs"));
    assertThat(verdict).isInstanceOf(Verdict.Reject.class);
    assertThat(verdict.fields()).extracting(HeaderField::name).doesNotContain("Retry-After");
    assertThat(gate.decide(FakeRequest.of("POST /runs").with("X-Size", "1")))
        .isInstanceOf(Verdict.Proceed.class);
  }

  @ParameterizedTest
  @ValueSource(longs = {0, -1, Long.MIN_VALUE})
  void rule_fallbackBelowOne_isRefused(long fallback) {
    assertThatThrownBy(() -> inMemory().rule("/runs", RUNS, request -> 1, fallback))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("fallback must be at least 1: " + fallback);
  }

  @Test
  void cost_aboveTheCapacity_isRejectedForEver() {
    HttpRateLimiter gate = inMemory().rule("/runs", OPUS, request -> Long.MAX_VALUE, 1).build();
    Verdict verdict = gate.decide(FakeRequest.of("POST /runs"));
    assertThat(verdict).isInstanceOf(Verdict.Reject.class);
    assertThat(verdict.fields()).extracting(HeaderField::name).doesNotContain("Retry-After");
  }

  @ParameterizedTest
  @CsvSource({"/agents/*/runs, 0", "/agents/{a}/runs/{b}, 2"})
  void rule_policiesByVariable_withoutExactlyOne_isRefused(String pattern, int variables) {
    assertThatThrownBy(() -> inMemory().rule(pattern, Map.of("opus", OPUS), RUNS))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("pattern must have exactly one variable such as {agent_id}: " + variables);
  }

  @Test
  void rule_limitOfAnEarlierNameWithOtherNumbers_isRefused() {
    LimitPolicy other = LimitPolicy.perIdentity("runs", Limit.perMinute(11));
    String message =
        "policy must have each limit as the rules before it, PartitionedLimit[name=runs,"
            + " limit=Limit[capacity=10, refill=10 per PT1M], partition=IDENTITY]:"
            + " PartitionedLimit[name=runs, limit=Limit[capacity=11, refill=11 per PT1M],"
            + " partition=IDENTITY]";
    assertThatThrownBy(() -> inMemory().rule("/a", RUNS).rule("/b", other)).hasMessage(message);
    assertThatThrownBy(() -> inMemory().rule("/a", RUNS).rule("/b", LIGHT.and(other)))
        .hasMessage(message);
    assertThatThrownBy(() -> inMemory().rule("/{a}", Map.of("x", other, "y", other), RUNS))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> inMemory().rule("/a", RUNS).rule("/{a}", Map.of("x", other), LIGHT))
        .hasMessage(message);
  }

  @Test
  void rule_limitOfAnEarlierNameInAPlan_isOneForEachPlan() {
    LimitPolicy more = LimitPolicy.perIdentity("runs", Limit.perMinute(11));
    LimitPolicy planned = LimitPolicy.byPlan(Map.of("free", RUNS, "pro", more), "free");
    LimitPolicy swapped = LimitPolicy.byPlan(Map.of("free", more, "pro", RUNS), "free");
    inMemory().rule("/a", planned).rule("/b", planned.and(LIGHT)).build();
    for (LimitPolicy other : List.of(swapped, RUNS, more)) {
      assertThatThrownBy(() -> inMemory().rule("/a", planned).rule("/b", other))
          .hasMessageStartingWith("policy must have each limit as the rules before it");
    }
  }

  @Test
  void rule_limitOfAnEarlierNameAmongOthers_isRefused() {
    LimitPolicy other = LimitPolicy.everyone("runs", Limit.perMinute(10));
    assertThatThrownBy(() -> inMemory().rule("/a", RUNS).rule("/b", other))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void rule_limitOfAnEarlierNameForAddressesOnly_isRefused() {
    LimitPolicy slow = LimitPolicy.perIdentity("runs", Limit.perMinute(1));
    LimitPolicy byKind =
        identity -> (identity.kind() == Identity.Kind.ADDRESS ? slow : RUNS).limits(identity);
    inMemory().rule("/a", byKind).rule("/b", byKind);
    assertThatThrownBy(() -> inMemory().rule("/a", byKind).rule("/b", RUNS))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void rule_limitOfAnEarlierNameAndTheSameNumbers_sharesTheBucket() {
    LimitPolicy again = LimitPolicy.perIdentity("opus", Limit.perMinute(2));
    HttpRateLimiter gate = inMemory().rule("/a", OPUS).rule("/b", again.and(LIGHT)).build();
    gate.decide(FakeRequest.of("POST /a"));
    gate.decide(FakeRequest.of("POST /a"));
    assertThat(gate.decide(FakeRequest.of("POST /b"))).isInstanceOf(Verdict.Reject.class);
  }

  private List<String> costs(ToLongFunction<MatchedRequest> cost, RequestView request) {
    HttpRateLimiter.builder(limiter)
        .rule("POST /agents/{agent_id}/runs", RUNS, cost, 4)
        .build()
        .decide(request);
    return limiter.calls();
  }

  private static HttpRateLimiterBuilder inMemory() {
    return HttpRateLimiter.builder(InMemoryRateLimiter.create());
  }

  /** Returns the name of the limit that the request is charged to, empty where there is none. */
  private static String charged(Gate gate, String requestLine) {
    List<HeaderField> fields = gate.decide(withToken(requestLine)).fields();
    return fields.isEmpty() ? "" : fields.get(0).value().split("\"", 3)[1];
  }

  /** Whose fields no shared cache hands to others, so that they are sent. */
  private static FakeRequest withToken(String requestLine) {
    return FakeRequest.of(requestLine).with("Authorization", "Bearer t");
  }
}
