package dev.penstock;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RequiredLibraryTest {

  private static final String JEDIS = "redis.clients:jedis";
  private static final String CLASS = "redis.clients.jedis.Jedis";

  @Test
  void requireFor_libraryOfThatAge_isTaken() {
    assertThatCode(() -> new RequiredLibrary(JEDIS, CLASS, "8.0.0").requireFor("X"))
        .doesNotThrowAnyException();
  }

  @Test
  void requireFor_olderLibrary_namesBothVersions() {
    assertThatIllegalStateException()
        .isThrownBy(() -> new RequiredLibrary(JEDIS, CLASS, "999.1").requireFor("X"))
        .withMessageMatching(
            "X needs redis\\.clients:jedis 999\\.1 or later: 8\\.[0-9.]+ is on the class path");
  }

  @Test
  void requireFor_missingLibrary_isNamed() {
    assertThatIllegalStateException()
        .isThrownBy(() -> new RequiredLibrary("a:b", "no.such.Library", "1").requireFor("X"))
        .withMessage("X needs a:b on the class path");
  }

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
    assertThat(RequiredLibrary.isOlder(version, oldest)).isEqualTo(older);
  }
}
