package dev.penstock;

import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/**
 * What every {@link RateLimiter} checks of its arguments, so that all of them refuse the same in
 * the same words, and the same one first where several are wrong. For whoever writes one.
 */
public final class LimiterArguments {

  /** Whom a policy is asked for where there is no request. */
  static final Identity SAMPLE = Identity.user("workspace", "user");

  /** Longer than anybody waits; added to a time in nanoseconds it does not overflow. */
  private static final Duration LONGEST_WAIT = Duration.ofDays(36_500);

  private LimiterArguments() {}

  /**
   * Returns the limits that a policy names for an identity. What the policy throws, this throws.
   *
   * @param identity who is charged
   * @param policy which buckets are charged
   * @return at least one limit, each name once, and those that are only tried, each name once,
   *     behind the others; nobody can change the list
   * @throws IllegalArgumentException if the policy returns null, no limit, a limit that is null, or
   *     two of one name
   */
  public static List<PartitionedLimit> requireLimits(Identity identity, LimitPolicy policy) {
    Objects.requireNonNull(identity, "identity");
    Objects.requireNonNull(policy, "policy");
    if (policy instanceof PreparedPolicy prepared) {
      return prepared.prepared(); // checked when it was made
    }
    return policy instanceof PlannedPolicy planned
        ? requireLimits(identity, planned.of(identity))
        : checked(PreparedPolicy.limits(policy, identity), policy);
  }

  private static List<PartitionedLimit> checked(List<PartitionedLimit> named, LimitPolicy policy) {
    for (PartitionedLimit limit : named) {
      if (limit == null) {
        throw new IllegalArgumentException("policy must name no limit that is null: " + policy);
      }
    }
    List<PartitionedLimit> limits = List.copyOf(named);
    if (limits.isEmpty()) {
      throw new IllegalArgumentException("policy must name at least one limit: " + policy);
    }
    PreparedPolicy.requireDifferentNames(limits);
    return PreparedPolicy.shadowLast(limits);
  }

  /**
   * {@return whether some of these limits are only tried}
   *
   * @param limits as {@link #requireLimits(Identity, LimitPolicy)} returns them
   */
  public static boolean haveShadow(List<PartitionedLimit> limits) {
    return limits.get(limits.size() - 1).isShadow();
  }

  /**
   * {@return how many of these limits are enforced: the first ones; the others are only tried}
   *
   * @param limits as {@link #requireLimits(Identity, LimitPolicy)} returns them
   */
  public static int enforced(List<PartitionedLimit> limits) {
    int enforced = limits.size();
    while (enforced > 0 && limits.get(enforced - 1).isShadow()) {
      enforced--;
    }
    return enforced;
  }

  /**
   * Returns the limits that a policy names for an identity, if what they give need not be given
   * back: slots are for reservations.
   *
   * @param identity who is charged
   * @param policy which buckets are charged
   * @return at least one limit, none of them in flight
   * @throws IllegalArgumentException as in {@link #requireLimits(Identity, LimitPolicy)}, or if a
   *     limit is in flight
   */
  public static List<PartitionedLimit> requireNoSlots(Identity identity, LimitPolicy policy) {
    List<PartitionedLimit> limits = requireLimits(identity, policy);
    boolean holdsSlots =
        policy instanceof PreparedPolicy prepared
            ? prepared.holdsSlots()
            : PreparedPolicy.holdsSlots(limits);
    if (holdsSlots) {
      throw new IllegalArgumentException(
          "policy must be reserved where a limit is in flight, as nobody could give the slot back: "
              + policy.name());
    }
    return limits;
  }

  /**
   * Likewise, if there is a cost.
   *
   * @param identity who is charged
   * @param policy which buckets are charged
   * @param cost what it costs
   * @return at least one limit, none of them in flight
   * @throws IllegalArgumentException as in {@link #requireNoSlots(Identity, LimitPolicy)}
   */
  public static List<PartitionedLimit> requireNoSlots(
      Identity identity, LimitPolicy policy, Cost cost) {
    List<PartitionedLimit> limits = requireNoSlots(identity, policy);
    Objects.requireNonNull(cost, "cost");
    return limits;
  }

  /**
   * Returns the limits that a policy names for an identity, if there is a cost.
   *
   * @param identity who is charged
   * @param policy which buckets are charged
   * @param cost what it costs
   * @return at least one limit
   * @throws IllegalArgumentException as in {@link #requireLimits(Identity, LimitPolicy)}
   */
  public static List<PartitionedLimit> requireLimits(
      Identity identity, LimitPolicy policy, Cost cost) {
    List<PartitionedLimit> limits = requireLimits(identity, policy);
    Objects.requireNonNull(cost, "cost");
    return limits;
  }

  /** Returns the cost of so many requests; what is wrong before it is complained of first. */
  static Cost requireRequests(Identity identity, LimitPolicy policy, long cost) {
    if (cost < 1) {
      requireLimits(identity, policy);
      throw new IllegalArgumentException("cost must be at least 1: " + cost);
    }
    return Cost.of(cost);
  }

  /**
   * {@return the nanoseconds of a longest wait; more than 100 years count as so many}
   *
   * @param maxWait the longest wait, not negative
   * @throws IllegalArgumentException if it is negative
   */
  public static long requireMaxWait(Duration maxWait) {
    Objects.requireNonNull(maxWait, "maxWait");
    if (maxWait.isNegative()) {
      throw new IllegalArgumentException("maxWait must not be negative: " + maxWait);
    }
    return maxWait.compareTo(LONGEST_WAIT) > 0 ? LONGEST_WAIT.toNanos() : maxWait.toNanos();
  }

  static void requireUnits(LimitPolicy policy, Cost cost) {
    Set<String> counted = new LinkedHashSet<>();
    for (LimitPolicy choice : policy.choices().values()) {
      requireLimits(SAMPLE, choice, cost).forEach(limit -> counted.add(limit.limit().unit()));
    }
    for (String unit : cost.units()) {
      if (!counted.contains(unit)) {
        throw new IllegalArgumentException(
            "cost must name units of the policy's limits, " + counted + ": " + unit);
      }
    }
  }
}
