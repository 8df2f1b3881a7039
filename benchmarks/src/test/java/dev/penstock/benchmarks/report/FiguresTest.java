package dev.penstock.benchmarks.report;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FiguresTest {

  @ParameterizedTest
  @CsvSource({
    "0, 0.00",
    "0.0123, 0.012",
    "1, 1.00",
    "25.44, 25.4",
    "999.4, 999",
    "12345.6, '12,346'"
  })
  void of_number_hasThreeDigitsAtLeast(double value, String text) {
    assertThat(Figures.of(value)).isEqualTo(text);
  }

  @Test
  void of_unknown_isAQuestionMark() {
    assertThat(Figures.of(Double.NaN)).isEqualTo("?");
  }

  @ParameterizedTest
  @CsvSource({"0, 0", "76, 76", "35600, '35,600'"})
  void whole_number_hasNoDecimals(double value, String text) {
    assertThat(Figures.whole(value)).isEqualTo(text);
  }

  @ParameterizedTest
  @CsvSource({"8, 8", "1000, 1k", "1500, 1.5k", "10000000, 10M"})
  void brief_number_isShort(double value, String text) {
    assertThat(Figures.brief(value)).isEqualTo(text);
  }
}
