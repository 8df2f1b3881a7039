package dev.penstock.servlet;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ServletViewTest {

  @ParameterizedTest
  @CsvSource(
      nullValues = "null",
      value = {
        "null, ''",
        "'', ''",
        "[, [",
        "192.0.2.1, 192.0.2.1",
        "2001:db8::1, 2001:db8::1",
        "[2001:db8::1], 2001:db8::1",
        "[fe80::1%eth0], fe80::1%eth0"
      })
  void literal_ofWhatContainersSay_isTheAddressAlone(String said, String literal) {
    assertThat(ServletView.literal(said)).isEqualTo(literal);
  }
}
