package dev.penstock.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class UnreadContentTest {

  @ParameterizedTest
  @CsvSource({
    "0, NONE",
    "00, NONE",
    "1, SMALL",
    "65536, SMALL",
    "65537, LARGE",
    "999999999999999999, LARGE",
    "9999999999999999999, LARGE",
    "-1, LARGE",
    "+1, LARGE",
    "'1, 1', LARGE",
    "x, LARGE",
    "'', LARGE"
  })
  void point11_contentLength_tellsSmallFromLarge(String length, UnreadContent expected) {
    assertThat(of(Map.of("Content-Length", List.of(length)))).isEqualTo(expected);
  }

  @Test
  void point11_noField_isNoContent() {
    assertThat(of(Map.of())).isEqualTo(UnreadContent.NONE);
    assertThat(of(Map.of("Expect", List.of("100-continue")))).isEqualTo(UnreadContent.NONE);
    assertThat(of(Map.of("Content-Length", List.of("0"), "Expect", List.of("100-continue"))))
        .isEqualTo(UnreadContent.NONE);
  }

  @Test
  void point11_unknownOrContradicting_isLarge() {
    assertThat(of(Map.of("Transfer-Encoding", List.of("chunked")))).isEqualTo(UnreadContent.LARGE);
    assertThat(of(Map.of("Transfer-Encoding", List.of("x"), "Content-Length", List.of("0"))))
        .isEqualTo(UnreadContent.LARGE);
    assertThat(of(Map.of("Content-Length", List.of("1", "1")))).isEqualTo(UnreadContent.LARGE);
  }

  @Test
  void point11_expectContinue_isHeldBackHoweverLarge() {
    for (String length : List.of("1", "65537", "x")) {
      assertThat(of(Map.of("Content-Length", List.of(length), "Expect", List.of("100-Continue"))))
          .isEqualTo(UnreadContent.HELD_BACK);
    }
    assertThat(
            of(Map.of("Transfer-Encoding", List.of("chunked"), "Expect", List.of("100-continue"))))
        .isEqualTo(UnreadContent.HELD_BACK);
    assertThat(of(Map.of("Content-Length", List.of("1"), "Expect", List.of("x"))))
        .isEqualTo(UnreadContent.SMALL);
  }

  @Test
  void point11_deadline_isWithinASecond() {
    assertThat(UnreadContent.DEADLINE).isBetween(Duration.ofMillis(1), Duration.ofSeconds(1));
  }

  private static UnreadContent of(Map<String, List<String>> lines) {
    return UnreadContent.of(new FakeRequest("POST", "/", lines, "192.0.2.1"));
  }
}
