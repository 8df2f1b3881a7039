package dev.penstock.config;

import dev.penstock.LimitPolicy;
import dev.penstock.PartitionedLimit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A policy.
 *
 * @param where where its name stands
 * @param name what it is called
 * @param limits at least one
 */
record NamedPolicy(Where where, String name, List<NamedLimit> limits) {

  NamedPolicy {
    limits = List.copyOf(limits);
  }

  /** {@return one policy of all the limits of these, at least one} */
  static NamedPolicy joined(List<NamedPolicy> policies) {
    if (policies.size() == 1) {
      return policies.get(0);
    }
    return new NamedPolicy(
        policies.get(0).where,
        policies.stream().map(NamedPolicy::name).collect(Collectors.joining("+")),
        policies.stream().flatMap(policy -> policy.limits.stream()).toList());
  }

  /** {@return this policy with the limits of another use of it, each once} */
  NamedPolicy and(NamedPolicy other) {
    return equals(other)
        ? this
        : new NamedPolicy(
            where, name, Stream.concat(limits.stream(), other.limits.stream()).distinct().toList());
  }

  /** {@return this policy, only tried} */
  NamedPolicy asShadow() {
    return new NamedPolicy(where, name, limits.stream().map(NamedLimit::asShadow).toList());
  }

  /** {@return what a gate is given} */
  LimitPolicy policy(Plans plans) {
    if (limits.stream().allMatch(limit -> limit.byPlan().isEmpty()) || !plans.isWhole()) {
      return of(NamedLimit::standard);
    }
    Map<String, LimitPolicy> byPlan = new LinkedHashMap<>();
    for (String plan : plans.names()) {
      byPlan.put(plan, of(limit -> limit.of(plan)));
    }
    return LimitPolicy.byPlan(byPlan, plans.otherwise());
  }

  /** Of the name alone, as that of all the numbers takes longer than to compare what is alike. */
  @Override
  public int hashCode() {
    return name.hashCode();
  }

  private LimitPolicy of(Function<NamedLimit, PartitionedLimit> numbers) {
    return LimitPolicy.of(name, limits.stream().map(numbers).toArray(PartitionedLimit[]::new));
  }
}
