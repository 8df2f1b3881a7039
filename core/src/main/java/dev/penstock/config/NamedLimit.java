package dev.penstock.config;

import dev.penstock.PartitionedLimit;
import java.util.HashMap;
import java.util.Map;

/**
 * A limit of a policy.
 *
 * @param where where its name stands
 * @param standard its numbers for who has no plan, or one that has no numbers of its own here
 * @param byPlan its numbers for others
 */
record NamedLimit(Where where, PartitionedLimit standard, Map<String, PartitionedLimit> byPlan) {

  NamedLimit {
    byPlan = Map.copyOf(byPlan);
  }

  String name() {
    return standard.name();
  }

  /** {@return what has buckets in common with another: one in shadow has its own} */
  String sharing() {
    return (standard.isShadow() ? "shadow " : "") + standard.name();
  }

  /** {@return what it counts, whatever the plan} */
  String unit() {
    return standard.limit().unit();
  }

  /** {@return this limit, only tried} */
  NamedLimit asShadow() {
    Map<String, PartitionedLimit> tried = new HashMap<>();
    byPlan.forEach((plan, limit) -> tried.put(plan, limit.asShadow()));
    return new NamedLimit(where, standard.asShadow(), tried);
  }

  PartitionedLimit of(String plan) {
    return byPlan.getOrDefault(plan, standard);
  }

  /** {@return the capacity of who has the least} */
  long leastCapacity() {
    long least = standard.limit().capacity();
    for (PartitionedLimit limit : byPlan.values()) {
      least = Math.min(least, limit.limit().capacity());
    }
    return least;
  }

  /** {@return whether both have the same numbers for everyone} */
  boolean isLike(NamedLimit other) {
    return standard.equals(other.standard) && byPlan.equals(other.byPlan);
  }
}
