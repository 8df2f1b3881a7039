package dev.penstock.http;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PlainRulesTest {

  @ParameterizedTest
  @CsvSource({
    "POST /agents/*/runs, POST, /agents/a1/runs, true",
    "POST /agents/*/runs, GET, /agents/a1/runs, false",
    "POST /agents/*/runs, post, /agents/a1/runs, false",
    "/agents/*/runs, DELETE, /agents/a1/runs, true",
    "GET /docs, HEAD, /docs, true",
    "HEAD /docs, GET, /docs, false",
    "GET /, GET, /, true",
    "GET /, GET, /x, false",
    "GET /*/*, GET, /a/b, true",
    "GET /*/*, GET, /a, false",
    "M-SEARCH /x, M-SEARCH, /x, true",
    "/agents/{agent_id}/runs, POST, /agents/a1/runs, true",
    "/agents/{agent_id}/runs, POST, /agents/runs, false",
    "/agents/{agent_id}/runs, POST, /agents/a1/b/runs, false",
    "/agents/**, POST, /agents, true",
    "/agents/**, POST, /agents/a1, true",
    "/agents/**, POST, /agents/a1/runs/r1, true",
    "/agents/**, POST, /agentsx, false",
    "/agents/**, POST, /x/agents/a1, false",
    "/agents/*/**, POST, /agents, false",
    "/agents/*/**, POST, /agents/a1, true",
    "/**, POST, /, true",
    "/**, POST, /a/b, true",
    "GET /**, POST, /a/b, false",
  })
  void first_byMethodAndSegments_isExact(
      String pattern, String method, String target, boolean expected) {
    assertThat(isFor(exempting(pattern), method, target)).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource({
    "POST, POST, true, true",
    "POST, post, false, true",
    "POST, Post, false, true",
    "GET, HEAD, true, true",
    "GET, head, false, true",
    "HEAD, GET, false, false",
    "POST, POSTS, false, false",
  })
  void first_methodInAnotherCase_isOfNoExemption(
      String method, String requestMethod, boolean asItIs, boolean inAnyCase) {
    assertThat(isFor(exempting(method + " /runs"), requestMethod, "/runs")).isEqualTo(asItIs);
    assertThat(isFor(limiting(method + " /runs"), requestMethod, "/runs")).isEqualTo(inAnyCase);
  }

  @Test
  void first_longestPattern_isExact() {
    String path = "/a".repeat(PlainPath.MAX_SEGMENTS);
    assertThat(isFor(limiting(path), "GET", path)).isTrue();
    assertThat(isFor(limiting(path), "GET", path + "/a")).isFalse();
  }

  @Test
  void first_openPatternAsLongAsAnyPath_isExact() {
    PlainRules open = limiting("/a".repeat(PlainPath.MAX_SEGMENTS) + "/**");
    for (int longer : new int[] {0, 1, 2, 1000}) {
      assertThat(isFor(open, "GET", "/a".repeat(PlainPath.MAX_SEGMENTS + longer))).isTrue();
    }
    assertThat(isFor(open, "GET", "/a".repeat(PlainPath.MAX_SEGMENTS - 1))).isFalse();
  }

  @Test
  void first_ofSeveral_isTheFirstInOrder() {
    PlainRules rules =
        limiting("/a/*/c", "POST /a/b/c", "/*/b/*", "GET /a/**", "/**", "/a/b/c", "HEAD /x");
    assertThat(first(rules, "POST", "/a/b/c")).isZero();
    assertThat(first(rules, "POST", "/a/b/d")).isEqualTo(2);
    assertThat(first(rules, "HEAD", "/a")).isEqualTo(3);
    assertThat(first(rules, "HEAD", "/x")).isEqualTo(4);
    assertThat(first(limiting("/a/b", "/*/*", "/a/**"), "GET", "/a/x")).isOne();
  }

  private static PlainRules limiting(String... patterns) {
    PlainRules rules = new PlainRules(false);
    for (int place = 0; place < patterns.length; place++) {
      rules.add(place, RequestPattern.parse(patterns[place]), false);
    }
    return rules;
  }

  private static PlainRules exempting(String pattern) {
    PlainRules rules = new PlainRules(false);
    rules.add(0, RequestPattern.parse(pattern), true);
    return rules;
  }

  private static boolean isFor(PlainRules rules, String method, String target) {
    return first(rules, method, target) == 0;
  }

  private static int first(PlainRules rules, String method, String target) {
    return rules.first(method, (PlainPath) RequestPath.of(target, false));
  }
}
