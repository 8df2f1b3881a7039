package dev.penstock.base;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import org.junit.jupiter.api.Test;

class OptionalLibraryTest {

  private static OptionalLibrary jedis(String oldest) {
    return new OptionalLibrary(
        "redis.clients:jedis", "redis.clients.jedis", "redis.clients.jedis.Jedis", true, oldest);
  }

  @Test
  void require_libraryOfThatAge_isTaken() {
    assertThatCode(() -> jedis("8.0.0").require("X")).doesNotThrowAnyException();
  }

  @Test
  void require_olderLibrary_namesBothVersions() {
    assertThatIllegalStateException()
        .isThrownBy(() -> jedis("999.1").require("X"))
        .withMessageMatching(
            "X needs redis\\.clients:jedis 999\\.1 or later: 8\\.[0-9.]+ is there");
  }

  @Test
  void require_missingLibrary_isNamed() {
    assertThatIllegalStateException()
        .isThrownBy(
            () -> new OptionalLibrary("a:b", "a.b", "no.such.Library", true, "1").require("X"))
        .withMessage("X needs a:b on the class path");
  }
}
