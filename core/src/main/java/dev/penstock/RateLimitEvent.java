package dev.penstock;

import java.time.Duration;
import java.util.Objects;

/**
 * What a limiter has done, for logs and metrics: nothing in it names an identity. Immutable and
 * thread-safe.
 *
 * @param type what was done
 * @param kind the kind of the identity that is charged
 * @param policy the name of the policy, see {@link LimitPolicy#name}
 * @param cost what was asked for; of a settlement the total that was said
 * @param decision what was decided; of a settlement or a cancellation, what it is of
 * @param took how long it took, the store included
 */
public record RateLimitEvent(
    Type type, Identity.Kind kind, String policy, Cost cost, Decision decision, Duration took) {

  /** What was done. */
  public enum Type {
    /** A request was permitted or denied. */
    DECIDED,
    /** A reservation was settled. */
    SETTLED,
    /** A reservation was cancelled. */
    CANCELLED
  }

  /**
   * Checks that nothing is missing.
   *
   * @param type what was done
   * @param kind the kind of the identity that is charged
   * @param policy the name of the policy
   * @param cost what was asked for, or said
   * @param decision what was decided
   * @param took how long it took
   */
  public RateLimitEvent {
    Objects.requireNonNull(type, "type");
    Objects.requireNonNull(kind, "kind");
    Objects.requireNonNull(policy, "policy");
    Objects.requireNonNull(cost, "cost");
    Objects.requireNonNull(decision, "decision");
    Objects.requireNonNull(took, "took");
  }
}
