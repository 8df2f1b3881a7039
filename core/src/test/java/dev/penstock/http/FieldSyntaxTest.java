package dev.penstock.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.BucketState;
import dev.penstock.Decision;
import dev.penstock.Limit;
import dev.penstock.base.Inside;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class FieldSyntaxTest {

  private static final Limit TEN = Limit.perMinute(10);
  private static final InstantSource NOW =
      InstantSource.fixed(Instant.ofEpochSecond(1_767_225_600, 250_000_000));

  @ParameterizedTest
  @CsvSource({
    "LEGACY_EPOCH_SECONDS, 0, 1767225601",
    "LEGACY_EPOCH_SECONDS, 750000000, 1767225601",
    "LEGACY_EPOCH_SECONDS, 750000001, 1767225602",
    "LEGACY_EPOCH_FRACTION, 0, 1767225600.250",
    "LEGACY_EPOCH_FRACTION, 750000000, 1767225601.000",
    "LEGACY_EPOCH_FRACTION, 750000001, 1767225601.001",
    "LEGACY_EPOCH_FRACTION, 6000000000, 1767225606.250",
    "LEGACY_DELTA_SECONDS, 0, 0",
    "LEGACY_DELTA_SECONDS, 1, 1",
    "LEGACY_DELTA_SECONDS, 6000000001, 7"
  })
  void point06_legacyReset_isInItsUnitRoundedUp(FieldSyntax syntax, long nanos, String reset) {
    assertThat(syntax.fields(decision(permitted(TEN, 9, nanos)), NOW))
        .containsExactly(
            new HeaderField("X-RateLimit-Limit", "10"),
            new HeaderField("X-RateLimit-Remaining", "9"),
            new HeaderField("X-RateLimit-Reset", reset));
  }

  @Test
  void point06_legacyReset_farthestThereIs_doesNotOverflow() {
    Limit slow = Limit.per(1, Duration.ofDays(3_653));
    BucketState bucket = permitted(slow, 0, Inside.nanosToFill(slow));
    assertThat(reset(FieldSyntax.LEGACY_EPOCH_SECONDS, bucket)).isEqualTo("2082844801");
    assertThat(reset(FieldSyntax.LEGACY_EPOCH_FRACTION, bucket)).isEqualTo("2082844800.250");
  }

  @Test
  void point06_legacyDenied_resetIsWhenTheRequestCanPass() {
    BucketState bucket = denied("p", 6_000_000_000L);
    assertThat(reset(FieldSyntax.LEGACY_DELTA_SECONDS, bucket)).isEqualTo("6");
  }

  @Test
  void point06_legacyOfSeveral_namesTheDecisiveBucket() {
    Decision permitted =
        decision(permitted(Limit.perHour(100), 50, 1), permitted(TEN, 3, 2), permitted(TEN, 3, 1));
    assertThat(values(permitted)).containsExactly("10", "3", "1");
    Decision denied =
        decision(denied("p", 1_000_000_000), denied("q", 9_000_000_000L), permitted(TEN, 0, 1));
    assertThat(values(denied)).containsExactly("10", "0", "9");
  }

  @Test
  void point06_legacyNever_hasNoReset() {
    assertThat(values(decision(denied("p", BucketState.NEVER)))).containsExactly("10", "0");
  }

  @Test
  void point06_none_isNoField() {
    assertThat(FieldSyntax.NONE.fields(decision(permitted(TEN, 9, 1)), NOW)).isEmpty();
    assertThat(FieldSyntax.NONE.fields(decision(denied("p", 1)), NOW)).isEmpty();
  }

  @Test
  void point06_draft10_isTheStructuredFields() {
    assertThat(FieldSyntax.DRAFT_10.fields(decision(permitted(TEN, 9, 6_000_000_000L)), NOW))
        .containsExactly(
            new HeaderField("RateLimit-Policy", "\"p\";q=10;w=60"),
            new HeaderField("RateLimit", "\"p\";r=9;t=54"));
  }

  @ParameterizedTest
  @EnumSource
  void point04_noBucket_isNoField(FieldSyntax syntax) {
    assertThat(syntax.fields(Decision.open(), NOW)).isEmpty();
    assertThat(syntax.fields(Decision.closed(Duration.ofSeconds(1)), NOW)).isEmpty();
  }

  private static String reset(FieldSyntax syntax, BucketState bucket) {
    return syntax.fields(decision(bucket), NOW).get(2).value();
  }

  private static List<String> values(Decision decision) {
    return FieldSyntax.LEGACY_DELTA_SECONDS.fields(decision, NOW).stream()
        .map(HeaderField::value)
        .toList();
  }

  private static Decision decision(BucketState... buckets) {
    return Decision.of(Decision.Source.MEMORY, List.of(buckets));
  }

  private static BucketState permitted(Limit limit, long remaining, long resetAfterNanos) {
    return new BucketState("p", limit, true, remaining, 0, resetAfterNanos);
  }

  private static BucketState denied(String name, long retryAfterNanos) {
    return new BucketState(name, TEN, false, 0, retryAfterNanos, 60_000_000_000L);
  }

  /** Those fields know limits by time; slots are told of where there is nothing else. */
  @Test
  void legacyFields_inFlight_haveNoReset() {
    BucketState slots = new BucketState("p", Limit.inFlight(4), true, 1, 0, BucketState.UNKNOWN);
    FieldSyntax syntax = FieldSyntax.LEGACY_DELTA_SECONDS;
    assertThat(syntax.fields(decision(slots), NOW))
        .containsExactly(
            new HeaderField("X-RateLimit-Limit", "4"),
            new HeaderField("X-RateLimit-Remaining", "1"));
    Decision both = Decision.of(Decision.Source.MEMORY, List.of(slots, permitted(TEN, 9, 1)));
    assertThat(syntax.fields(both, NOW))
        .startsWith(
            new HeaderField("X-RateLimit-Limit", "10"),
            new HeaderField("X-RateLimit-Remaining", "9"));
  }
}
