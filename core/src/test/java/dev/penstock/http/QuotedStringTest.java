package dev.penstock.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class QuotedStringTest {

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '\'',
      delimiter = '|',
      value = {
        "\"\" | ''",
        "\"a,b;c\" | a,b;c",
        "\"a\\\"b\" | a\"b",
        "\"a\\\\\" | a\\",
        "\"\\a\" | a",
        "\"\t \u0080\u00ff~\" | '\t \u0080\u00ff~'",
      })
  void content_wellFormed_isUnescaped(String text, String content) {
    assertThat(QuotedString.content(text)).contains(content);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "a",
        "\"",
        "\"a",
        "a\"",
        "\"a\\\"",
        "\"a\"b",
        "\"a\"b\"",
        "\"a\" ",
        "\"\u0000\"",
        "\"\r\"",
        "\"\u001f\"",
        "\"\u007f\"",
        "\"\\\u007f\"",
        "\"\u0100\""
      })
  void content_malformed_isEmpty(String text) {
    assertThat(QuotedString.content(text)).isEmpty();
  }

  @Test
  void start_wellFormedString_isTheReverseOfEnd() {
    Random random = new Random(9110);
    for (int i = 0; i < 10_000; i++) {
      StringBuilder text = new StringBuilder("a=\"");
      for (int piece = random.nextInt(8); piece > 0; piece--) {
        text.append(random.nextBoolean() ? "," : random.nextBoolean() ? "\\\\" : "\\\"");
      }
      String quoted = text.append('"').toString();

      assertThat(QuotedString.end(quoted, 2)).isEqualTo(quoted.length());
      assertThat(QuotedString.start(quoted, quoted.length() - 1, 0)).isEqualTo(2);
    }
  }

  @Test
  void start_quoteBeforeTheFloor_isNotFound() {
    assertThat(QuotedString.start("\"a\"", 2, 0)).isZero();
    assertThat(QuotedString.start("\"a\"", 2, 1)).isEqualTo(-1);
  }
}
