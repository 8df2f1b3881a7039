package dev.penstock.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.BucketState;
import dev.penstock.CalendarUnit;
import dev.penstock.Decision;
import dev.penstock.Identity;
import dev.penstock.Limit;
import java.time.Duration;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;

class RateLimitFieldsTest {

  private static final long SECOND = 1_000_000_000L;
  private static final Limit TEN = Limit.perMinute(10);

  @Test
  void point05_t_isUntilFull_andKeepsTheRemainingWithinTheRate() {
    assertThat(permitted(TEN, 9, 6 * SECOND)).containsExactly(policy(10, 60), rateLimit(9, 54));
    assertThat(permitted(TEN, 0, 60 * SECOND)).containsExactly(policy(10, 60), rateLimit(0, 60));
    assertThat(permitted(TEN, 0, 54 * SECOND + 1))
        .containsExactly(policy(10, 60), rateLimit(0, 55));
    assertThat(permitted(TEN, 1, 1)).containsExactly(policy(10, 60), rateLimit(1, 6));
  }

  @Test
  void point05_t_neverLetsRemainingRunAheadOfTheRate() {
    for (long capacity : new long[] {1, 3, 7, 10, 1000, 700_000_000_000_000L}) {
      Limit limit = Limit.per(capacity, Duration.ofHours(200));
      for (long r : new long[] {1, capacity / 2, capacity - 1, capacity}) {
        String value = permitted(limit, Math.max(0, r), 1).get(1).value();
        double t = Double.parseDouble(value.substring(value.indexOf(";t=") + 3));
        assertThat(r / t).isLessThanOrEqualTo(capacity / 720_000.0 * (1 + 1e-12));
      }
    }
  }

  @Test
  void point04_window_isWholeSecondsRoundedUp_andLeftOutBelowOne() {
    assertThat(policyOf(Limit.per(5, Duration.ofMillis(100)))).isEqualTo("\"p\";q=5");
    assertThat(policyOf(Limit.per(5, Duration.ofMillis(999)))).isEqualTo("\"p\";q=5");
    assertThat(policyOf(Limit.per(5, Duration.ofMillis(1001)))).isEqualTo("\"p\";q=5;w=2");
    assertThat(policyOf(Limit.perSecond(5))).isEqualTo("\"p\";q=5;w=1");
    assertThat(policyOf(Limit.perMinute(7))).isEqualTo("\"p\";q=7;w=60");
    assertThat(policyOf(Limit.perMinute(10).withCapacity(20))).isEqualTo("\"p\";q=20;w=120");
  }

  @Test
  void point04_windowOfTheCalendar_isWAndItsEndIsT() {
    ZoneId berlin = ZoneId.of("Europe/Berlin");
    Limit day = Limit.fixedWindow(1000, CalendarUnit.DAY, berlin);
    assertThat(permitted(day, 999, 59 * SECOND + 1))
        .containsExactly(policy(1000, 86_400), rateLimit(999, 60));
    assertThat(policyOf(Limit.fixedWindow(5, CalendarUnit.MONTH, berlin)))
        .isEqualTo("\"p\";q=5;w=2629746");
    assertThat(permitted(Limit.slidingWindow(10, Duration.ofSeconds(90)), 3, 100 * SECOND))
        .containsExactly(policy(10, 90), rateLimit(3, 100));
    assertThat(
            RateLimitFields.of(
                List.of(new BucketState("p", day, false, 0, 7200 * SECOND, 7200 * SECOND))))
        .containsExactly(policy(1000, 86_400), rateLimit(0, 7200));
  }

  /** draft-ietf-httpapi-ratelimit-headers-10 section 3.1.3: the quota unit. */
  @Test
  void point04_unit_isSaidWhereItIsNotRequests() {
    Limit limit = Limit.perMinute(1000);
    assertThat(policyOf(limit.withUnit("model-tokens")))
        .isEqualTo("\"p\";q=1000;qu=\"model-tokens\";w=60");
    assertThat(policyOf(limit.withUnit("a\"b"))).isEqualTo("\"p\";q=1000;qu=\"a\\\"b\";w=60");
    assertThat(policyOf(limit.withUnit("requests"))).isEqualTo("\"p\";q=1000;w=60");
  }

  @Test
  void point03_retryAfter_isWholeSecondsRoundedUp_atLeastOne_theLargest() {
    assertThat(retryAfter(1)).isEqualTo("1");
    assertThat(retryAfter(SECOND)).isEqualTo("1");
    assertThat(retryAfter(SECOND + 1)).isEqualTo("2");
    assertThat(retryAfter(11 * SECOND + 420_000_000)).isEqualTo("12");
    assertThat(retryAfter(SECOND, 5 * SECOND, 2 * SECOND)).isEqualTo("5");
    assertThat(retryAfter(3_650 * 86_400 * SECOND)).as("31 bits of ms").isEqualTo("2147483");
  }

