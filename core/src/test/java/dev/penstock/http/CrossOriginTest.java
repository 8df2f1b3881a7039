package dev.penstock.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CrossOriginTest {

  private static final List<HeaderField> SENT =
      List.of(new HeaderField("Retry-After", "1"), new HeaderField("RateLimit", "\"p\";r=0"));
  private static final HeaderField EXPOSED =
      new HeaderField("Access-Control-Expose-Headers", "Retry-After, RateLimit");
  private static final HeaderField VARY = new HeaderField("Vary", "Origin");

  @Test
  void point09_unsaid_exposesWhatIsSentToOtherOriginsOnly() {
    assertThat(CrossOrigin.UNSAID.fields(from("https://a.example"), SENT)).containsExactly(EXPOSED);
    assertThat(CrossOrigin.UNSAID.fields(from("https://a.example"), List.of())).isEmpty();
    assertThat(CrossOrigin.UNSAID.fields(from(), SENT)).isEmpty();
  }

  @Test
  void point09_listed_isComparedExactly() {
    CrossOrigin two = CrossOrigin.of(List.of("https://a.example", "http://localhost:3000"));
    assertThat(two.fields(from("https://a.example"), SENT))
        .containsExactly(EXPOSED, allowed("https://a.example"), VARY);
    assertThat(two.fields(from("http://localhost:3000"), SENT))
        .containsExactly(EXPOSED, allowed("http://localhost:3000"), VARY);
    for (String other :
        List.of("http://a.example", "https://a.example:8443", "https://b.a.example", "null", "")) {
      assertThat(two.fields(from(other), SENT)).containsExactly(EXPOSED, VARY);
    }
    assertThat(two.fields(from("https://a.example", "https://a.example"), SENT))
        .containsExactly(EXPOSED, VARY);
    assertThat(two.fields(from(), SENT)).containsExactly(VARY);
  }

  @Test
  void point09_any_namesTheOriginAndNeverAStar() {
    for (String origin : List.of("https://a.example", "null")) {
      assertThat(CrossOrigin.ANY.fields(from(origin), SENT))
          .containsExactly(EXPOSED, allowed(origin), VARY);
    }
    assertThat(CrossOrigin.ANY.fields(from(), SENT)).containsExactly(VARY);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a b", "a,b", "a\u0000", "\u00e9", "a\r\nX: y"})
  void point09_any_sendsNothingOddBack(String origin) {
    assertThat(CrossOrigin.ANY.fields(from(origin), SENT)).containsExactly(EXPOSED, VARY);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "*",
        "",
        "app.example",
        "https://app.example/",
        "https://App.example",
        "https://u@app.example",
        "https://app.example?q",
        "https://app.example#f",
        "https://a b"
      })
  void of_noOrigin_isRefused(String origin) {
    assertThatThrownBy(() -> ResponseStyle.builder().allowOrigins("https://a.example", origin))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "origins must each be scheme://host or scheme://host:port in lower case: \""
                + origin
                + "\"");
  }

  @Test
  void of_none_isRefused() {
    assertThatThrownBy(() -> ResponseStyle.builder().allowOrigins())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("origins must not be empty");
  }

  private static HeaderField allowed(String origin) {
    return new HeaderField("Access-Control-Allow-Origin", origin);
  }

  private static RequestView from(String... origins) {
    return new FakeRequest("POST", "/", Map.of("Origin", List.of(origins)), "192.0.2.1");
  }
}
