package dev.penstock.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RequestPatternTest {

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

  @ParameterizedTest
  @ValueSource(strings = {"/agents/a\u0000b", "/agents/\u007f", "/agents/\t"})
  void parse_controlCharacter_isRefused(String pattern) {
    assertThatThrownBy(() -> RequestPattern.parse(pattern))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("pattern must have no control characters: \"" + pattern + "\"");
  }

  @ParameterizedTest
  @CsvSource({
    "/agents/*/runs, agents runs",
    "/agents/{agent_id}/runs/**, agents runs",
    "/*/**, ''",
    "/, ''",
    "/gr\u00f6\u00dfe/caf\u00e9, gr e caf",
    "/\u65e5\u672c, ''",
  })
  void words_areTheFixedSegmentsAsFarAsTheyAreAscii(String pattern, String words) {
    assertThat(String.join(" ", RequestPattern.parse(pattern).words())).isEqualTo(words);
  }

  @Test
  void parse_patternLongerThanAnyPathThatIsKept_isRefused() {
    assertThatThrownBy(() -> RequestPattern.parse("/a".repeat(PlainPath.MAX_SEGMENTS + 1)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "pattern must have at most 64 segments: \""
                + "/a".repeat(PlainPath.MAX_SEGMENTS + 1)
                + "\"");
  }
}
