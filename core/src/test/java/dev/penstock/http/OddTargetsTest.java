package dev.penstock.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.penstock.Cost;
import dev.penstock.Decision;
import dev.penstock.FixedLimiter;
import dev.penstock.Identity;
import dev.penstock.Limit;
import dev.penstock.LimitPolicy;
import dev.penstock.PartitionedLimit;
import dev.penstock.RateLimiter;
import dev.penstock.Reservation;
import dev.penstock.memory.InMemoryRateLimiter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.ToLongFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What somebody tries who wants a run for less: targets that the gate and the server read
 * otherwise.
 */
class OddTargetsTest {

  private static final Limit ANY = Limit.perMinute(10);
  private static final LimitPolicy OPUS = LimitPolicy.perIdentity("opus", ANY);
  private static final LimitPolicy RUNS = LimitPolicy.perIdentity("runs", ANY);
  private static final LimitPolicy CHEAP = LimitPolicy.perIdentity("cheap", ANY);
  private static final LimitPolicy REST = LimitPolicy.perIdentity("rest", ANY);

  private final FixedLimiter limiter = new FixedLimiter(Decision.open());

  /** Costs tell the rules apart: opus 100, runs 10, cheap 2, the rest 1. */
  private final HttpRateLimiter gate =
      HttpRateLimiter.builder(limiter)
          .exempt("GET /health")
          .exempt("/docs/**")
          .exempt("POST /agents/*/runs/*/cancel")
          .rule("POST /agents/cheap/runs", CHEAP, 2)
          .rule("POST /agents/opus/runs", OPUS, 100)
          .rule("POST /agents/{agent_id}/runs", RUNS, 10)
          .rule("/**", REST)
          .build();

  @ParameterizedTest
  @CsvSource({
    "GET /health, ''",
    "HEAD /health?probe=/../;, ''",
    "POST /docs/a/b/, ''",
    "POST /agents/a1/runs/r1/cancel, ''",
    "POST /agents/a%20b/runs/r1/cancel, ''",
    "POST /agents/a1/runs, 10",
    "POST /agents/opus/runs, 100",
    "GET /elsewhere, 1",
  })
  void plainTarget_goesByItsOneRule(String requestLine, String costs) {
    assertThat(costs(requestLine)).isEqualTo(costs);
  }

  /** Each is exempt to some server, and not so plainly that it is so to all. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "GET //health",
        "GET //x/health",
        "GET /health;a",
        "GET /health;/agents/a1/runs",
        "GET /;/health",
        "GET /./health",
        "GET /x/../health",
        "GET /health/.",
        "GET /health/%2e%2e/health",
        "GET /health%2f",
        "GET /%2fhealth",
        "GET /health%5c",
        "GET /health\\",
        "GET /health#",
        "GET http://x/health",
        "GET %2fhealth",
        "GET health",
        "GET /docs/..%2fagents",
        "GET /docs/%252e%252e/agents",
        "GET /docs/%C0%AE%C0%AE/agents",
        "GET /docs/a%00",
        "GET /docs/a%0d%0ab",
        "POST /agents/a1/runs/x/cancel;v=1",
        "POST /agents/a1%2fruns/x/cancel",
      })
  void exemptToSomeServer_isNotExempt(String requestLine) {
    assertThat(costs(requestLine)).isNotEmpty();
  }

  /** Each is a run of this cost to some server, and something cheaper or exempt to another. */
  @ParameterizedTest
  @CsvSource({
    "10, /docs/../agents/a1/runs",
    "10, /docs/..%2fagents/a1/runs",
    "10, /docs%2f..%2fagents%2fa1%2fruns",
    "10, /docs/..;/agents/a1/runs",
    "10, /docs/..\\agents\\a1\\runs",
    "10, /docs/%2e%2e%5cagents%5ca1%5cruns",
    "10, //docs/agents/a1/runs",
    "10, /agents/a1/runs/x/cancel/../..",
    "10, /agents/a1/runs/x/cancel/..%2f..",
    "10, /agents/x/runs/y/cancel/../../../../a1/runs",
    "100, /agents/cheap/../opus/runs",
    "100, /agents/cheap%2f..%2fopus/runs",
    "100, /agents/cheap%5c..%5copus/runs",
    "100, /agents/cheap/runs/../../opus/runs",
    "100, //agents/opus/runs",
    "100, //agents/cheap/runs/../../../agents/opus/runs",
    "100, /agents/;a=cheap/opus/runs",
    "100, /agents/opus;cheap/runs",
    "100, /agents/%6fpus/runs",
    "100, /agents/./opus/runs/",
    "100, /agents/cheap/runs%2f..%2f..%2fopus%2fruns",
    "10, /agents/opus%5cb%2fruns",
    "10, /agents/a1/runs//..",
    "10, /docs/%u002e./agents/a1/runs",
    "10, /agents/%u0063heap/runs",
    "100, /agents/%u006fpus/runs",
    "100, /agents/cheap//../../opus/runs",
    "100, /agents/opus/cheap//../../runs",
    "10, %2fagents/a1/runs",
    "10, %2Fagents/a1/runs%2f",
    "10, %2fagents%2fa1%2fruns",
    "10, %2fagents/a:b/runs",
    "10, %2fdocs/..%2fagents/a1/runs",
    "100, %2Fagents/opus/runs",
    "100, %2fagents/cheap%2f..%2fopus/runs",
    "100, http:%2fagents/opus/runs",
  })
  void runToSomeServer_paysForIt(String cost, String target) {
    assertThat(costs("POST " + target).split(" ")).contains(cost);
  }

