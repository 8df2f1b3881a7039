package dev.penstock.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.penstock.CapturedLog;
import dev.penstock.Cost;
import dev.penstock.FakeClock;
import dev.penstock.Identity;
import dev.penstock.Limit;
import dev.penstock.LimitPolicy;
import dev.penstock.memory.InMemoryRateLimiter;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.logging.LogRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a request costs in several units, before and after it is answered. */
class RequestCostTest {

  private static final String TOKENS = "model-tokens";
  private static final String FIELD = "X-Model-Tokens";
  private static final LimitPolicy RUNS = LimitPolicy.perIdentity("runs", Limit.perMinute(10));
  private static final LimitPolicy BUDGET =
      LimitPolicy.perIdentity(
          "budget", Limit.perMinute(1000).withUnit(TOKENS).withOverdraft(1_000_000));
  private static final LimitPolicy BOTH = RUNS.and(BUDGET);
  private static final Cost ESTIMATE = Cost.of(1).and(TOKENS, 400);
  private static final Identity PEER = Identity.address(FakeRequest.PEER);
  private static final FakeRequest RUN = FakeRequest.of("POST /agents/a1/runs");

  private final InMemoryRateLimiter limiter = InMemoryRateLimiter.create(100, new FakeClock(0));

  @Test
  void fixed_chargesEachLimitTheAmountOfItsUnit() {
    gate(Cost.of(2).and(TOKENS, 400)).decide(RUN);
    assertThat(left("runs")).isEqualTo(8);
    assertThat(left("budget")).isEqualTo(600);
  }

  @Test
  void unitThatTheCostDoesNotName_isAdmittedByOneTokenAndChargedNothing() {
    HttpRateLimiter gate =
        HttpRateLimiter.builder(limiter).rule("POST /agents/*/runs", BOTH).build();
    gate.decide(RUN);
    assertThat(left("runs")).isEqualTo(9);
    assertThat(left("budget")).isEqualTo(1000);
    limiter.tryAcquire(PEER, BUDGET, Cost.units(TOKENS, 1000));
    assertThat(gate.decide(RUN)).isInstanceOf(Verdict.Reject.class);
  }

  @Test
  void by_function_chargesWhatItSays() {
    gate(RequestCost.by(request -> Cost.of(3).and(TOKENS, 5), ESTIMATE)).decide(RUN);
    assertThat(left("runs")).isEqualTo(7);
    assertThat(left("budget")).isEqualTo(995);
  }

  @ParameterizedTest
  @EnumSource(UserCode.class)
  void by_functionThatFails_chargesTheFallback(UserCode code) {
    Function<MatchedRequest, Cost> failing =
        request -> {
          code.fail();
          return Cost.of(0);
        };
    assertThat(logged(() -> gate(RequestCost.by(failing, ESTIMATE)).decide(RUN)))
        .startsWith(
            failing.getClass().getName()
                + " failed, and Cost[model-tokens=400, requests=1] is charged: ");
    assertThat(left("budget")).isEqualTo(600);
  }

  @Test
  @SuppressWarnings("NullAway") // null is what is tested
  void by_functionThatReturnsNull_chargesTheFallback() {
    Function<MatchedRequest, Cost> nothing = request -> null;
    assertThat(logged(() -> gate(RequestCost.by(nothing, ESTIMATE)).decide(RUN)))
        .isEqualTo(
            nothing.getClass().getName()
                + " returned null, and Cost[model-tokens=400, requests=1] is charged");
    assertThat(left("budget")).isEqualTo(600);
  }

  /** No reading of the path costs more that could be permitted, whichever limit is the smaller. */
  @Test
  void by_functionThatAsksForAVariableOfAnOddPath_takesTheMostOfEachUnit() {
    LimitPolicy several =
        BOTH.and(LimitPolicy.perIdentity("hour", Limit.perHour(7)))
            .and(LimitPolicy.perIdentity("day", Limit.perDay(2000).withUnit(TOKENS)));
    RequestCost byAgent =
        RequestCost.by(request -> Cost.of(request.variable("agent_id").length()), ESTIMATE);
    HttpRateLimiter.builder(limiter)
        .rule("POST /agents/{agent_id}/runs", several, byAgent)
        .build()
        .decide(FakeRequest.of("POST /agents/a1%2f..%2fopus/runs"));
    assertThat(left("runs")).isEqualTo(3);
    assertThat(left(LimitPolicy.perIdentity("hour", Limit.perHour(7)))).isEqualTo(0);
    assertThat(left("budget")).isEqualTo(0);
    assertThat(left(LimitPolicy.perIdentity("day", Limit.perDay(2000).withUnit(TOKENS))))
        .isEqualTo(1000);
  }

