package dev.penstock.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

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
  })
  void matches_methodAndSegments(String pattern, String method, String target, boolean expected) {
    assertThat(RequestPattern.parse(pattern).matches(method, RequestPath.of(target)))
        .isEqualTo(expected);
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
          `POST /agents/**`   | have * only as a whole segment
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
}
