package dev.penstock.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AdminTokenTest {

  private static final String TOKEN = "0123456789abcdef0123456789abcdef";

  @TempDir private Path directory;

  @ParameterizedTest
  @ValueSource(strings = {"Bearer ", "bearer ", "BEARER   "})
  void isIn_asBearer_whateverTheCaseOfThat(String scheme) {
    assertThat(AdminToken.of(TOKEN).isIn(List.of(scheme + TOKEN))).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Bearer 0123456789abcdef0123456789abcdeF",
        "Bearer 0123456789abcdef0123456789abcde",
        "Bearer 0123456789abcdef0123456789abcdef0",
        "Basic 0123456789abcdef0123456789abcdef",
        "0123456789abcdef0123456789abcdef",
        "Bearer",
        "Bearer ",
        ""
      })
  void isIn_anythingElse_isNot(String line) {
    assertThat(AdminToken.of(TOKEN).isIn(List.of(line))).isFalse();
  }

  @Test
  void isIn_twoLines_isNot() {
    String line = "Bearer " + TOKEN;
    assertThat(AdminToken.of(TOKEN).isIn(List.of(line, line))).isFalse();
    assertThat(AdminToken.of(TOKEN).isIn(List.of())).isFalse();
  }

  @Test
  void of_badTexts_areRefusedAndNotShown() {
    assertThatThrownBy(() -> AdminToken.of("0123456789abcdef0123456789abcde"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("token must be 32 to 4096 characters: it has 31");
    assertThatThrownBy(() -> AdminToken.of("a".repeat(4097)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("token must be 32 to 4096 characters: it has 4097");
    assertThatThrownBy(() -> AdminToken.of("0123456789abcdef 0123456789abcdef"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "token must be letters, digits and ._~+/- with = at its end, as clients can send it; it"
                + " is not shown");
  }

  @Test
  void from_environment_findsIt() {
    AdminToken token = AdminToken.from("env:ADMIN_TOKEN", Map.of("ADMIN_TOKEN", TOKEN));
    assertThat(token.isIn(List.of("Bearer " + TOKEN))).isTrue();
  }

  @Test
  void from_file_findsItWithoutTheEndOfItsLine() throws IOException {
    Path file = Files.writeString(directory.resolve("token"), TOKEN + "\n");
    assertThat(AdminToken.from("file:" + file).isIn(List.of("Bearer " + TOKEN))).isTrue();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          env:NO_SUCH        | reference must name a variable of the environment that is set: NO_SUCH
          file:no-such-file  | reference must name a file to be read: no-such-file
          a-secret           | reference must be env:NAME or file:PATH: a token itself has no place here, and is not shown
          """)
  void from_badReferences_areRefused(String reference, String message) {
    assertThatThrownBy(() -> AdminToken.from(reference, Map.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(message);
  }

  @Test
  void toString_anyToken_tellsNothing() {
    assertThat(AdminToken.of(TOKEN)).hasToString("AdminToken");
  }
}