  @Test
  void oddTarget_paysUnderEachRuleOfItsMethodWhoseWordsItContains() {
    assertThat(costs("POST /agents/cheap%2f..%2fopus/runs")).isEqualTo("2 100 10 1");
    assertThat(costs("POST /agents/opus;%2fcheap/runs")).isEqualTo("2 100 10 1");
    assertThat(costs("GET /agents/cheap%2f..%2fopus/runs")).isEqualTo("1");
    assertThat(costs("POST /runs%2fopus%2fagents")).isEqualTo("1");
    assertThat(costs("POST /x%2f..%2fa")).isEqualTo("1");
    assertThat(costs("POST /;" + "a".repeat(8 * 1024))).isEqualTo("2 100 10 1");
  }

  /** On the demo this was a run for nothing. */
  @Test
  void runBehindParameters_isDeniedAsThePlainOneIs() {
    HttpRateLimiter demo =
        HttpRateLimiter.builder(InMemoryRateLimiter.create())
            .rule("POST /agents/*/runs", LimitPolicy.perIdentity("runs", Limit.perMinute(1)))
            .build();
    assertThat(demo.decide(FakeRequest.of("POST /agents/a1/runs")))
        .isInstanceOf(Verdict.Proceed.class);
    assertThat(demo.decide(FakeRequest.of("POST /agents/a1;%2fruns")))
        .isInstanceOf(Verdict.Reject.class);
  }

  @ParameterizedTest
  @CsvSource({
    "post /agents/opus/runs, 100",
    "Post /agents/a1/runs, 10",
    "pOST /agents/a1/runs/r1/cancel, 1",
    "post /agents/opus;/runs, '100 10 1'",
    "get /health, 1",
    "head /health, 1",
  })
  void methodInAnotherCase_isChargedAndNeverExempt(String requestLine, String costs) {
    assertThat(costs(requestLine)).isEqualTo(costs);
  }

  @Test
  void equalCosts_areOneDecisionInWhichEachBucketPaysOnce() {
    HttpRateLimiter joining =
        HttpRateLimiter.builder(InMemoryRateLimiter.create())
            .rule("POST /agents/opus/runs", OPUS.and(RUNS))
            .rule("POST /agents/*/runs", RUNS)
            .rule("/**", REST)
            .build();
    Verdict verdict = joining.decide(FakeRequest.of("POST /agents/opus;/runs"));
    assertThat(verdict.fields().get(1).value())
        .isEqualTo("\"opus\";r=9;t=54, \"runs\";r=9;t=54, \"rest\";r=9;t=54");
  }

