package dev.penstock;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RateLimitEventTest {

  private static final Limit RUNS = Limit.perMinute(10);
  private static final Limit TOKENS = Limit.perMinute(1000).withUnit("model-tokens");
  private static final Limit SLOTS = Limit.inFlight(3);
  private static final Decision PERMITTED = decision(true);

  @Test
  void toString_anyIdentity_namesNobody() {
    RateLimitEvent event =
        TestEvents.decided(Identity.user("acme-inc", "jane"), Cost.of(2), PERMITTED);
    assertThat(event.toString())
        .contains("USER", "policy=runs", "Cost[requests=2]")
        .doesNotContain("acme-inc")
        .doesNotContain("jane");
    assertThat(event.kind()).isEqualTo(Identity.Kind.USER);
  }

  @Test
  void change_decided_isTheCostWherePermitted() {
    Cost cost = Cost.of(2).and("model-tokens", 300);
    Identity user = Identity.user("u1");
    assertThat(TestEvents.decided(user, cost, PERMITTED).change(RUNS)).isEqualTo(2);
    assertThat(TestEvents.decided(user, cost, PERMITTED).change(TOKENS)).isEqualTo(300);
    assertThat(TestEvents.decided(user, cost, PERMITTED).change(SLOTS)).isEqualTo(1);
    assertThat(TestEvents.decided(user, cost, decision(false)).change(RUNS)).isZero();
  }

  @Test
  void change_settled_isTheDifferenceInTheUnitsThatAreNamed() {
    Cost before = Cost.of(2).and("model-tokens", 300);
    RateLimitEvent more = TestEvents.settled(before, Cost.units("model-tokens", 1_000), PERMITTED);
    assertThat(more.change(TOKENS)).isEqualTo(700);
    assertThat(more.change(RUNS)).isZero();
    RateLimitEvent less = TestEvents.settled(before, Cost.of(0).and("model-tokens", 0), PERMITTED);
    assertThat(less.change(TOKENS)).isEqualTo(-300);
    assertThat(less.change(RUNS)).isEqualTo(-2);
    RateLimitEvent slots =
        TestEvents.settled(before, Cost.units(Cost.CONCURRENT_REQUESTS, 0), PERMITTED);
    assertThat(slots.change(SLOTS)).as("held until the end").isZero();
  }

  @Test
  void change_cancelled_isWhatIsPutBack() {
    Cost said = Cost.of(2).and("model-tokens", 300);
    RateLimitEvent event = TestEvents.cancelled(said, PERMITTED);
    assertThat(event.change(RUNS)).isEqualTo(-2);
    assertThat(event.change(TOKENS)).isEqualTo(-300);
  }

  @Test
  @SuppressWarnings("NullAway") // null is what is tested
  void nulls_nameTheParameter() {
    assertThatNullPointerException()
        .isThrownBy(
            () ->
                new RateLimitEvent(
                    RateLimitEvent.Type.DECIDED,
                    null,
                    "runs",
                    Cost.of(1),
                    Optional.empty(),
                    PERMITTED,
                    Optional.of(Duration.ZERO)))
        .withMessage("identity");
    assertThatNullPointerException()
        .isThrownBy(() -> TestEvents.decided(Identity.Kind.USER, null))
        .withMessage("decision");
    assertThatNullPointerException()
        .isThrownBy(() -> TestEvents.cancelled(Cost.of(1), PERMITTED).change(null))
        .withMessage("limit");
  }

  private static Decision decision(boolean permitted) {
    return Decision.of(
        Decision.Source.MEMORY,
        List.of(new BucketState("runs", RUNS, permitted, 0, permitted ? 0 : 1, 1)));
  }
}
