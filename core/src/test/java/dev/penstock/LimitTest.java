package dev.penstock;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import dev.penstock.base.Inside;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LimitTest {

  private static final long MOST = 999_999_999_999_999L;
  private static final Duration MINUTE = Duration.ofMinutes(1);

  @Test
  void factories_stateTheirPeriod() {
    assertThat(Limit.perSecond(10)).isEqualTo(Limit.of(10, 10, Duration.ofSeconds(1)));
    assertThat(Limit.perMinute(10)).isEqualTo(Limit.of(10, 10, Duration.ofSeconds(60)));
    assertThat(Limit.perHour(10)).isEqualTo(Limit.of(10, 10, Duration.ofMinutes(60)));
    assertThat(Limit.perDay(10)).isEqualTo(Limit.of(10, 10, Duration.ofHours(24)));
    assertThat(Limit.per(10, MINUTE)).isEqualTo(Limit.perMinute(10));
  }

  @Test
  void of_largestNumbers_areKept() {
    TokenBucketLimit limit = Limit.of(MOST, MOST, Duration.ofDays(365));
    assertThat(limit.capacity()).isEqualTo(MOST);
    assertThat(limit.refillTokens()).isEqualTo(MOST);
    assertThat(Inside.nanosPerToken(limit)).isEqualTo(32);
  }

  @ParameterizedTest
  @CsvSource({
    "10, 10, 60000000000, 6000000000, 60000000000, 60000000000",
    "7, 7, 60000000000, 8571428572, 60000000004, 60000000000",
    "1, 7, 60000000000, 8571428572, 8571428572, 8571428572",
    "3, 2, 5, 3, 9, 8",
    "1, 1, 1, 1, 1, 1",
    "1000, 1000, 1000, 1, 1000, 1000",
    "5, 999, 1000, 2, 10, 6",
    "100, 100, 315619200000000000, 3156192000000000, 315619200000000000, 315619200000000000",
  })
  void times_areRoundedUp(
      long capacity, long refill, long period, long nanosPerToken, long toFill, long window) {
    TokenBucketLimit limit = Limit.of(capacity, refill, Duration.ofNanos(period));
    assertThat(Inside.nanosPerToken(limit)).isEqualTo(nanosPerToken);
    assertThat(Inside.nanosToFill(limit)).isEqualTo(toFill);
    assertThat(limit.window()).isEqualTo(Duration.ofNanos(window));
  }

  @Test
  void withCapacity_keepsTheRate() {
    assertThat(Limit.perMinute(10).withCapacity(3)).isEqualTo(Limit.of(3, 10, MINUTE));
    refused(
        "capacity must be from 1 to 999999999999999: 0", () -> Limit.perMinute(10).withCapacity(0));
    refused(
        "capacity must refill within ten years at 1 per PT24H: 3654",
        () -> Limit.perDay(1).withCapacity(3_654));
    assertThat(Limit.perDay(1).withCapacity(3_653).window()).isEqualTo(Duration.ofDays(3_653));
  }

  @Test
  void withUnitAndOverdraft_keepTheRest() {
    TokenBucketLimit tokens = Limit.perMinute(1000).withUnit("model-tokens").withOverdraft(500);
    assertThat(tokens.unit()).isEqualTo("model-tokens");
    assertThat(tokens.overdraft()).isEqualTo(500);
    assertThat(tokens.withCapacity(7))
        .isEqualTo(Limit.of(7, 1000, MINUTE).withOverdraft(500).withUnit("model-tokens"))
        .isNotEqualTo(Limit.of(7, 1000, MINUTE).withOverdraft(500))
        .isNotEqualTo(Limit.of(7, 1000, MINUTE).withUnit("model-tokens"));
    assertThat(tokens)
        .hasToString("Limit[capacity=1000, refill=1000 per PT1M, unit=model-tokens, overdraft=500]")
        .hasSameHashCodeAs(Limit.perMinute(1000).withOverdraft(500).withUnit("model-tokens"));
    assertThat(Limit.perMinute(10).unit()).isEqualTo(Cost.REQUESTS);
    assertThat(Limit.perMinute(10).overdraft()).isZero();
  }

  @Test
  void withOverdraft_beyondWhatABucketMayOwe_isRefused() {
    refused(
        "overdraft must be from 0 to 999999999999999: -1",
        () -> Limit.perMinute(10).withOverdraft(-1));
    refused(
        "overdraft must be from 0 to 999999999999999: 1000000000000000",
        () -> Limit.perMinute(10).withOverdraft(MOST + 1));
    refused(
        "overdraft must refill with the capacity 3 within ten years at 3 per PT72H: 3651",
        () -> Limit.per(3, Duration.ofDays(3)).withOverdraft(3_651));
    assertThat(Limit.per(3, Duration.ofDays(3)).withOverdraft(3_650).overdraft()).isEqualTo(3_650);
  }

  @Test
  void withUnit_noPrintableAscii_isRefused() {
    refused("unit must be 1 to 128 characters: 0", () -> Limit.perMinute(1).withUnit(""));
    refused(
        "unit must be printable ASCII: character 1f (hex) at position 1",
        () -> Limit.perMinute(1).withUnit("a\u001fb"));
  }

  @ParameterizedTest
  @ValueSource(longs = {0, -1, Long.MIN_VALUE, MOST + 1, Long.MAX_VALUE})
  void factories_numberOutOfRange_nameTheParameterAndTheValue(long number) {
    String range = " must be from 1 to 999999999999999: " + number;
    refused("capacity" + range, () -> Limit.of(number, 1, MINUTE));
    refused("refillTokens" + range, () -> Limit.of(1, number, MINUTE));
    refused("tokens" + range, () -> Limit.per(number, MINUTE));
    refused("tokens" + range, () -> Limit.perSecond(number));
    refused("tokens" + range, () -> Limit.perMinute(number));
    refused("tokens" + range, () -> Limit.perHour(number));
    refused("tokens" + range, () -> Limit.perDay(number));
  }

  @Test
  void factories_periodOutOfRange_nameTheValue() {
    refused("refillPeriod must be above zero: PT0S", () -> Limit.per(1, Duration.ZERO));
    refused("refillPeriod must be above zero: PT-1M", () -> Limit.per(1, MINUTE.negated()));
    refused(
        "refillTokens must be at most one per nanosecond of refillPeriod PT1S: 1000000001",
        () -> Limit.perSecond(1_000_000_001));
    assertThat(Inside.nanosPerToken(Limit.perSecond(1_000_000_000))).isEqualTo(1);
  }

  @Test
  void factories_fillLongerThanTenYears_nameTheNumbers() {
    refused(
        "capacity must refill within ten years at 1 per PT87696H: 1",
        () -> Limit.per(1, Duration.ofDays(3_654)));
    refused(
        "capacity must refill within ten years at 1 per PT2562047788015215H30M7S: 1",
        () -> Limit.per(1, Duration.ofSeconds(Long.MAX_VALUE)));
    refused(
        "capacity must refill within ten years at 1 per PT24H: 999999999999999",
        () -> Limit.of(MOST, 1, Duration.ofDays(1)));
  }

  @Test
  @SuppressWarnings("NullAway") // null is what is tested
  void factories_null_nameTheParameter() {
    assertThatNullPointerException()
        .isThrownBy(() -> Limit.per(1, null))
        .withMessage("refillPeriod");
    assertThatNullPointerException()
        .isThrownBy(() -> Limit.of(1, 1, null))
        .withMessage("refillPeriod");
    assertThatNullPointerException().isThrownBy(() -> Limit.parse(null)).withMessage("rate");
    assertThatNullPointerException().isThrownBy(() -> Limit.parseAll(null)).withMessage("rate");
  }

  @Test
  void equals_anyNumberDiffers_isNotEqual() {
    Limit limit = Limit.of(1, 2, MINUTE);
    assertThat(limit)
        .isEqualTo(Limit.of(1, 2, Duration.ofSeconds(60)))
        .hasSameHashCodeAs(Limit.of(1, 2, MINUTE))
        .isNotEqualTo(Limit.of(2, 2, MINUTE))
        .isNotEqualTo(Limit.of(1, 1, MINUTE))
        .isNotEqualTo(Limit.of(1, 2, Duration.ofSeconds(61)))
        .isNotEqualTo("Limit");
  }

  @Test
  void withLeaseAndFailover_keepTheRest() {
    TokenBucketLimit limit =
        Limit.perMinute(10)
            .withOverdraft(5)
            .withUnit("model-tokens")
            .withLease(100)
            .withFailover(FailoverMode.CLOSED);
    assertThat(limit.lease()).isEqualTo(100);
    assertThat(limit.failover()).contains(FailoverMode.CLOSED);
    assertThat(limit.withCapacity(20).withUnit("other"))
        .hasToString(
            "Limit[capacity=20, refill=10 per PT1M, unit=other, overdraft=5, lease=100,"
                + " failover=CLOSED]");
    assertThat(limit)
        .isNotEqualTo(limit.withLease(99))
        .isNotEqualTo(limit.withFailover(FailoverMode.OPEN))
        .isEqualTo(limit.withLease(99).withLease(100));
    assertThat(Limit.perMinute(10).lease()).isZero();
    assertThat(Limit.perMinute(10).failover()).isEmpty();

    InFlightLimit slots = Limit.inFlight(4).withFailover(FailoverMode.OPEN);
    assertThat(slots.withUnit("runs").withHeldAtMost(MINUTE))
        .hasToString("Limit[slots=4, unit=runs, heldAtMost=PT1M, failover=OPEN]")
        .isNotEqualTo(Limit.inFlight(4).withUnit("runs").withHeldAtMost(MINUTE));
  }

  @Test
  void withLease_outOfRange_isRefused() {
    for (long tokens : new long[] {1, -1, 1_000_000_001}) {
      refused(
          "tokens must be from 2 to 1000000000: " + tokens,
          () -> Limit.perMinute(10).withLease(tokens));
    }
  }

  @Test
  void toString_statesTheNumbers() {
    assertThat(Limit.of(20, 10, MINUTE)).hasToString("Limit[capacity=20, refill=10 per PT1M]");
  }

  private static void refused(String message, Runnable factory) {
    assertThatIllegalArgumentException().isThrownBy(factory::run).withMessage(message);
  }

  @Test
  void inFlight_slots_countConcurrentRequestsUnlessSaid() {
    InFlightLimit four = Limit.inFlight(4);
    assertThat(four.capacity()).isEqualTo(4);
    assertThat(four.unit()).isEqualTo("concurrent-requests");
    assertThat(four.heldAtMost()).isEmpty();
    InFlightLimit gpus = four.withHeldAtMost(Duration.ofHours(1)).withUnit("gpus");
    assertThat(gpus.unit()).isEqualTo("gpus");
    assertThat(gpus.heldAtMost()).contains(Duration.ofHours(1));
    assertThat(gpus)
        .isEqualTo(Limit.inFlight(4).withUnit("gpus").withHeldAtMost(Duration.ofMinutes(60)))
        .hasSameHashCodeAs(Limit.inFlight(4).withUnit("gpus").withHeldAtMost(Duration.ofHours(1)))
        .isNotEqualTo(four.withUnit("gpus"))
        .isNotEqualTo(Limit.perMinute(4));
    assertThat(gpus).hasToString("Limit[slots=4, unit=gpus, heldAtMost=PT1H]");
    assertThat(four).hasToString("Limit[slots=4]");
  }

  @ParameterizedTest
  @ValueSource(longs = {0, -1, 1_000_000_001, Long.MIN_VALUE, Long.MAX_VALUE})
  void inFlight_outOfRange_namesTheValue(long slots) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Limit.inFlight(slots))
        .withMessage("slots must be from 1 to 1000000000: " + slots);
  }

  @Test
  @SuppressWarnings("NullAway") // null is what is tested
  void withHeldAtMost_outOfRange_namesTheValue() {
    for (Duration bad : List.of(Duration.ZERO, Duration.ofNanos(-1), Duration.ofDays(3_654))) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> Limit.inFlight(1).withHeldAtMost(bad))
          .withMessage("heldAtMost must be above zero and at most ten years: " + bad);
    }
    assertThatNullPointerException()
        .isThrownBy(() -> Limit.inFlight(1).withHeldAtMost(null))
        .withMessage("heldAtMost");
    assertThatNullPointerException()
        .isThrownBy(() -> Limit.inFlight(1).withUnit(null))
        .withMessage("unit");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Limit.inFlight(1).withUnit(""))
        .withMessage("unit must be 1 to 128 characters: 0");
  }
}
