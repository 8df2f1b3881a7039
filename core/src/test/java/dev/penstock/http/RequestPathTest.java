package dev.penstock.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.Limit;
import dev.penstock.LimitPolicy;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which paths are plain, what they are then, and which words are in those that are odd. */
class RequestPathTest {

  private static final Rules RUNS =
      new Rules(
          List.of(
              new Rule.Limited(
                  RequestPattern.parse("POST /agents/*/runs"),
                  PolicyChoice.only(LimitPolicy.perIdentity("runs", Limit.perMinute(1))),
                  RequestCost.ONE_REQUEST)),
          false);

  @ParameterizedTest(name = "{0}: {1}, {2}")
  @MethodSource("dev.penstock.http.PathVectors#rows")
  void vectors(String requestLine, boolean limited, String why) {
    assertThat(isLimited(FakeRequest.of(requestLine))).as(why).isEqualTo(limited);
  }

  @ParameterizedTest(name = "{0}: {1}")
  @MethodSource("dev.penstock.http.PathVectors#oddTargets")
  void oddTargets(String requestLine, boolean charged) {
    String target = requestLine.split(" ", 2)[1];
    assertThat(isLimited(target)).isEqualTo(charged);
  }

  @ParameterizedTest
  @CsvSource({
    "/agents/a1/runs, agents|a1|runs",
    "/, ''",
    "/?x, ''",
    "/agents/a1/runs/, agents|a1|runs",
    "/agents/a1/runs?next=/x/../y;%2f, agents|a1|runs",
    "/%61gents/%61%31/run%73, agents|a1|runs",
    "/agents/%E2%82%AC/runs, agents|\u20ac|runs",
    "/agents/%F0%9F%98%80/, agents|\ud83d\ude00",
    "/caf%C3%A9, caf\u00e9",
    "/agents/a%20b/runs, agents|a b|runs",
    "/.well-known/a..b/..., .well-known|a..b|...",
    "/a:b/@c/~d/e_f-g, a:b|@c|~d|e_f-g",
    "/%2C%28%29/%22, ',()|\"'",
  })
  void of_plainPath_hasItsSegmentsDecoded(String target, String segments) {
    assertThat(String.join("|", segments((PlainPath) RequestPath.of(target, false))))
        .isEqualTo(segments);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "*",
        "?x",
        "agents/a1/runs",
        "http://host/health",
        "http:/health",
        "host:443",
        "%2fhealth",
        "//health",
        "/x//health",
        "/health//",
        "//",
        "/./health",
        "/x/../health",
        "/health/..",
        "/health/.",
        "/health#x",
        "/health#x?y",
        "/health;v=1",
        "/;/health",
        "/a\\b",
        "/a+b",
        "/a,b",
        "/(a)/b",
        "/a b",
        "/a\u0001b",
        "/caf\u00e9",
        "/health%3Bv=1",
        "/a%2Fb",
        "/a%5cb",
        "/a%2eb",
        "/a%252Fb",
        "/a%25",
        "/a%",
        "/a%2",
        "/a%zz",
        "/a%6>",
        "/a%u0061",
        "/a%00",
        "/a%0A",
        "/a%7f",
        "/a%3Fb",
        "/a%23b",
        "/a%2Bb",
        "/a%20",
        "/%20a",
        "/%20",
        "/a%C0%AFb",
        "/a%FFb",
        "/a%E2%82",
        "/a%ED%A0%BDb",
        "/a%EF%BF%BD",
        "/a%C2%85b",
        "/a%C2%A0b",
        "/a%C2%ADb",
        "/a%E2%80%8Bb",
        "/a%EF%BC%8Fb",
        "/%EF%BD%92uns",
        "/run%C5%BF",
        "/wor%E2%84%AA",
        "/e%CC%81",
      })
  void of_whatSomeServerMayReadOtherwise_isOdd(String target) {
    assertThat(RequestPath.of(target, false)).isInstanceOf(OddPath.class);
  }

  /** Changes of case turn some letters of other scripts into ASCII. */
  @Test
  void of_beyondAsciiWhereCaseIsIgnored_isOdd() {
    assertThat(RequestPath.of("/caf%C3%A9", true)).isInstanceOf(OddPath.class);
    assertThat(RequestPath.of("/agents/%C4%B1nfo", true))
        .isInstanceOfSatisfying(
            OddPath.class, odd -> assertThat(odd.texts().get(0)).isEqualTo("/agents/info"));
    assertThat(RequestPath.of("/health", true)).isInstanceOf(PlainPath.class);
  }

  /** Each of these is {@code POST /agents/*}{@code /runs} to some server, or might be. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "/agents/a1%2Fruns",
        "/agents%5Ca1%5cruns",
        "/agents/../runs",
        "/x/%2e%2e/agents/a1/runs",
        "/x%2f..%2fagents%2fa1%2fruns",
        "/agents/a1/runs/x/..",
        "//elsewhere/agents/a1/runs",
        "http://h//agents/a1/runs",
        "http:agents/a1/runs",
        "agents/a1/runs",
        "%2fagents/a:b/runs",
        "/agents\\a1\\runs",
        "/agents/a1;%2fruns",
        "/agents/a1;x%2fruns;y/",
        "/agents/a1#/runs",
        "/agents/a1%3f/runs",
        "/agents/a1%23/runs",
        "/agents/a1/runs%20",
        "/agents/a1/%20runs",
        "/agents/a1/ru%00ns",
        "/agents/a1/ru%0d%0ans",
        "/agents/a1/ru%7fns",
        "/agents/a1/%72%75ns;",
        "/agents/a1/%2572uns",
        "/agents/a1/%252572uns",
        "/agents/a1/%2%35%372uns",
        "/agents/a1/%%37%32uns",
        "/agents/a1/%2%0a57%0d2uns",
        "/agents/a1/%u0072uns",
        "/agents/a1/%U0072uns",
        "/agents/a1/%25u0072uns",
        "/agents/a1/%u0025u0072uns",
        "/agents/a1/%u00%37%32uns",
        "/agents/a1/%%750072uns",
        "/agents/a1/%u002572uns",
        "/agents/a1/ru%6>s",
        "/agents/a1/ru%ns",
        "/agents/a1/%C1%B2uns",
        "/agents/a1/ru%C1%B2ns",
        "/agents/a1/%E0%81%B2uns",
        "/agents/a1/r%FFuns",
        "/agents/a1/%EF%BD%92uns",
        "/agents/a1/run%C5%BF",
        "/agents/a1/r%CC%81uns",
        "/agents/a1/%F0%9D%90%ABuns",
        "/agents/a1/%uD835%uDC2Buns",
        "/agents/a1/%uff52uns",
        "/agents/a1/%EF%BC%8572uns",
        "/agents/a1/%25%EF%BC%97%EF%BC%92uns",
        "/agents/a1/%25%D9%A72uns",
        "/agents/a1/%25%FF72uns",
        "/agents/a1/%E2%80%8Bruns",
        "/agents/a1/\uff52uns",
        "/agents/a1/runs\u00e9/..",
      })
  void of_oddPathThatAServerMayTakeForARun_isLimited(String target) {
    assertThat(RequestPath.of(target, false)).isInstanceOf(OddPath.class);
    assertThat(isLimited(target)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/agents/a1/Runs;",
        "/agents/a1/run%2fs",
        "/ag/ents;/runs",
        "/runs/a1/agents;",
        "/agents%2fb?x=/runs",
        "/projects/a%2Fb/issues",
        "/projects/%E6%97%A5%E6%9C%AC%2F/issues",
        "/projects/%c0%af/issues",
        "/agents/a1/ruins;",
        "/agents/a1/%26runes;",
        "/agents/a1/r%2575ms",
      })
  void of_oddPathWithoutTheWords_isNotLimited(String target) {
    assertThat(RequestPath.of(target, false)).isInstanceOf(OddPath.class);
    assertThat(isLimited(target)).isFalse();
  }

  @Test
  void of_oddPathInAnotherCase_isInLowerCaseWhereCaseIsIgnored() {
    assertThat(((OddPath) RequestPath.of("/AGENTS/%72UNS;", true)).texts())
        .containsExactly("/agents/runs;");
    assertThat(((OddPath) RequestPath.of("/AGENTS/%72UNS;", false)).texts())
        .containsExactly("/AGENTS/rUNS;");
  }

  @Test
  void of_oddPathAbove8Kib_countsAsContainingEveryWord() {
    String longest = "/;" + "a".repeat(OddPath.MAX_DECODED - 2);
    assertThat(isLimited(longest)).isFalse();
    assertThat(isLimited(longest + "?" + "a".repeat(10_000))).isFalse();
    assertThat(isLimited(longest + "a")).isTrue();
    assertThat(isLimited("/" + "a".repeat(OddPath.MAX_DECODED) + ";")).isTrue();
    assertThat(isLimited("/" + "a".repeat(300_000))).isFalse();
  }

  @Test
  void of_oddPathWithManyBytesBeyondAscii_countsAsContainingEveryWord() {
    assertThat(isLimited("/;" + "%ff".repeat(FullDecoding.MAX_BEYOND_ASCII))).isFalse();
    assertThat(isLimited("/;" + "%ff".repeat(FullDecoding.MAX_BEYOND_ASCII + 1))).isTrue();
    assertThat(isLimited("/;" + "%z".repeat(FullDecoding.MAX_PERCENTS))).isFalse();
    assertThat(isLimited("/;" + "%z".repeat(FullDecoding.MAX_PERCENTS + 1))).isTrue();
  }

  @Test
  void of_plainPathLongerThanAnyPattern_keepsFewSegments() {
    PlainPath path = (PlainPath) RequestPath.of("/a".repeat(100_000), false);
    assertThat(segments(path)).hasSize(PlainPath.MAX_SEGMENTS + 1).containsOnly("a");
    PlainPath encoded = (PlainPath) RequestPath.of("/%61".repeat(100_000), false);
    assertThat(segments(encoded)).hasSize(PlainPath.MAX_SEGMENTS + 1).containsOnly("a");
  }

  @Test
  void of_trailingSlash_isNoSegment() {
    assertThat(segments((PlainPath) RequestPath.of("/agents/", false))).containsExactly("agents");
    assertThat(segments((PlainPath) RequestPath.of("/%61gents/", false))).containsExactly("agents");
  }

  private static List<String> segments(PlainPath path) {
    return IntStream.range(0, path.size()).mapToObj(path::segment).toList();
  }

  private static boolean isLimited(String target) {
    return isLimited(FakeRequest.of("POST " + target));
  }

  private static boolean isLimited(RequestView request) {
    return !RUNS.charges(request).isEmpty();
  }
}
