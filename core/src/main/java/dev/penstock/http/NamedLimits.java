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
 * different numbers each would cut the other's, so a name means one limit throughout.
 *
 * <p>A policy may answer by identity, so a user and an address are asked for, and compared each
 * with its own kind.
 */
final class NamedLimits {

  private static final List<Identity> SAMPLES =
      List.of(Identity.user("workspace", "user"), Identity.address("192.0.2.1"));

  private final Map<Identity, Map<String, PartitionedLimit>> limits = new HashMap<>();

  /**
   * Adds the limits of a policy.
   *
   * @throws IllegalArgumentException if there is none, or one of them has the name of another limit
   */
  void add(LimitPolicy policy) {
    for (Identity sample : SAMPLES) {
      Map<String, PartitionedLimit> named = limits.computeIfAbsent(sample, s -> new HashMap<>());
      for (PartitionedLimit limit : LimiterArguments.requireLimits(sample, policy)) {
        PartitionedLimit earlier = named.putIfAbsent(limit.name(), limit);
        if (earlier != null && !earlier.equals(limit)) {
          throw new IllegalArgumentException(
              "policy must have each limit as the rules before it, " + earlier + ": " + limit);
        }
      }
    }
  }
}
