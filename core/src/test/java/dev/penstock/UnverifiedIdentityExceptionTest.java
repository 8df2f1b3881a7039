package dev.penstock;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class UnverifiedIdentityExceptionTest {

  @Test
  void reason_isToldAndThereIsNoStackTrace() {
    UnverifiedIdentityException exception = new UnverifiedIdentityException("The token is old.");
    assertThat(exception.reason()).isEqualTo("The token is old.");
    assertThat(exception).hasMessage("The token is old.");
    assertThat(exception.getStackTrace()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a\"b", "a\\b", "a\r\nb", "\u00e4", "a\u007f"})
  void reason_thatNoFieldMayBear_isRefused(String reason) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new UnverifiedIdentityException(reason))
        .withMessage(
            "reason must be 1 to 200 characters of printable ASCII without quotes and backslashes: "
                + reason.length());
  }

  @Test
  void reason_length_isBounded() {
    assertThat(new UnverifiedIdentityException("x".repeat(200)).reason()).hasSize(200);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new UnverifiedIdentityException("x".repeat(201)))
        .withMessageEndingWith(": 201");
  }

  @Test
  @SuppressWarnings("NullAway") // null is what is tested
  void reason_null_namesTheParameter() {
    assertThatNullPointerException()
        .isThrownBy(() -> new UnverifiedIdentityException(null))
        .withMessage("reason");
  }
}
