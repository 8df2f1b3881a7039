package dev.penstock.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HiddenRulesTest {

  private static final long SEED = Long.getLong("penstock.fuzz.seed", 20260101);

  @ParameterizedTest
  @CsvSource({
    "/**, GET /a, true",
    "GET /a, /a, false",
    "GET /a, HEAD /a, true",
    "HEAD /a, GET /a, false",
    "POST /a/*, POST /a/{x}, true",
    "POST /a/{x}/b, POST /a/*/*, false",
    "/a/*, /a/**, false",
    "/a/**, /a, true",
    "/a/*/**, /a, false",
    "/a/*/**, /a/b, true",
    "/a, /A, false",
    "/, /**, false",
    "/**, /, true",
  })
  void among_two_isExact(String earlier, String later, boolean isHidden) {
    assertThat(HiddenRules.among(List.of(earlier, later), false).containsKey(1))
        .isEqualTo(isHidden);
  }

  @Test
  void among_severalThatHideOneTogether_namesThemAll() {
    List<String> patterns = List.of("/x", "/a", "/a/*/**", "/a/b", "/a/**", "/a/**");
    assertThat(HiddenRules.among(patterns, false))
        .containsOnlyKeys(3, 4, 5)
        .containsEntry(3, List.of(2))
        .containsEntry(4, List.of(1, 2));
  }

  @Test
  void among_whereCaseIsIgnored_ignoresIt() {
    assertThat(HiddenRules.among(List.of("/Agents", "/agentS"), true)).containsEntry(1, List.of(0));
  }

  @Test
  void among_whatIsNoPattern_isRefused() {
    assertThatThrownBy(() -> HiddenRules.among(List.of("/a", "a"), false))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("pattern must have a path that begins with /: \"a\"");
  }

  /** All paths of up to five segments of which one, x, stands in no pattern. */
  @Test
  void among_randomPatterns_areThoseWhoseEveryRequestGoesByEarlierOnes() {
    List<FakeRequest> requests = new ArrayList<>();
    for (String method : List.of("GET", "HEAD", "POST", "PUT")) {
      paths(5).forEach(path -> requests.add(FakeRequest.of(method + " " + path)));
    }
    int hidden = 0;
    for (int i = 0; i < 300; i++) {
      Random random = new Random(SEED + i);
      List<String> patterns = Stream.generate(() -> pattern(random)).limit(12).toList();
      List<RequestPattern> parsed = patterns.stream().map(RequestPattern::parse).toList();
      for (int later = 0; later < patterns.size(); later++) {
        List<RequestPattern> earlier = parsed.subList(0, later);
        RequestPattern pattern = parsed.get(later);
        boolean isHidden =
            requests.stream()
                .filter(request -> isFor(pattern, request))
                .allMatch(request -> earlier.stream().anyMatch(each -> isFor(each, request)));
        assertThat(HiddenRules.among(patterns, false).containsKey(later))
            .as("seed %d, %s of %s", SEED + i, pattern, patterns)
            .isEqualTo(isHidden);
        hidden += isHidden ? 1 : 0;
      }
    }
    assertThat(hidden).isBetween(300, 3000);
  }

  private static boolean isFor(RequestPattern pattern, FakeRequest request) {
    return RulesByList.isFor(pattern, request.method())
        && new RulesByList(List.of(), false)
            .matches(pattern, (PlainPath) RequestPath.of(request.target(), false));
  }

  private static String pattern(Random random) {
    String method = List.of("", "", "GET ", "HEAD ", "POST ").get(random.nextInt(5));
    String path =
        Stream.generate(() -> List.of("/a", "/b", "/*").get(random.nextInt(3)))
            .limit(random.nextInt(4))
            .collect(Collectors.joining());
    return method + path + (random.nextBoolean() ? "/**" : path.isEmpty() ? "/" : "");
  }

  private static Stream<String> paths(int most) {
    return most == 0
        ? Stream.of("/")
        : Stream.concat(
                Stream.of("/"),
                paths(most - 1).flatMap(end -> Stream.of("/a" + end, "/b" + end, "/x" + end)))
            .distinct();
  }
}