  @Test
  void equalCostsByPlan_areOneDecision() {
    LimitPolicy more = LimitPolicy.perIdentity("runs", Limit.perMinute(100));
    LimitPolicy planned = LimitPolicy.byPlan(Map.of("free", RUNS, "pro", more), "free");
    HttpRateLimiter joining =
        HttpRateLimiter.builder(InMemoryRateLimiter.create())
            .identity(request -> Optional.of(Identity.user("u1").withPlan("pro")))
            .rule("POST /agents/opus/runs", OPUS.and(planned))
            .rule("POST /agents/*/runs", planned)
            .build();
    Verdict verdict = joining.decide(FakeRequest.of("POST /agents/opus;/runs"));
    assertThat(verdict.fields().get(1).value()).isEqualTo("\"opus\";r=9;t=54, \"runs\";r=99;t=60");
  }

  /** A request that is denied costs nothing. */
  @Test
  void equalCosts_oneDenied_takesNothingFromTheOthers() {
    InMemoryRateLimiter store = InMemoryRateLimiter.create();
    HttpRateLimiter strict =
        HttpRateLimiter.builder(store)
            .rule("POST /agents/*/runs", RUNS)
            .rule("POST /agents/opus/runs", LimitPolicy.perIdentity("one", Limit.perDay(1)))
            .build();
    RequestView odd = FakeRequest.of("POST /agents/opus;/runs");
    assertThat(strict.decide(odd)).isInstanceOf(Verdict.Proceed.class);
    for (int i = 0; i < 20; i++) {
      Verdict verdict = strict.decide(odd);
      assertThat(((Verdict.Reject) verdict).body()).contains("\"violated-policies\":[\"one\"]");
    }
    assertThat(store.peek(Identity.address(FakeRequest.PEER), RUNS, 9).permitted()).isTrue();
  }

  @Test
  void differentCosts_oneDenied_isRejectedByIt() {
    HttpRateLimiter strict =
        HttpRateLimiter.builder(InMemoryRateLimiter.create())
            .rule("POST /agents/opus/runs", OPUS, 10)
            .rule("POST /agents/*/runs", RUNS)
            .rule("/**", REST)
            .build();
    assertThat(strict.decide(FakeRequest.of("POST /agents/opus/runs")))
        .isInstanceOf(Verdict.Proceed.class);
    Verdict verdict = strict.decide(FakeRequest.of("POST /agents/x%2f..%2fopus/runs"));
    assertThat(((Verdict.Reject) verdict).body()).contains("\"violated-policies\":[\"opus\"]");
  }

  @Test
  void equalPolicyAndCost_areChargedOnce() {
    HttpRateLimiter.builder(limiter)
        .rule("POST /agents/opus/runs", RUNS)
        .rule("POST /agents/*/runs", LimitPolicy.perIdentity("runs", ANY))
        .build()
        .decide(FakeRequest.of("POST /agents/opus;/runs"));
    assertThat(limiter.calls()).containsExactly("reserve 192.0.2.1 1");
  }

  /** As on a Redis Cluster, where buckets of different kinds cannot be joined. */
  @Test
  void policiesThatTheLimiterCannotJoin_areChargedOneAfterTheOther() {
    List<String> charged = new ArrayList<>();
    HttpRateLimiter apart =
        HttpRateLimiter.builder(new SingleLimits(charged))
            .rule("POST /agents/opus/runs", OPUS)
            .rule("POST /agents/*/runs", RUNS)
            .rule("/**", RUNS)
            .build();
    apart.decide(FakeRequest.of("POST /agents/opus;/runs"));
    assertThat(charged).containsExactly("[opus]", "[runs]");
  }

  /** The policies of one identity may differ where those of the samples at the start do not. */
  @Test
  void limitsOfOneNameWithOtherNumbers_areChargedOneAfterTheOther() {
    LimitPolicy slow = LimitPolicy.perIdentity("runs", Limit.perMinute(1));
    Identity special = Identity.address("198.51.100.7");
    HttpRateLimiter differing =
        HttpRateLimiter.builder(limiter)
            .rule("POST /agents/opus/runs", RUNS)
            .rule(
                "POST /agents/*/runs",
                identity -> (identity.equals(special) ? slow : RUNS).limits(identity))
            .build();
    differing.decide(FakeRequest.of("POST /agents/opus;/runs").from("198.51.100.7"));
    assertThat(limiter.calls()).containsExactly("reserve 198.51.100.7 1", "reserve 198.51.100.7 1");
  }