  @Test
  void point05_retryAfter_isNotEarlierThanAnyT() {
    Decision decision =
        Decision.of(
            Decision.Source.MEMORY, List.of(denied("p", SECOND + 1), denied("q", 5 * SECOND)));
    assertThat(advice(decision).seconds()).contains(5L);
    assertThat(RateLimitFields.of(decision.buckets()))
        .containsExactly(
            new HeaderField("RateLimit-Policy", "\"p\";q=10;w=60, \"q\";q=10;w=60"),
            new HeaderField("RateLimit", "\"p\";r=0;t=2, \"q\";r=0;t=5"));
  }

  @Test
  void point03_never_hasNoRetryAfterAndNoT() {
    Decision never = Decision.of(Decision.Source.MEMORY, List.of(denied("p", BucketState.NEVER)));
    assertThat(advice(never).seconds()).isEmpty();
    assertThat(RateLimitFields.of(never.buckets()))
        .containsExactly(policy(10, 60), new HeaderField("RateLimit", "\"p\";r=0"));
  }

  @Test
  void point04_names_areEscapedAsStructuredFieldStrings() {
    BucketState bucket = new BucketState("a\"b\\c, ;=", TEN, true, 9, 0, 6 * SECOND);
    assertThat(RateLimitFields.of(List.of(bucket)).get(1).value())
        .isEqualTo("\"a\\\"b\\\\c, ;=\";r=9;t=54");
  }

  @Test
  void point04_limitOfTheSameName_isNotTakenForTheOneBefore() {
    assertThat(policyOf(Limit.perMinute(10))).isEqualTo("\"p\";q=10;w=60");
    assertThat(policyOf(Limit.perHour(10))).isEqualTo("\"p\";q=10;w=3600");
    assertThat(permitted(Limit.perMinute(20), 10, SECOND).get(1)).isEqualTo(rateLimit(10, 30));
  }

  @Test
  void point04_limitsOfNamesThatShareASlot_keepTheirNames() {
    assertThat("Aa".hashCode()).isEqualTo("BB".hashCode());
    List<BucketState> buckets =
        List.of(
            new BucketState("Aa", TEN, true, 9, 0, 6 * SECOND),
            new BucketState("BB", TEN, true, 9, 0, 6 * SECOND));
    for (int i = 0; i < 2; i++) {
      assertThat(RateLimitFields.of(buckets))
          .containsExactly(
              new HeaderField("RateLimit-Policy", "\"Aa\";q=10;w=60, \"BB\";q=10;w=60"),
              new HeaderField("RateLimit", "\"Aa\";r=9;t=54, \"BB\";r=9;t=54"));
    }
  }

  @Test
  void point04_numbers_areNeverFormattedByLocale() {
    Locale before = Locale.getDefault();
    Locale.setDefault(Locale.forLanguageTag("ar-EG-u-nu-arab"));
    try {
      assertThat(permitted(Limit.perDay(1_000_000), 999_999, SECOND))
          .containsExactly(policy(1_000_000, 86_400), rateLimit(999_999, 86_400));
    } finally {
      Locale.setDefault(before);
    }
  }

  private static List<HeaderField> permitted(Limit limit, long remaining, long resetAfterNanos) {
    return RateLimitFields.of(
        List.of(new BucketState("p", limit, true, remaining, 0, resetAfterNanos)));
  }

  private static String policyOf(Limit limit) {
    return permitted(limit, 0, 1).get(0).value();
  }

  private static String retryAfter(long... nanos) {
    List<BucketState> buckets = new ArrayList<>();
    for (long each : nanos) {
      buckets.add(denied("p" + buckets.size(), each));
    }
    Decision decision = Decision.of(Decision.Source.MEMORY, buckets);
    return advice(decision).seconds().orElseThrow().toString();
  }

  private static RetryAdvice advice(Decision decision) {
    return RetryAdvice.of(decision, Identity.user("acme", "u1"), 0);
  }

  private static BucketState denied(String name, long retryAfterNanos) {
    return new BucketState(name, TEN, false, 0, retryAfterNanos, 60 * SECOND);
  }

  private static HeaderField policy(long quota, long window) {
    return new HeaderField("RateLimit-Policy", "\"p\";q=" + quota + ";w=" + window);
  }

  private static HeaderField rateLimit(long remaining, long seconds) {
    return new HeaderField("RateLimit", "\"p\";r=" + remaining + ";t=" + seconds);
  }

  /** A slot has no window, and nobody knows when it is free. */
  @Test
  void inFlight_hasNeitherWindowNorTime() {
    Limit slots = Limit.inFlight(4);
    BucketState some = new BucketState("p", slots, true, 3, 0, BucketState.UNKNOWN);
    BucketState none =
        new BucketState("p", slots, false, 0, BucketState.UNKNOWN, BucketState.UNKNOWN);
    HeaderField policy =
        new HeaderField("RateLimit-Policy", "\"p\";q=4;qu=\"concurrent-requests\"");
    assertThat(RateLimitFields.of(List.of(some)))
        .containsExactly(policy, new HeaderField("RateLimit", "\"p\";r=3"));
    assertThat(RateLimitFields.of(List.of(none)))
        .containsExactly(policy, new HeaderField("RateLimit", "\"p\";r=0"));
  }
}
