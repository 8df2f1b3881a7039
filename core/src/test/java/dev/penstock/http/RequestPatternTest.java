package dev.penstock.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RequestPatternTest {

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
  void matches_methodAndSegments(String pattern, String method, String target, boolean expected) {
    PathReading reading = RequestPath.of(target).readings().get(0);
    assertThat(RequestPattern.parse(pattern).matches(method, reading)).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          ``                  | have a path that begins with /
          `agents`            | have a path that begins with /
          `POST agents`       | have a path that begins with /
          `POST`              | have a path that begins with /
          `POST  /agents`     | have a path that begins with /
          `post /agents`      | begin with an upper-case method and one space, or with /
          ` /agents`          | begin with an upper-case method and one space, or with /
          `POST /agents/`     | have no empty segment and no trailing slash
          `POST //agents`     | have no empty segment and no trailing slash
          `POST /agents/a*`   | have * only as a whole segment
          `/agents/**/runs`   | have ** only at its end
          `/agents/**/**`     | have ** only at its end
          `/agents/a**`       | have * only as a whole segment
          `//**`              | have no empty segment and no trailing slash
          `/agents//**`       | have no empty segment and no trailing slash
          `/{a}/{b}/{a}`      | have each variable once
          `/agents/{}`        | have { and } only around a whole segment, a name such as agent_id
          `/agents/{a-b}`     | have { and } only around a whole segment, a name such as agent_id
          `/agents/x{a}`      | have { and } only around a whole segment, a name such as agent_id
          `/agents/{a}x`      | have { and } only around a whole segment, a name such as agent_id
          `/agents/a}`        | have { and } only around a whole segment, a name such as agent_id
          `POST /agents/../x` | have no dot segments
          `POST /agents?x=1`  | have a decoded path without spaces, ?, #, ;, % or \\
          `POST /agents/a b`  | have a decoded path without spaces, ?, #, ;, % or \\
          `POST /a%20b`       | have a decoded path without spaces, ?, #, ;, % or \\
          """)
  void parse_badPattern_saysWhatIsWrong(String pattern, String constraint) {
    assertThatThrownBy(() -> RequestPattern.parse(pattern))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("pattern must " + constraint + ": \"" + pattern + "\"");
  }

  @Test
  void matches_openPatternAsLongAsAnyReading_isExact() {
    RequestPattern open = RequestPattern.parse("/a".repeat(RequestPath.MAX_SEGMENTS) + "/**");
    for (int longer : new int[] {0, 1, 2, 1000}) {
      String target = "/a".repeat(RequestPath.MAX_SEGMENTS + longer);
      assertThat(open.matches("GET", RequestPath.of(target).readings().get(0))).isTrue();
    }
    String shorter = "/a".repeat(RequestPath.MAX_SEGMENTS - 1);
    assertThat(open.matches("GET", RequestPath.of(shorter).readings().get(0))).isFalse();
  }
}
