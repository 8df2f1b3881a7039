package dev.penstock;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BucketStateTest {

  private static final Limit TEN = Limit.perMinute(10);

  @Test
  void permitted_hasNoRetryAfter() {
    BucketState state = new BucketState("n", TEN, true, 10, 0, 0);
    assertThat(state.never()).isFalse();
    assertThat(state.retryAfter()).contains(Duration.ZERO);
    assertThat(state.resetAfter()).contains(Duration.ZERO);
  }

  @Test
  void denied_hasARetryAfter() {
    BucketState state = new BucketState("n", TEN, false, 0, 5, 60);
    assertThat(state.never()).isFalse();
    assertThat(state.retryAfter()).contains(Duration.ofNanos(5));
    assertThat(state.resetAfter()).contains(Duration.ofNanos(60));
  }

  @Test
  void never_hasNone() {
    BucketState state = new BucketState("n", TEN, false, 0, BucketState.NEVER, 60);
    assertThat(state.never()).isTrue();
    assertThat(state.retryAfter()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(longs = {-1, 11})
  void remaining_outOfRange_namesTheValue(long remaining) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new BucketState("n", TEN, true, remaining, 0, 0))
        .withMessage("remaining must be from 0 to 10: " + remaining);
  }

  @Test
  void retryAfter_timeNotKnown_isEmptyAndNotNever() {
    BucketState state = new BucketState("p", TEN, false, 3, BucketState.UNKNOWN, 0);
    assertThat(state.never()).isFalse();
    assertThat(state.retryAfter()).isEmpty();
  }

  @Test
  void retryAfterNanos_contradictsTheAnswer_namesTheValue() {
    String message = "retryAfterNanos must be 0 if permitted and above 0 if denied: ";
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new BucketState("n", TEN, true, 0, 5, 0))
        .withMessage(message + 5);
    for (long nanos : new long[] {0, -1}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> new BucketState("n", TEN, false, 0, nanos, 0))
          .withMessage(message + nanos);
    }
  }

  @Test
  void resetAfterNanos_negative_namesTheValue() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new BucketState("n", TEN, true, 0, 0, -1))
        .withMessage("resetAfterNanos must not be negative: -1");
  }

  @Test
  @SuppressWarnings("NullAway") // null is what is tested
  void nulls_nameTheParameter() {
    assertThatNullPointerException()
        .isThrownBy(() -> new BucketState(null, TEN, true, 0, 0, 0))
        .withMessage("name");
    assertThatNullPointerException()
        .isThrownBy(() -> new BucketState("n", null, true, 0, 0, 0))
        .withMessage("limit");
  }
}
