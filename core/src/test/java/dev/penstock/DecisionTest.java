package dev.penstock;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class DecisionTest {

  private static final Limit TEN = Limit.perMinute(10);
  private static final BucketState YES = new BucketState("yes", TEN, true, 9, 0, 6);
  private static final BucketState SOON = new BucketState("soon", TEN, false, 0, 5, 60);
  private static final BucketState LATER = new BucketState("later", TEN, false, 0, 7, 60);
  private static final BucketState NEVER =
      new BucketState("never", TEN, false, 10, BucketState.NEVER, 0);

  @Test
  void of_detailsWorkedOutLater_asksForThemOnlyWhenTheyAreRead() {
    AtomicInteger asked = new AtomicInteger();
    Decision decision =
        Decision.of(
            Decision.Source.MEMORY,
            false,
            () -> {
              asked.incrementAndGet();
              return List.of(SOON, YES);
            });
    assertThat(decision.permitted()).isFalse();
    assertThat(decision.source()).isEqualTo(Decision.Source.MEMORY);
    assertThat(asked).hasValue(0);
    assertThat(decision.buckets()).containsExactly(SOON, YES);
    assertThat(decision.deniedBy()).containsExactly(SOON);
    assertThat(decision.retryAfterNanos()).isEqualTo(5);
  }

  @Test
  void of_allSayYes_isPermitted() {
    Decision decision = Decision.of(Decision.Source.MEMORY, List.of(YES, YES));
    assertThat(decision.permitted()).isTrue();
    assertThat(decision.never()).isFalse();
    assertThat(decision.deniedBy()).isEmpty();
    assertThat(decision.retryAfter()).contains(Duration.ZERO);
    assertThat(decision.retryAfterNanos()).isZero();
  }

  @Test
  void of_someSayNo_isDeniedByThemUntilTheLast() {
    Decision decision = Decision.of(Decision.Source.MEMORY, List.of(SOON, YES, LATER));
    assertThat(decision.permitted()).isFalse();
    assertThat(decision.never()).isFalse();
    assertThat(decision.deniedBy()).containsExactly(SOON, LATER);
    assertThat(decision.buckets()).containsExactly(SOON, YES, LATER);
    assertThat(decision.retryAfter()).contains(Duration.ofNanos(7));
  }

  @Test
  void of_oneSaysNever_isNever() {
    Decision decision = Decision.of(Decision.Source.MEMORY, List.of(LATER, NEVER));
    assertThat(decision.permitted()).isFalse();
    assertThat(decision.never()).isTrue();
    assertThat(decision.retryAfter()).isEmpty();
    assertThat(decision.retryAfterNanos()).isEqualTo(Long.MAX_VALUE);
  }

  @Test
  void of_noAnswer_isRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Decision.of(Decision.Source.MEMORY, List.of()))
        .withMessage("buckets must not be empty");
  }

  @Test
  @SuppressWarnings("NullAway") // null is what is tested
  void of_answerThatIsNull_isRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Decision.of(Decision.Source.MEMORY, Arrays.asList(YES, null)))
        .withMessageStartingWith("buckets must hold no null: [BucketState[")
        .withMessageEndingWith(", null]");
  }

  @ParameterizedTest
  @EnumSource(names = {"OPEN", "CLOSED"})
  void of_nobodyDecided_isRefused(Decision.Source source) {
    String message = "source must be one that has buckets: " + source;
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Decision.of(source, List.of(YES)))
        .withMessage(message);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Decision.of(source, true, List::of))
        .withMessage(message);
  }

  @Test
  void buckets_listChangedAfterwards_stays() {
    List<BucketState> buckets = new ArrayList<>(List.of(YES));
    Decision decision = Decision.of(Decision.Source.MEMORY, buckets);
    buckets.add(SOON);
    assertThat(decision.buckets()).containsExactly(YES);
    assertThatExceptionOfType(UnsupportedOperationException.class)
        .isThrownBy(() -> decision.buckets().clear());
  }

  @Test
  void open_isPermittedOfNoBucket() {
    Decision decision = Decision.open();
    assertThat(decision.permitted()).isTrue();
    assertThat(decision.source()).isEqualTo(Decision.Source.OPEN);
    assertThat(decision.buckets()).isEmpty();
    assertThat(decision.deniedBy()).isEmpty();
    assertThat(decision.retryAfter()).contains(Duration.ZERO);
  }

  @Test
  void closed_isDeniedOfNoBucket() {
    Decision decision = Decision.closed(Duration.ofSeconds(2));
    assertThat(decision.permitted()).isFalse();
    assertThat(decision.source()).isEqualTo(Decision.Source.CLOSED);
    assertThat(decision.buckets()).isEmpty();
    assertThat(decision.deniedBy()).isEmpty();
    assertThat(decision.never()).isFalse();
    assertThat(decision.retryAfter()).contains(Duration.ofSeconds(2));
  }

  @Test
  void closed_retryAfterNotAboveZero_isRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Decision.closed(Duration.ZERO))
        .withMessage("retryAfter must be above zero: PT0S");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Decision.closed(Duration.ofNanos(-1)))
        .withMessage("retryAfter must be above zero: PT-0.000000001S");
  }

  @Test
  void withShadow_permitted_keepsEverythingElse() {
    Decision permitted = Decision.ofNoBucket(Decision.Source.LOCAL);
    Decision denied = Decision.of(Decision.Source.MEMORY, List.of(SOON));
    Decision both = permitted.withShadow(denied);
    assertThat(permitted.shadow()).isEmpty();
    assertThat(both.shadow()).containsSame(denied);
    assertThat(both.permitted()).isTrue();
    assertThat(both.source()).isEqualTo(Decision.Source.LOCAL);
    assertThat(both.buckets()).isEmpty();
    assertThat(both.deniedBy()).isEmpty();
    assertThat(both.retryAfter()).contains(Duration.ZERO);
    assertThat(both)
        .hasToString("Decision[permitted=true, source=LOCAL, buckets=[], shadow=" + denied + "]");
    assertThat(both.withShadow(permitted).shadow()).containsSame(permitted);
  }

  @Test
  void withShadow_denied_isRefused() {
    Decision denied = Decision.closed(Duration.ofSeconds(1));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> denied.withShadow(Decision.open()))
        .withMessage("shadow must be of a permitted request: " + denied);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Decision.ofNoBucket(Decision.Source.OPEN))
        .withMessage("source must be one that has buckets: OPEN");
  }

  @Test
  void toString_showsEveryBucket() {
    assertThat(Decision.of(Decision.Source.MEMORY, List.of(SOON)))
        .hasToString(
            "Decision[permitted=false, source=MEMORY, buckets=[BucketState[name=soon, limit=Limit[capacity=10,"
                + " refill=10 per PT1M], permitted=false, remaining=0, retryAfterNanos=5,"
                + " resetAfterNanos=60]]]");
  }

  @Test
  @SuppressWarnings("NullAway") // null is what is tested
  void of_null_namesTheParameter() {
    assertThatNullPointerException()
        .isThrownBy(() -> Decision.of(Decision.Source.MEMORY, null))
        .withMessage("buckets");
  }
}
