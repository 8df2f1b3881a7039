package dev.penstock.http;

import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class VerdictTest {

  @Test
  @SuppressWarnings("NullAway") // null is what is tested
  void nulls_nameTheParameter() {
    assertThatNullPointerException()
        .isThrownBy(() -> new HeaderField(null, "v"))
        .withMessage("name");
    assertThatNullPointerException()
        .isThrownBy(() -> new HeaderField("n", null))
        .withMessage("value");
    assertThatNullPointerException()
        .isThrownBy(() -> new Verdict.Proceed(null, Optional.empty()))
        .withMessage("fields");
    assertThatNullPointerException()
        .isThrownBy(() -> new Verdict.Proceed(List.of(), null))
        .withMessage("identity");
    assertThatNullPointerException()
        .isThrownBy(() -> new Verdict.Reject(429, null, "", Optional.empty()))
        .withMessage("fields");
    assertThatNullPointerException()
        .isThrownBy(() -> new Verdict.Reject(429, List.of(), null, Optional.empty()))
        .withMessage("body");
    assertThatNullPointerException()
        .isThrownBy(() -> new Verdict.Reject(429, List.of(), "", null))
        .withMessage("identity");
  }
}
