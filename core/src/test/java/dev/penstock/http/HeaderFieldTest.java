package dev.penstock.http;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HeaderFieldTest {

  @ParameterizedTest
  @CsvSource({
    "RateLimit-Policy, false",
    "RateLimit, false",
    "Vary, false",
    "Access-Control-Expose-Headers, false",
    "VARY, false",
    "ratelimit, false",
    "Retry-After, true",
    "X-RateLimit-Limit, true",
    "Access-Control-Allow-Origin, true"
  })
  void replaces_aListInAnyCase_isAddedAndAnythingElseReplaces(String name, boolean replaces) {
    assertThat(new HeaderField(name, "v").replaces()).isEqualTo(replaces);
  }
}