  /** A response could not hold the fields of so many, and the work is to be bounded. */
  @Test
  void moreThan64ChargesThatDiffer_areRejectedWith400() {
    String mayBeAny = "GET /;" + "a".repeat(OddPath.MAX_DECODED);
    assertThat(many(64).decide(FakeRequest.of(mayBeAny))).isInstanceOf(Verdict.Proceed.class);
    assertThat(limiter.calls()).hasSize(1);
    Verdict.Reject rejected = (Verdict.Reject) many(65).decide(FakeRequest.of(mayBeAny));
    assertThat(rejected.status()).isEqualTo(400);
    assertThat(rejected.fields())
        .containsExactly(
            new HeaderField("Content-Type", "application/problem+json"),
            new HeaderField("Cache-Control", "no-store"));
    assertThat(rejected.body())
        .isEqualTo(
            "{\"type\":\"about:blank\",\"title\":\"Bad Request\",\"status\":400,"
                + "\"detail\":\"The path can be read in too many ways.\"}");
    assertThat(rejected.identity()).isEmpty();
    assertThat(rejected.policy()).isEmpty();
    assertThat(rejected.decision()).isEmpty();
    assertThat(limiter.calls()).hasSize(1);
  }

  @Test
  void moreThan64PoliciesOfOneRule_areRejectedWith400() {
    Map<String, LimitPolicy> policies = new HashMap<>();
    for (int i = 0; i < 64; i++) {
      policies.put("a" + i, LimitPolicy.perIdentity("p" + i, ANY));
    }
    HttpRateLimiter choosing =
        HttpRateLimiter.builder(limiter).rule("/agents/{agent_id}", policies, REST).build();
    Verdict rejected = choosing.decide(FakeRequest.of("GET //agents/a1"));
    assertThat(((Verdict.Reject) rejected).status()).isEqualTo(400);
    assertThat(choosing.decide(FakeRequest.of("GET /agents/a1")))
        .isInstanceOf(Verdict.Proceed.class);
  }

  @Test
  void manyRulesThatChargeTheSame_areOneCharge() {
    HttpRateLimiterBuilder same = HttpRateLimiter.builder(limiter);
    for (int i = 0; i < 100; i++) {
      same.rule("/agents/a" + i, RUNS, 3);
    }
    same.build().decide(FakeRequest.of("GET /;" + "a".repeat(OddPath.MAX_DECODED)));
    assertThat(limiter.calls()).containsExactly("reserve 192.0.2.1 3");
  }

  /** Words within words stand in a text so often that to look for all of them takes long. */
  @Test
  void pathThatTakesTooMuchWork_countsAsContainingEveryWord() {
    HttpRateLimiter nested =
        HttpRateLimiter.builder(limiter)
            .rule("/a", OPUS, 2)
            .rule("/aa", OPUS, 3)
            .rule("/aaa", OPUS, 4)
            .rule("/z", OPUS, 5)
            .build();
    nested.decide(FakeRequest.of("GET /;" + "a".repeat(5_000)));
    assertThat(limiter.calls()).hasSize(3);
    limiter.calls().clear();
    nested.decide(FakeRequest.of("GET /;" + "a".repeat(6_000)));
    assertThat(limiter.calls()).hasSize(4);
  }

  @Test
  void tenThousandRules_oddPathGoesByItsOwn() {
    HttpRateLimiter gate = many(10_000);
    gate.decide(FakeRequest.of("GET /agents//a7777/runs"));
    assertThat(limiter.calls()).containsExactly("reserve 192.0.2.1 1");
    Verdict rejected = gate.decide(FakeRequest.of("GET /%" + "%".repeat(300)));
    assertThat(((Verdict.Reject) rejected).status()).isEqualTo(400);
  }

  private HttpRateLimiter many(int rules) {
    HttpRateLimiterBuilder builder = HttpRateLimiter.builder(limiter);
    for (int i = 0; i < rules; i++) {
      builder.rule("/agents/a" + i + "/runs", LimitPolicy.perIdentity("p" + i, ANY));
    }
    return builder.build();
  }