  @Test
  void policiesByVariable_costByUnit_isThatOfEach() {
    LimitPolicy opus =
        LimitPolicy.perIdentity("opus", Limit.perMinute(5), Limit.perMinute(500).withUnit(TOKENS));
    HttpRateLimiter.builder(limiter)
        .rule("POST /agents/{agent_id}/runs", Map.of("opus", opus), BOTH, RequestCost.of(ESTIMATE))
        .build()
        .decide(FakeRequest.of("POST /agents/opus/runs"));
    assertThat(limiter.peek(PEER, opus).buckets().get(1).remaining()).isEqualTo(100);
    assertThat(left("budget")).isEqualTo(1000);
  }

  /** A misspelled unit would mean unlimited. */
  @Test
  void unitThatNoLimitCounts_isRefusedAtTheStart() {
    Cost misspelled = Cost.of(1).and("model-tokns", 1);
    String message =
        "cost must name units of the policy's limits, [requests, model-tokens]: model-tokns";
    for (RequestCost cost :
        List.of(
            RequestCost.of(misspelled),
            RequestCost.by(request -> ESTIMATE, misspelled),
            RequestCost.of(ESTIMATE).settledByField(FIELD, "model-tokns"),
            RequestCost.of(ESTIMATE).settledByHiddenField(FIELD, "model-tokns"))) {
      assertThatThrownBy(() -> gate(cost)).hasMessage(message);
    }
    assertThatThrownBy(() -> gate(misspelled)).hasMessage(message);
    assertThatThrownBy(
            () -> builder().rule("/{a}", Map.of("x", RUNS), BOTH, RequestCost.of(ESTIMATE)))
        .hasMessage("cost must name units of the policy's limits, [requests]: model-tokens");
    assertThatThrownBy(() -> builder().rule("/a", BUDGET, 1))
        .hasMessage("cost must name units of the policy's limits, [model-tokens]: requests");
    assertThatThrownBy(() -> builder().rule("/a", BUDGET, request -> 1, 1))
        .hasMessage("cost must name units of the policy's limits, [model-tokens]: requests");
    builder().rule("/a", BUDGET);
  }

  @ParameterizedTest
  @CsvSource({
    "0, 1000",
    "1, 999",
    "400, 600",
    "0000000000000000000000401, 599",
    "' 1400 ', -400",
    "9223372036854775807, -1000000"
  })
  void settledByField_chargesWhatItSays(String value, long left) {
    Verdict.Proceed verdict = proceed(RequestCost.of(ESTIMATE).settledByField(FIELD, TOKENS));
    verdict.ended(FakeResponse.of(200).with(FIELD, value));
    assertThat(owedOrLeft()).isEqualTo(left);
    assertThat(left("runs")).isEqualTo(9);
  }

