package dev.penstock.http;

import dev.penstock.BucketState;
import dev.penstock.Decision;
import java.time.InstantSource;
import java.util.List;

/**
 * How a response says what is left of a limit. The syntax of the IETF's fields is not final, so
 * each draft has a name of its own here; the fields before it were never specified, and their reset
 * has three meanings in the wild.
 */
public enum FieldSyntax {

  /**
   * {@code RateLimit-Policy} and {@code RateLimit} of draft-ietf-httpapi-ratelimit-headers-10, and
   * of -11, which has the same syntax. Names all buckets.
   */
  DRAFT_10,

  /**
   * {@code X-RateLimit-Limit}, {@code X-RateLimit-Remaining} and {@code X-RateLimit-Reset} of the
   * bucket that is nearest to saying no, or furthest from permitting; the reset in whole seconds
   * since 1970-01-01T00:00:00Z, rounded up, as this machine's clock has it.
   */
  LEGACY_EPOCH_SECONDS,

  /** As {@link #LEGACY_EPOCH_SECONDS}, with three digits of a fraction: {@code 1767225600.250}. */
  LEGACY_EPOCH_FRACTION,

  /** As {@link #LEGACY_EPOCH_SECONDS}, but the reset in whole seconds from now, rounded up. */
  LEGACY_DELTA_SECONDS,

  /** No such fields. A rejection still says {@code Retry-After}. */
  NONE;

  /** Returns the fields of a decision; none where no bucket was asked. */
  List<HeaderField> fields(Decision decision, InstantSource clock) {
    List<BucketState> buckets = this == NONE ? List.of() : decision.buckets();
    if (buckets.isEmpty()) {
      return List.of();
    }
    return this == DRAFT_10 ? RateLimitFields.of(buckets) : LegacyFields.of(decision, this, clock);
  }
}
