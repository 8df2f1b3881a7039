package dev.penstock.http;

import dev.penstock.BucketState;
import dev.penstock.Decision;
import dev.penstock.InFlightLimit;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * The three fields that services sent before there was a draft. They have room for one bucket: of a
 * permitted request the one with the least left, of a denied one that which keeps it waiting
 * longest.
 */
final class LegacyFields {

  private static final long NANOS_PER_SECOND = 1_000_000_000;
  private static final long NANOS_PER_MILLI = 1_000_000;

  /** These fields know no other limits: slots are told of where there is nothing else. */
  private static final Comparator<BucketState> HAS_NO_WINDOW =
      Comparator.comparing(bucket -> bucket.limit() instanceof InFlightLimit);

  private LegacyFields() {}

  static List<HeaderField> of(Decision decision, FieldSyntax syntax, InstantSource clock) {
    BucketState bucket = decisive(decision);
    List<HeaderField> fields = new ArrayList<>();
    fields.add(new HeaderField("X-RateLimit-Limit", Long.toString(bucket.limit().capacity())));
    fields.add(new HeaderField("X-RateLimit-Remaining", Long.toString(bucket.remaining())));
    if (bucket.retryAfter().isPresent() && bucket.resetAfter().isPresent()) {
      fields.add(new HeaderField("X-RateLimit-Reset", reset(bucket, syntax, clock)));
    }
    return fields;
  }

  private static BucketState decisive(Decision decision) {
    return decision.permitted()
        ? decision.buckets().stream()
            .min(HAS_NO_WINDOW.thenComparingLong(BucketState::remaining))
            .orElseThrow()
        : decision.deniedBy().stream()
            .max(Comparator.comparingLong(BucketState::retryAfterNanos))
            .orElseThrow();
  }

  /** When a permitted request's bucket is full, or a denied one's can pay. */
  private static String reset(BucketState bucket, FieldSyntax syntax, InstantSource clock) {
    long delta = bucket.permitted() ? bucket.resetAfterNanos() : bucket.retryAfterNanos();
    if (syntax == FieldSyntax.LEGACY_DELTA_SECONDS) {
      return Long.toString(RateLimitFields.ceilDivide(delta, NANOS_PER_SECOND));
    }
    Instant now = clock.instant();
    long epochNanos = now.getEpochSecond() * NANOS_PER_SECOND + now.getNano() + delta;
    if (syntax == FieldSyntax.LEGACY_EPOCH_SECONDS) {
      return Long.toString(RateLimitFields.ceilDivide(epochNanos, NANOS_PER_SECOND));
    }
    long millis = RateLimitFields.ceilDivide(epochNanos, NANOS_PER_MILLI);
    String fraction = Long.toString(1000 + millis % 1000).substring(1);
    return millis / 1000 + "." + fraction;
  }
}
