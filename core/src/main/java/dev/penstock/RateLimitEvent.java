package dev.penstock;

import java.time.Duration;
import java.util.Objects;
import java.util.Optional;

/**
 * What a limiter has done, for logs and metrics. Its text, as that of all in it, tells the kind of
 * the identity and never who it is; {@link Identity#text} does. Immutable and thread-safe.
 *
 * @param type what was done
 * @param identity who is charged
 * @param policy the name of the policy, see {@link LimitPolicy#name}
 * @param cost what was asked for; of a settlement the total that was said; of a cancellation the
 *     one that was said last, which is put back
 * @param before of a settlement, what had been said or asked for before it; empty of all others
 * @param decision what was decided; of a settlement or a cancellation, what it is of
 * @param took how long it took, the store included: of one in {@value #TIMED}, by chance, and empty
 *     of the others, as to read the clock takes as long as to decide
 */
public record RateLimitEvent(
    Type type,
    Identity identity,
    String policy,
    Cost cost,
    Optional<Cost> before,
    Decision decision,
    Optional<Duration> took) {

  /** One event of so many is timed. */
  public static final int TIMED = 128;

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
   * @param identity who is charged
   * @param policy the name of the policy
   * @param cost what was asked for, or said
   * @param before what had been said before a settlement
   * @param decision what was decided
   * @param took how long it took
   */
  public RateLimitEvent {
    Objects.requireNonNull(type, "type");
    Objects.requireNonNull(identity, "identity");
    Objects.requireNonNull(policy, "policy");
    Objects.requireNonNull(cost, "cost");
    Objects.requireNonNull(before, "before");
    Objects.requireNonNull(decision, "decision");
    Objects.requireNonNull(took, "took");
  }

  /** {@return the kind of the identity: coarse enough for a log line or the label of a metric} */
  public Identity.Kind kind() {
    return identity.kind();
  }

  /**
   * {@return how many more tokens this charges a bucket that takes part, in the limit's unit:
   * negative what is to be put back} What a settlement or a cancellation says is meant: a bucket
   * that may not owe it all is charged less, and of what refill has made good for nothing is put
   * back.
   *
   * @param limit of a bucket of the decision
   */
  public long change(Limit limit) {
    long amount = cost.amount(Objects.requireNonNull(limit, "limit"));
    return switch (type) {
      case DECIDED -> decision.permitted() ? amount : 0;
      case CANCELLED -> -amount;
      case SETTLED ->
          cost.names(limit.unit()) && !(limit instanceof InFlightLimit)
              ? amount - before.orElse(cost).amount(limit)
              : 0;
    };
  }
}
