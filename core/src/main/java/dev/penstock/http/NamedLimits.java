package dev.penstock.http;

import dev.penstock.Identity;
import dev.penstock.LimitPolicy;
import dev.penstock.LimiterArguments;
import dev.penstock.PartitionedLimit;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The limits that the policies of a gate name. Limits of one name share their buckets: with
 * different numbers each would cut the other's, so a name means one limit throughout, or one for
 * each plan.
 *
 * <p>A policy may answer by identity, so a user and an address are asked for, and compared each
 * with its own kind.
 */
final class NamedLimits {

  private static final List<Identity> SAMPLES =
      List.of(Identity.user("workspace", "user"), Identity.address("192.0.2.1"));

  /** What is one limit throughout: one in shadow has buckets of its own. */
  record Name(String name, boolean isShadow) {
    static Name of(PartitionedLimit limit) {
      return new Name(limit.name(), limit.isShadow());
    }
  }

  /** The limits of each name, by plan. */
  private final Map<Identity, Map<Name, Map<String, PartitionedLimit>>> limits = new HashMap<>();

  /**
   * Adds the limits of a policy.
   *
   * @throws IllegalArgumentException if there is none, or one of them has the name of another limit
   */
  void add(LimitPolicy policy) {
    for (Identity sample : SAMPLES) {
      Map<Name, Map<String, PartitionedLimit>> named =
          limits.computeIfAbsent(sample, s -> new HashMap<>());
      policy
          .choices()
          .forEach(
              (plan, choice) -> {
                for (PartitionedLimit limit : LimiterArguments.requireLimits(sample, choice)) {
                  add(named.computeIfAbsent(Name.of(limit), n -> new HashMap<>()), plan, limit);
                }
              });
    }
  }

  /** A limit without a plan is that of every plan. */
  private static void add(
      Map<String, PartitionedLimit> ofPlans, String plan, PartitionedLimit limit) {
    for (Map.Entry<String, PartitionedLimit> earlier : ofPlans.entrySet()) {
      String other = earlier.getKey();
      boolean isOne = plan.isEmpty() || other.isEmpty() || plan.equals(other);
      if (isOne && !earlier.getValue().equals(limit)) {
        throw new IllegalArgumentException(
            "policy must have each limit as the rules before it, "
                + earlier.getValue()
                + ": "
                + limit);
      }
    }
    ofPlans.putIfAbsent(plan, limit);
  }
}
