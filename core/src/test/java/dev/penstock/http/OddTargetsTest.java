package dev.penstock.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.Decision;
import dev.penstock.FixedLimiter;
import dev.penstock.Limit;
import dev.penstock.LimitPolicy;
import dev.penstock.memory.InMemoryRateLimiter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
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

  private static final String DIVIDER = "~";
  private static final List<String> STARTS = List.of("/", "/", "/", "%2f", "%2F", "%2f/");
  private static final List<String> AGENTS = List.of("a1", "opus", "cheap", "%6fpus", "a%20b");

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

  /** Each is exempt by one reading of it, and not so plainly that all servers read it thus. */
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
  void exemptByOneReading_isNotExempt(String requestLine) {
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
  void runByOneReading_paysForIt(String cost, String target) {
    assertThat(costs("POST " + target).split(" ")).contains(cost);
  }

  @Test
  void severalReadings_payUnderEachRuleOnce() {
    assertThat(costs("POST /agents/cheap%2f..%2fopus/runs")).isEqualTo("10 100 1");
    assertThat(costs("POST /x%2f..%2fa")).isEqualTo("1");
  }

  @Test
  void severalReadings_oneDenied_isRejectedByIt() {
    HttpRateLimiter strict =
        HttpRateLimiter.builder(InMemoryRateLimiter.create())
            .rule("POST /agents/opus/runs", OPUS, 10)
            .rule("POST /agents/*/runs", RUNS)
            .rule("/**", REST)
            .build();
    assertThat(strict.decide(FakeRequest.of("POST /agents/opus/runs")))
        .isInstanceOf(Verdict.Proceed.class);
    Verdict verdict = strict.decide(FakeRequest.of("POST /agents/x%2f..%2fopus/runs"));
    assertThat(verdict).isInstanceOf(Verdict.Reject.class);
    assertThat(((Verdict.Reject) verdict).body()).contains("\"violated-policies\":[\"opus\"]");
  }

  /** A variable is taken from the reading that matched, so that no other value can be foisted. */
  @Test
  void severalReadings_eachChoosesByItsOwnVariable() {
    HttpRateLimiter choosing =
        HttpRateLimiter.builder(limiter)
            .rule(
                "POST /agents/{agent_id}/runs",
                RUNS,
                request -> request.variable("agent_id").equals("opus") ? 100 : 10,
                100)
            .build();
    choosing.decide(FakeRequest.of("POST /agents/cheap%2f..%2fopus/runs"));
    assertThat(limiter.calls())
        .containsExactlyInAnyOrder("tryAcquire 192.0.2.1 10", "tryAcquire 192.0.2.1 100");
  }

  /**
   * Whatever is put together from the parts of odd targets: the request pays at least what a server
   * asks that reads it in one of four ways, each written here anew and as simply as can be.
   */
  @Test
  void randomTargets_payForWhateverAServerReads() {
    Random random = new Random(20261123);
    int runs = 0;
    for (int i = 0; i < 20_000; i++) {
      String target = oddRun(random);
      List<String> paid = List.of(costs("POST " + target).split(" "));
      for (String cost : costsOfServers(target)) {
        runs++;
        assertThat(paid).as(target).contains(cost);
      }
    }
    assertThat(runs).isGreaterThan(10_000);
  }

  /** Returns a run of some agent with detours on its way, divided by whatever divides segments. */
  private static String oddRun(Random random) {
    List<String> detours =
        List.of("", "x" + DIVIDER + "..", "docs" + DIVIDER + "%2e.", ".", ";v=1", "%25", "x;/..");
    List<String> dividers = List.of("/", "/", "/", "//", "%2f", "%2F", "%5c", "\\");
    StringBuilder target = new StringBuilder(one(STARTS, random));
    for (String segment : List.of("agents", one(AGENTS, random), "runs")) {
      String detour = random.nextInt(3) == 0 ? one(detours, random) + DIVIDER : "";
      String parameters = random.nextInt(9) == 0 ? ";v=1" : "";
      target.append(detour).append(segment).append(parameters).append(DIVIDER);
    }
    String text = target.substring(0, target.length() - random.nextInt(2));
    while (text.contains(DIVIDER)) {
      text = text.replaceFirst(DIVIDER, Matcher.quoteReplacement(one(dividers, random)));
    }
    return text;
  }

  private static String one(List<String> texts, Random random) {
    return texts.get(random.nextInt(texts.size()));
  }

  /** Returns the costs of the runs that servers see in a target. */
  private static Set<String> costsOfServers(String target) {
    Set<String> costs = new TreeSet<>();
    String withoutParameters = target.replaceAll(";[^/]*", "");
    String decoded =
        withoutParameters
            .replaceAll("(?i)%2f", "/")
            .replaceAll("(?i)%5c", "\\\\")
            .replaceAll("(?i)%2e", ".")
            .replaceAll("(?i)%6f", "o")
            .replace("%25", "%");
    for (String path : List.of(decoded, decoded.replace('\\', '/'))) {
      for (String read : List.of(path, resolved(path))) {
        String[] segments = read.replaceAll("/+", "/").replaceAll("/$", "").split("/", -1);
        if (segments.length == 4 && segments[1].equals("agents") && segments[3].equals("runs")) {
          costs.add(Map.of("opus", "100", "cheap", "2").getOrDefault(segments[2], "10"));
        }
      }
    }
    return costs;
  }

  private static String resolved(String path) {
    List<String> segments = new ArrayList<>();
    for (String segment : path.split("/", -1)) {
      if (segment.equals("..") && !segments.isEmpty()) {
        segments.remove(segments.size() - 1);
      } else if (!segment.isEmpty() && !segment.equals(".") && !segment.equals("..")) {
        segments.add(segment);
      }
    }
    return "/" + String.join("/", segments);
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
