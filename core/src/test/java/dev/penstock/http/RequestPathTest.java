package dev.penstock.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class RequestPathTest {

  private static final RequestPattern RUNS = RequestPattern.parse("POST /agents/*/runs");

  @ParameterizedTest(name = "{0}: {1}, {2}")
  @MethodSource("dev.penstock.http.PathVectors#rows")
  void vectors(String requestLine, boolean limited, String why) {
    String[] parts = requestLine.split(" ", 2);
    assertThat(matches(RUNS, parts[0], parts[1])).as(why).isEqualTo(limited);
  }

  @ParameterizedTest
  @CsvSource({
    "/agents/a1/runs, agents a1 runs",
    "/, ''",
    "/agents/a1/runs/, agents a1 runs",
    "/agents/a1/runs#top, agents a1 runs",
    "/agents/a1/runs?next=/x/y, agents a1 runs",
    "/agents/a1/runs#a?b, agents a1 runs",
    "/agents;a=1/a1;b=2/runs;c=3, agents a1 runs",
    "/agents/%E2%82%AC/runs, agents € runs",
    "/agents/a%20b/runs, agents 'a b' runs",
    "/agents/100%/runs, agents 100% runs",
    "/agents/%zz/runs, agents %zz runs",
    "/agents/%4/runs, agents %4 runs",
    "http://host/agents/a1/runs, agents a1 runs",
    "HTTPS://user@host:8443/agents/a1/runs?x, agents a1 runs",
    "http:/agents/a1/runs, agents a1 runs",
    "http://host, ''",
  })
  void of_plainTarget_hasOneReading(String target, String segments) {
    List<String> expected =
        segments.isEmpty() ? List.of() : List.of(segments.replace("'a b'", "a_b").split(" "));
    assertThat(RequestPath.of(target).readings().stream().map(RequestPathTest::segments))
        .containsExactly(expected.stream().map(s -> s.replace("a_b", "a b")).toList());
  }

  @Test
  void of_asterisk_hasNoReading() {
    assertThat(RequestPath.of("*").readings()).isEmpty();
    assertThat(RequestPath.of("*?x").readings()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "'', ''",
    "?x, ''",
    "agents/a1/runs, agents a1 runs",
    "a/b:/agents, a b: agents",
    "host:443, host:443|443",
    "mailto:a/b, mailto:a b|a b",
    "%2fagents/a1:x/runs, /agents a1:x runs|agents a1:x runs",
    "http:%2fa, http:/a|http: a|/a|a",
  })
  void of_targetWithoutASlashAtItsStart_isReadWithOne(String target, String readings) {
    assertThat(RequestPath.of(target).readings().stream().map(RequestPathTest::segments))
        .map(segments -> String.join(" ", segments))
        .containsExactly(readings.split("\\|", -1));
    assertThat(RequestPath.of(target).plain()).isFalse();
  }

  /** The JDK's server routes by {@link URI#getPath}, and its handlers read that. */
  @Test
  void of_randomTargets_haveTheReadingOfJavaNetUri() {
    Random random = new Random(20261128);
    int withoutSlash = 0;
    int all = 0;
    for (int i = 0; i < 100_000; i++) {
      String target = randomTarget(random);
      String path = pathByUri(target);
      if (path.startsWith("/")) {
        all++;
        withoutSlash += target.startsWith("/") ? 0 : 1;
        assertThat(RequestPath.of(target).readings().stream().map(RequestPathTest::segments))
            .as(target)
            .contains(Stream.of(path.split("/")).filter(s -> !s.isEmpty()).toList());
      }
    }
    assertThat(all).isGreaterThan(15_000);
    assertThat(withoutSlash).isGreaterThan(5_000);
  }

  private static String randomTarget(Random random) {
    List<String> pieces =
        List.of(
            ("/ // /// /agents agents a1 /runs runs/ . .. /./ /../ %2e %2E. %2f %2F %2f/ %5c %3b"
                    + " %25 %252f %c0%af %00 %ff %e4 \u00e4 x ? ?x # #x http: http:/ http://h"
                    + " HTTP://u@h:1 //h:80 //[::1] mailto: * : a: + @ [ ] \\ %u002f")
                .split(" "));
    StringBuilder target = new StringBuilder();
    for (int left = random.nextInt(9); left >= 0; left--) {
      target.append(pieces.get(random.nextInt(pieces.size())));
    }
    return target.toString();
  }

  /** Returns nothing where the JDK's server answers that the request is bad. */
  private static String pathByUri(String target) {
    try {
      return Objects.requireNonNullElse(new URI(target).getPath(), "");
    } catch (URISyntaxException e) {
      return "";
    }
  }

  /** Each of these is {@code POST /agents/*}{@code /runs} to some server. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "/agents/a1%2Fruns",
        "/agents%2fa1%2fruns",
        "/agents%5Ca1%5cruns",
        "/agents/../runs",
        "/agents/%2e%2E/runs",
        "/agents/./runs",
        "/agents/;v=1/runs",
        "/x;a=1/..;b=2/agents/a1/runs",
        "/x/%2e%2e/agents/a1/runs",
        "/x%2f..%2fagents%2fa1%2fruns",
        "/../../agents/a1/runs",
        "/agents/a1/runs/.",
        "/agents/a1/runs/x/..",
        "//agents/a1/runs",
        "//elsewhere/agents/a1/runs",
        "///agents/a1/runs",
        "http://h//agents/a1/runs",
        "/agents/%00/runs",
        "/agents/\u0000/runs",
        "/agents/a%5Cb%2Fruns",
        "/agents/a\\b%2Fruns",
        "/agents\\a1\\runs",
        "/agents%2f..%2fruns",
        "/agents%5c..%5cruns",
        "/agents\\..\\runs",
        "/agents/.%2e/runs",
        "/agents/x/..;v=1/a1/runs",
        "/agents/x\\../a1/runs",
        "/agents/a1/runs//..",
        "/agents/a1//..;/runs",
        "/agents/a1/%2f../runs",
        "//////////////////////////////////////////////////////////////////agents/a1/runs//..",
        "/agents/a1%u002fruns",
        "/agents%U002Fa1/%u0072uns",
        "/agents/x/%u002e%u002E/a1/runs",
        "/agents/%u20AC/runs",
        "/a%2Fb/../agents%2fa1/runs",
        "/a%5Cb/../agents%5ca1/runs",
        "/do%2Fcs/../agents%u002fa1/runs",
        "%2fagents/a1/runs",
        "%2Fagents/a1/runs%2f",
        "%2fagents%2fa1%2fruns",
        "%2fx/../agents/a1/runs",
        "%2f%2fagents/a1/runs",
        "%5cagents/a1/runs",
        "agents/a1/runs",
        "http:%2fagents/a1/runs",
        "http:agents/a1/runs",
        "%2fagents/a:b/runs",
      })
  void matches_oddTargetThatAServerReadsAsARun_isLimited(String target) {
    assertThat(matches(RUNS, "POST", target)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/agents/a1%252Fruns",
        "/agents/a1/runs/r1",
        "/agents/a1/runs/..",
        "/agents/a1/Runs",
        "/agents/runs",
        "/agents//runs",
        "/xagents/a1/runs",
        "/agents/a1/runs%20",
      })
  void matches_targetThatNoServerReadsAsARun_isNotLimited(String target) {
    assertThat(matches(RUNS, "POST", target)).isFalse();
  }

  /** The longest way to write a path that is read alike everywhere, and what is near it. */
  @ParameterizedTest
  @CsvSource({
    "/, true",
    "/health, true",
    "/health/, true",
    "/health?x=/../%2f;//, true",
    "/.well-known/a..b/...;, false",
    "/.well-known/a..b/..., true",
    "/a%20b/%E2%82%AC, true",
    "/.well-known/a%20b/..., true",
    "//health, false",
    "/x//health, false",
    "/health//, false",
    "/health#x, false",
    "/health#x?y, false",
    "/./health, false",
    "/x/../health, false",
    "/health/.., false",
    "/health/., false",
    "/health;v=1, false",
    "/health%3Bv=1, false",
    "/a%2Fb, false",
    "/a%5cb, false",
    "/a\\b, false",
    "/a%2eb, false",
    "/a%252Fb, false",
    "/a%, false",
    "/a%00, false",
    "/a%0A, false",
    "/a%u0061, false",
    "/a%C0%AFb, false",
    "/a%3Fb, false",
    "/a%23b, false",
    "/a\u0001b, false",
    "http://host/health, false",
    "http:/health, false",
    "*, false",
  })
  void of_saysWhetherEveryServerReadsItAlike(String target, boolean plain) {
    assertThat(RequestPath.of(target).plain()).isEqualTo(plain);
  }

  @Test
  void of_plainTargetLongerThanAnyPattern_keepsFewSegments() {
    assertThat(segments(RequestPath.of("/a".repeat(100_000)).readings().get(0)))
        .hasSize(RequestPath.MAX_SEGMENTS + 1)
        .containsOnly("a");
  }

  @Test
  void of_everyOddityAtOnce_hasBoundedReadings() {
    String target = "//x/%2f%5c/;a/./..//%u0061" + "a/".repeat(4000);
    assertThat(RequestPath.of(target).readings()).hasSize(88);
  }

  /** As long as the JDK's server takes: 64 of them at once must fit into any memory. */
  @ParameterizedTest
  @ValueSource(strings = {"a/", "a%2f", "../a/", "a/./", ";/a/", "a//../", "%u002fa"})
  void of_hugeTarget_keepsFewSegments(String unit) {
    String target = "//x/%2f%5c/;a/./../" + unit.repeat(380_000 / unit.length());
    assertThat(RequestPath.of(target).readings())
        .allMatch(reading -> reading.size() <= RequestPath.MAX_SEGMENTS + 1);
  }

  @Test
  void matches_longWayAndBack_isLimited() {
    for (int way : new int[] {1, 62, 63, 64, 65, 66, 1000}) {
      String there = "/agents" + "/x".repeat(way);
      assertThat(matches(RUNS, "POST", there + "/..".repeat(way) + "/a1/runs")).isTrue();
      assertThat(matches(RUNS, "POST", there + "/..".repeat(way + 1) + "/a1/runs")).isFalse();
    }
  }

  @Test
  void parse_patternLongerThanAnyReading_isRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> RequestPattern.parse("/a".repeat(RequestPath.MAX_SEGMENTS + 1)))
        .withMessageStartingWith("pattern must have at most 64 segments: \"/a/a");
  }

  @Test
  void matches_longestPattern_isExact() {
    String path = "/a".repeat(RequestPath.MAX_SEGMENTS);
    RequestPattern longest = RequestPattern.parse(path);
    assertThat(matches(longest, "GET", path)).isTrue();
    assertThat(matches(longest, "GET", path + "/a")).isFalse();
    assertThat(matches(longest, "GET", path + "/a/a/..")).isFalse();
    assertThat(matches(longest, "GET", path + "/a/a/../..")).isTrue();
  }

  private static List<String> segments(PathReading reading) {
    return IntStream.range(0, reading.size()).mapToObj(reading::segment).toList();
  }

  private static boolean matches(RequestPattern pattern, String method, String target) {
    return RequestPath.of(target).readings().stream()
        .anyMatch(reading -> pattern.matches(method, reading));
  }
}