  /** Of a bucket that owes, the time until it holds a token says how much. */
  private long owedOrLeft() {
    long left = left("budget");
    if (left > 0) {
      return left;
    }
    long nanosPerToken = 60_000_000;
    return 1 - limiter.peek(PEER, BUDGET).retryAfterNanos() / nanosPerToken;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "", " ", "-1", "+1", "1.5", "1e3", "0x10", "many", "1, 2", "1 2", "\u0661", "1\n2", "1;a=b"
      })
  void settledByField_noWholeNumber_leavesTheEstimateAndSaysSo(String value) {
    Verdict.Proceed verdict = proceed(RequestCost.of(ESTIMATE).settledByField(FIELD, TOKENS));
    assertThat(logged(() -> verdict.ended(FakeResponse.of(200).with(FIELD, value))))
        .isEqualTo(
            "X-Model-Tokens must be one whole number, and the estimate is charged: \""
                + value.replaceAll("[\n\u0661]", "?")
                + "\"");
    assertThat(left("budget")).isEqualTo(600);
  }

  @Test
  void settledByField_numberAboveTheRange_leavesTheEstimateAndSaysSo() {
    Verdict.Proceed verdict = proceed(RequestCost.of(ESTIMATE).settledByField(FIELD, TOKENS));
    String value = "9223372036854775808";
    assertThat(logged(() -> verdict.ended(FakeResponse.of(200).with(FIELD, value))))
        .isEqualTo(
            "X-Model-Tokens must be a number below 2^63, and the estimate is charged: \""
                + value
                + "\"");
    assertThat(left("budget")).isEqualTo(600);
  }

  @Test
  void settledByField_longValue_isCutInTheLog() {
    Verdict.Proceed verdict = proceed(RequestCost.of(ESTIMATE).settledByField(FIELD, TOKENS));
    assertThat(logged(() -> verdict.ended(FakeResponse.of(200).with(FIELD, "x".repeat(9000)))))
        .endsWith(": \"" + "x".repeat(40) + "...\"");
  }

  @Test
  void settledByField_severalLines_leaveTheEstimateAndSaySo() {
    Verdict.Proceed verdict = proceed(RequestCost.of(ESTIMATE).settledByField(FIELD, TOKENS));
    assertThat(logged(() -> verdict.ended(FakeResponse.of(200).with(FIELD, "1", "1"))))
        .endsWith(": \"1, 1\"");
    assertThat(left("budget")).isEqualTo(600);
  }

  @ParameterizedTest
  @CsvSource({"200, true", "204, true", "299, true", "0, false", "302, false", "500, false"})
  void settledByField_missing_isSaidOfSuccessOnly(int status, boolean said) {
    Verdict.Proceed verdict = proceed(RequestCost.of(ESTIMATE).settledByField(FIELD, TOKENS));
    try (CapturedLog log = new CapturedLog(HttpRateLimiter.class)) {
      verdict.ended(FakeResponse.of(status));
      assertThat(log.records()).hasSize(said ? 1 : 0);
    }
    assertThat(left("budget")).isEqualTo(600);
  }

  @Test
  void settledByFieldThatIsBadOften_writesFewLines() {
    HttpRateLimiter gate = gate(RequestCost.of(Cost.of(0)).settledByField(FIELD, TOKENS));
    try (CapturedLog log = new CapturedLog(HttpRateLimiter.class)) {
      for (int i = 0; i < 1000; i++) {
        ((Verdict.Proceed) gate.decide(RUN)).ended(FakeResponse.of(200).with(FIELD, "?"));
      }
      assertThat(log.records()).hasSizeBetween(10, 100);
    }
  }

  @Test
  void settledBy_function_seesStatusAndFields() {
    RequestCost cost =
        RequestCost.of(ESTIMATE)
            .settledBy(
                response ->
                    Cost.units(TOKENS, response.status() + response.headerLines("X-A").size()));
    proceed(cost).ended(FakeResponse.of(200).with("X-A", "1", "2"));
    assertThat(left("budget")).isEqualTo(798);
  }

  @ParameterizedTest
  @EnumSource(UserCode.class)
  void settledBy_functionThatFails_leavesTheEstimateAndSaysSo(UserCode code) {
    Function<ResponseView, Cost> failing =
        response -> {
          code.fail();
          return Cost.of(0);
        };
    Verdict.Proceed verdict = proceed(RequestCost.of(ESTIMATE).settledBy(failing));
    assertThat(logged(() -> verdict.ended(FakeResponse.of(200))))
        .startsWith(failing.getClass().getName() + " failed, and the estimate is charged: ");
    assertThat(left("budget")).isEqualTo(600);
    assertClosed(verdict);
  }

  @Test
  @SuppressWarnings("NullAway") // null is what is tested
  void settledBy_functionThatReturnsNull_leavesTheEstimateAndSaysSo() {
    Function<ResponseView, Cost> nothing = response -> null;
    Verdict.Proceed verdict = proceed(RequestCost.of(ESTIMATE).settledBy(nothing));
    assertThat(logged(() -> verdict.ended(FakeResponse.of(200))))
        .isEqualTo(nothing.getClass().getName() + " returned null, and the estimate is charged");
    assertThat(left("budget")).isEqualTo(600);
  }

  @Test
  void settledAfterTheApplicationHasSettled_hasTheLastWord() {
    Verdict.Proceed verdict = proceed(RequestCost.of(ESTIMATE).settledByField(FIELD, TOKENS));
    verdict.reservation().settle(Cost.units(TOKENS, 900));
    assertThat(left("budget")).isEqualTo(100);
    verdict.ended(FakeResponse.of(200).with(FIELD, "5"));
    assertThat(left("budget")).isEqualTo(995);
  }

  @Test
  void watched_settlesNothing() {
    Verdict.Proceed verdict = proceed(RequestCost.of(ESTIMATE).watched());
    assertThat(verdict.isWatched()).isTrue();
    verdict.ended(FakeResponse.of(200).with(FIELD, "5"));
    assertThat(left("budget")).isEqualTo(600);
    assertClosed(verdict);
    Verdict.Proceed settled =
        proceed(RequestCost.of(Cost.of(1)).settledByHiddenField(FIELD, TOKENS).watched());
    assertThat(settled.removedFields()).containsExactly(FIELD);
  }

  @Test
  @SuppressWarnings("NullAway") // null is what is tested
  void badArguments_areNamed() {
    RequestCost cost = RequestCost.of(ESTIMATE);
    assertThatNullPointerException().isThrownBy(() -> RequestCost.of(null)).withMessage("cost");
    assertThatNullPointerException()
        .isThrownBy(() -> RequestCost.by(null, ESTIMATE))
        .withMessage("cost");
    assertThatNullPointerException()
        .isThrownBy(() -> RequestCost.by(request -> ESTIMATE, null))
        .withMessage("fallback");
    assertThatNullPointerException()
        .isThrownBy(() -> cost.settledByField(null, TOKENS))
        .withMessage("field");
    assertThatNullPointerException()
        .isThrownBy(() -> cost.settledByField(FIELD, null))
        .withMessage("unit");
    assertThatNullPointerException().isThrownBy(() -> cost.settledBy(null)).withMessage("total");
    assertThatNullPointerException()
        .isThrownBy(() -> builder().rule("/a", BOTH, (RequestCost) null))
        .withMessage("cost");
    assertThatNullPointerException()
        .isThrownBy(() -> builder().rule("/a", BOTH, (Cost) null))
        .withMessage("cost");
    assertThatNullPointerException()
        .isThrownBy(() -> builder().rule("/{a}", Map.of(), BOTH, null))
        .withMessage("cost");
    for (String name : List.of("", "X Tokens", "X:", "X\r\nY: 1", "\u00fc")) {
      assertThatThrownBy(() -> cost.settledByHiddenField(name, TOKENS))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("field must be the name of a header field: \"" + name + "\"");
    }
    assertThatThrownBy(() -> cost.settledByField(FIELD, ""))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("unit must be 1 to 128 characters: 0");
  }

  private void assertClosed(Verdict.Proceed verdict) {
    long left = left("budget");
    verdict.reservation().settle(Cost.units(TOKENS, 999));
    assertThat(left("budget")).isEqualTo(left);
  }

  private Verdict.Proceed proceed(RequestCost cost) {
    return (Verdict.Proceed) gate(cost).decide(RUN);
  }

  private HttpRateLimiterBuilder builder() {
    return HttpRateLimiter.builder(limiter);
  }

  private HttpRateLimiter gate(Cost cost) {
    return builder().rule("POST /agents/*/runs", BOTH, cost).build();
  }

  private HttpRateLimiter gate(RequestCost cost) {
    return builder().rule("POST /agents/*/runs", BOTH, cost).build();
  }

  private long left(String name) {
    return left(name.equals("runs") ? RUNS : BUDGET);
  }

  private long left(LimitPolicy policy) {
    return limiter.peek(PEER, policy).buckets().get(0).remaining();
  }

  /** Returns the one line that is logged. */
  private static String logged(Runnable action) {
    try (CapturedLog log = new CapturedLog(HttpRateLimiter.class)) {
      action.run();
      assertThat(log.records()).extracting(LogRecord::getThrown).containsOnlyNulls();
      assertThat(log.records()).hasSize(1);
      return log.records().get(0).getMessage();
    }
  }
}
