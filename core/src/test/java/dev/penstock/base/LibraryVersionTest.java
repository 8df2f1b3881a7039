package dev.penstock.base;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LibraryVersionTest {

  @ParameterizedTest
  @CsvSource({
    "3.10.0, 4.0.0, true",
    "4.0.0, 4.0.0, false",
    "4.0.0-beta1, 4.0.0, false",
    "4, 4.0.0, true",
    "10.0.0, 4.0.0, false",
    "0.12.6, 0.13.0, true",
    "0.13, 0.13.0, true",
    "2.9.10.8, 2.10.0, true",
    "2.10.0.pr1, 2.10.0, false",
    "'', 4.0.0, false"
  })
  void isOlder_versions_areComparedNumberByNumber(String version, String oldest, boolean older) {
    assertThat(LibraryVersion.isOlder(version, oldest)).isEqualTo(older);
  }
}