  /** Nobody knows the variable, so every policy that it may choose is charged. */
  @Test
  void policiesByVariable_oddTarget_chargesAllOfThem() {
    HttpRateLimiter choosing =
        HttpRateLimiter.builder(InMemoryRateLimiter.create())
            .rule("POST /agents/{agent_id}/runs", Map.of("opus", OPUS, "cheap", CHEAP), RUNS)
            .build();
    Verdict verdict = choosing.decide(FakeRequest.of("POST /agents/;/x/runs"));
    assertThat(verdict.fields().get(0).value())
        .contains("\"opus\"")
        .contains("\"cheap\"")
        .contains("\"runs\"");
  }

  @Test
  void costFunction_ofAnOddTarget_runsOnceForEachRule() {
    AtomicInteger asked = new AtomicInteger();
    HttpRateLimiter.builder(limiter)
        .rule("POST /agents/*/runs", RUNS, request -> asked.incrementAndGet() + 2, 1)
        .build()
        .decide(
            FakeRequest.of("POST //x/%2f%5c/;a/./..//%u0061/agents" + "/a".repeat(99) + "/runs"));
    assertThat(asked).hasValue(1);
    assertThat(limiter.calls()).containsExactly("reserve 192.0.2.1 3");
  }

  /**
   * A cost that hangs on a variable is not known, and must not be cheaper for being asked oddly.
   */
  @Test
  void costFunction_thatAsksForAVariableOfAnOddTarget_takesAllThatTheSmallestBucketHolds() {
    LimitPolicy both = RUNS.and(LimitPolicy.perIdentity("hour", Limit.perHour(7)));
    assertThat(oddCost(both, request -> request.variable("agent_id").equals("opus") ? 5 : 1))
        .containsExactly("reserve 192.0.2.1 7");
    assertThat(oddCost(both, OddTargetsTest::costOfWhoeverHidesTheFailure))
        .containsExactly("reserve 192.0.2.1 7");
    assertThat(oddCost(both, request -> request.method().length()))
        .containsExactly("reserve 192.0.2.1 4");
  }

  @Test
  void variable_ofAnOddTarget_isNotKnown() {
    MatchedRequest request =
        MatchedRequest.odd(
            FakeRequest.of("POST /agents/;/runs"), RequestPattern.parse("/agents/{agent_id}/runs"));
    assertThatThrownBy(() -> request.variable("agent_id"))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("name must be asked of a path that all servers read alike: agent_id");
    assertThatThrownBy(() -> request.variable("agent"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("name must be a variable of the pattern: agent");
  }

  private List<String> oddCost(LimitPolicy policy, ToLongFunction<MatchedRequest> cost) {
    limiter.calls().clear();
    HttpRateLimiter.builder(limiter)
        .rule("POST /agents/{agent_id}/runs", policy, cost, 2)
        .build()
        .decide(FakeRequest.of("POST /agents/cheap%2f..%2fopus/runs"));
    return limiter.calls();
  }

  private static long costOfWhoeverHidesTheFailure(MatchedRequest request) {
    try {
      return request.variable("agent_id").length();
    } catch (IllegalStateException e) {
      return 1;
    }
  }

  /** A limiter that keeps policies of one limit only. */
  private record SingleLimits(List<String> charged) implements RateLimiter {

    @Override
    public Decision tryAcquire(Identity identity, LimitPolicy policy, Cost cost) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Reservation reserve(Identity identity, LimitPolicy policy, Cost cost) {
      charged.add(policy.limits(identity).stream().map(PartitionedLimit::name).toList().toString());
      return new FixedLimiter(Decision.open()).reserve(identity, policy, cost);
    }

    @Override
    public Decision peek(Identity identity, LimitPolicy policy, Cost cost) {
      return Decision.open();
    }

    @Override
    public void reset(Identity identity, LimitPolicy policy) {}

    @Override
    public void check(LimitPolicy policy) {
      if (policy.limits(Identity.address(FakeRequest.PEER)).size() > 1) {
        throw new IllegalArgumentException("policy must have one limit");
      }
    }
  }

  /** Returns what the request was charged, one cost for each decision. */
  private String costs(String requestLine) {
    limiter.calls().clear();
    gate.decide(FakeRequest.of(requestLine));
    return String.join(
        " ",
        limiter.calls().stream().map(call -> call.substring(call.lastIndexOf(' ') + 1)).toList());
  }
}
