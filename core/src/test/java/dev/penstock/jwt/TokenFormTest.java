package dev.penstock.jwt;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Base64;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TokenFormTest {

  @ParameterizedTest
  @ValueSource(strings = {"AA.AA.AA", "AAA.AAA.AAA", "AAAA.____.----", "Ag.AAE.AAAB"})
  void isCompactJws_threeCanonicalSegments(String token) {
    assertThat(TokenForm.isCompactJws(token)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        ".",
        "..",
        "...",
        "AA",
        "AA.AA",
        "AA.AA.",
        ".AA.AA",
        "AA..AA",
        "AA.AA.AA.",
        "AA.AA.AA.AA",
        "A.AA.AA",
        "AAAAA.AA.AA",
        "AB.AA.AA",
        "AAB.AA.AA",
        "AA.AA.AB",
        "AA.AA.AAB",
        "AA==.AA.AA",
        "A+.AA.AA",
        "A/.AA.AA",
        "AA.AA.AA\n",
        " AA.AA.AA",
        "AA.A\u0100.AA",
        "\uff21\uff21.AA.AA"
      })
  void isCompactJws_anythingElse_isFalse(String token) {
    assertThat(TokenForm.isCompactJws(token)).isFalse();
  }

  @Test
  void isCompactJws_length_isBounded() {
    assertThat(TokenForm.isCompactJws("AA.AA." + "A".repeat(8186))).isTrue();
    assertThat(TokenForm.isCompactJws("AA.AA." + "A".repeat(8188))).isFalse();
  }

  @Test
  void isBase64Url_isWhatAnEncoderWrites() {
    Random random = new Random(1);
    Base64.Encoder encoder = Base64.getUrlEncoder().withoutPadding();
    for (int i = 0; i < 1000; i++) {
      byte[] bytes = new byte[1 + random.nextInt(8)];
      random.nextBytes(bytes);
      String text = encoder.encodeToString(bytes);
      assertThat(TokenForm.isBase64Url(text)).isTrue();

      char last = (char) (text.charAt(text.length() - 1) + 1);
      String next = text.substring(0, text.length() - 1) + last;
      if (TokenForm.isBase64Url(next)) {
        assertThat(encoder.encodeToString(Base64.getUrlDecoder().decode(next))).isEqualTo(next);
      }
    }
  }
}
