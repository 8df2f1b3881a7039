package dev.penstock;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import dev.penstock.memory.InMemoryRateLimiter;
import org.junit.jupiter.api.Test;

class CostTest {

  @Test
  void amount_unitThatIsNotNamed_isNothingButOneForRequests() {
    Cost cost = Cost.units("model-tokens", 4000);
    assertThat(cost.amount("model-tokens")).isEqualTo(4000);
    assertThat(cost.amount(Cost.REQUESTS)).isEqualTo(1);
    assertThat(cost.amount(Cost.CONCURRENT_REQUESTS)).isEqualTo(1);
    assertThat(cost.amount("images")).isZero();
    assertThat(cost.units()).containsExactly("model-tokens");
  }

  @Test
  void and_anyOrder_isTheSameCost() {
    Cost one = Cost.of(2).and("model-tokens", 4000).and(Cost.CONCURRENT_REQUESTS, 0);
    Cost other =
        Cost.units(Cost.CONCURRENT_REQUESTS, 0).and("model-tokens", 4000).and(Cost.REQUESTS, 2);
    assertThat(one).isEqualTo(other).hasSameHashCodeAs(other).isNotEqualTo(Cost.of(2));
    assertThat(one).hasToString("Cost[concurrent-requests=0, model-tokens=4000, requests=2]");
    assertThat(one.amount(Cost.CONCURRENT_REQUESTS)).isZero();
  }

  @Test
  void of_badNumberOrUnit_namesTheParameterAndTheValue() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Cost.of(-1))
        .withMessage("requests must be at least 0: -1");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Cost.units("a", -2))
        .withMessage("amount must be at least 0: -2");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Cost.of(1).and(Cost.REQUESTS, 2))
        .withMessage("unit must not be named twice: requests");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Cost.units("a", 1).and("a", 1))
        .withMessage("unit must not be named twice: a");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Cost.units("", 1))
        .withMessage("unit must be 1 to 128 characters: 0");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Cost.units("größe", 1))
        .withMessage("unit must be printable ASCII: character f6 (hex) at position 2");
  }

  @Test
  @SuppressWarnings("NullAway") // null is what is tested
  void units_null_namesTheParameter() {
    assertThatNullPointerException().isThrownBy(() -> Cost.units(null, 1)).withMessage("unit");
  }

  /** A misspelled unit must not mean unlimited. */
  @Test
  void check_unitThatNoLimitCounts_isRefused() {
    RateLimiter limiter = InMemoryRateLimiter.create();
    LimitPolicy policy =
        LimitPolicy.perIdentity("tokens", Limit.perMinute(10).withUnit("model-tokens"))
            .and(LimitPolicy.perIdentity("more", Limit.perDay(10).withUnit("model-tokens")));
    limiter.check(policy, Cost.units("model-tokens", 5));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> limiter.check(policy, Cost.units("model_tokens", 5)))
        .withMessage("cost must name units of the policy's limits, [model-tokens]: model_tokens");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> limiter.check(policy, Cost.of(1)))
        .withMessage("cost must name units of the policy's limits, [model-tokens]: requests");
  }
}
