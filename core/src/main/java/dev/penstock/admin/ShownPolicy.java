package dev.penstock.admin;

import dev.penstock.Identity;
import dev.penstock.LimitPolicy;
import dev.penstock.PartitionedLimit;
import dev.penstock.config.FilePolicy;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A policy that is in force, of a file or of code.
 *
 * @param name what it is called
 * @param line where its name stands in the file; empty where there is none
 * @param limits its limits
 * @param policy the buckets of all of them
 */
record ShownPolicy(String name, OptionalInt line, List<ShownLimit> limits, LimitPolicy policy) {

  /** Of whom code is asked for the limits: numbers hang on the plan at most. */
  private static final Identity ANYBODY = Identity.user("workspace", "user");

  /**
   * A limit of it.
   *
   * @param name what it is called
   * @param line where its name stands in the file; empty where there is none
   * @param byPlan its numbers by plan; under an empty name those of who has none
   */
  record ShownLimit(String name, OptionalInt line, SortedMap<String, PartitionedLimit> byPlan) {

    /** {@return those for who has no plan, or where code says them by plan alone, of the first} */
    PartitionedLimit standard() {
      return byPlan.values().iterator().next();
    }
  }

  static ShownPolicy of(FilePolicy policy) {
    return new ShownPolicy(
        policy.name(),
        OptionalInt.of(policy.line()),
        policy.limits().stream()
            .map(
                limit -> new ShownLimit(limit.name(), OptionalInt.of(limit.line()), limit.byPlan()))
            .toList(),
        policy.policy());
  }

  /**
   * {@return a policy of code}
   *
   * @throws RuntimeException as the policy does
   */
  static ShownPolicy of(LimitPolicy policy) {
    Map<String, ShownLimit> limits = new LinkedHashMap<>();
    policy
        .choices()
        .forEach(
            (plan, choice) -> {
              for (PartitionedLimit limit : choice.limits(ANYBODY)) {
                String key = (limit.isShadow() ? "shadow " : "enforced ") + limit.name();
                limits
                    .computeIfAbsent(
                        key,
                        any -> new ShownLimit(limit.name(), OptionalInt.empty(), new TreeMap<>()))
                    .byPlan()
                    .put(plan, limit);
              }
            });
    return new ShownPolicy(
        policy.name(), OptionalInt.empty(), new ArrayList<>(limits.values()), policy);
  }
}
