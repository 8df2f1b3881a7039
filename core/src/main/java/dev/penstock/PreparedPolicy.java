package dev.penstock;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;

/**
 * A policy that names the same limits for every identity.
 *
 * @param prepared those that are only tried behind the others
 * @param holdsSlots whether one of them is in flight: asked by every decision
 */
record PreparedPolicy(String name, List<PartitionedLimit> prepared, boolean holdsSlots)
    implements LimitPolicy {

  private static final int FEW = 8;

  static PreparedPolicy of(String name, List<PartitionedLimit> limits) {
    requireDifferentNames(limits);
    return new PreparedPolicy(name, shadowLast(List.copyOf(limits)), holdsSlots(limits));
  }

  /** Returns the limits in their order, but those that are only tried behind the others. */
  static List<PartitionedLimit> shadowLast(List<PartitionedLimit> limits) {
    boolean isSorted = true;
    for (int i = 1; i < limits.size(); i++) {
      isSorted &= limits.get(i).isShadow() || !limits.get(i - 1).isShadow();
    }
    return isSorted
        ? limits
        : limits.stream().sorted(Comparator.comparing(PartitionedLimit::isShadow)).toList();
  }

  static LimitPolicy asShadow(LimitPolicy policy) {
    return policy instanceof PreparedPolicy all
        ? of(all.name, inShadow(all.prepared))
        : new InShadow(policy);
  }

  private static List<PartitionedLimit> inShadow(List<PartitionedLimit> limits) {
    return limits.stream().map(PartitionedLimit::asShadow).toList();
  }

  /** A policy that depends on the identity, in shadow. */
  private record InShadow(LimitPolicy policy) implements LimitPolicy {

    @Override
    public List<PartitionedLimit> limits(Identity identity) {
      return inShadow(PreparedPolicy.limits(policy, identity));
    }

    @Override
    public Map<String, LimitPolicy> choices() {
      Map<String, LimitPolicy> all = new TreeMap<>();
      policy.choices().forEach((plan, one) -> all.put(plan, one == policy ? this : one.asShadow()));
      return all;
    }

    @Override
    public String name() {
      return policy.name();
    }
  }

  static boolean holdsSlots(List<PartitionedLimit> limits) {
    for (PartitionedLimit limit : limits) {
      if (limit.limit() instanceof InFlightLimit) {
        return true;
      }
    }
    return false;
  }

  /** Policies by identity are checked for each request, so of few each is compared with each. */
  static void requireDifferentNames(List<PartitionedLimit> limits) {
    if (limits.size() > FEW) {
      Set<String> names = new HashSet<>();
      Set<String> namesInShadow = new HashSet<>();
      for (PartitionedLimit limit : limits) {
        requireDifferent((limit.isShadow() ? namesInShadow : names).add(limit.name()), limit);
      }
      return;
    }
    for (int i = 1; i < limits.size(); i++) {
      PartitionedLimit limit = limits.get(i);
      for (int j = 0; j < i; j++) {
        PartitionedLimit earlier = limits.get(j);
        requireDifferent(
            limit.isShadow() != earlier.isShadow() || !limit.name().equals(earlier.name()), limit);
      }
    }
  }

  private static void requireDifferent(boolean differs, PartitionedLimit limit) {
    if (!differs) {
      throw new IllegalArgumentException(
          "limits of one policy must have different names: " + limit.name());
    }
  }

  /** Asks a policy, which may be anybody's, for its limits. */
  static List<PartitionedLimit> limits(LimitPolicy policy, Identity identity) {
    List<PartitionedLimit> limits = policy.limits(identity);
    if (limits == null) {
      throw new IllegalArgumentException("policy must return limits and not null: " + policy);
    }
    return limits;
  }

  static PreparedPolicy of(String name, Partition partition, Limit... limits) {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(limits, "limits");
    if (limits.length == 0) {
      throw new IllegalArgumentException("limits must not be empty: policy " + name);
    }
    List<PartitionedLimit> prepared = new ArrayList<>();
    for (Limit limit : limits) {
      String suffix = prepared.isEmpty() ? "" : "-" + (prepared.size() + 1);
      prepared.add(new PartitionedLimit(name + suffix, limit, partition));
    }
    return of(name, prepared);
  }

  static PreparedPolicy of(String name, PartitionedLimit... limits) {
    PartitionedLimit.requirePrintable("name", Objects.requireNonNull(name, "name"));
    Objects.requireNonNull(limits, "limits");
    if (limits.length == 0) {
      throw new IllegalArgumentException("limits must not be empty: policy " + name);
    }
    return of(name, List.of(limits));
  }

  static LimitPolicy join(LimitPolicy first, LimitPolicy second) {
    Objects.requireNonNull(second, "other");
    String name = first.name() + "+" + second.name();
    if (first instanceof PreparedPolicy a && second instanceof PreparedPolicy b) {
      return of(name, joined(a.prepared, b.prepared));
    }
    if (first instanceof PlannedPolicy planned && planned.canJoin(second)) {
      return planned.join(second, PreparedPolicy::join);
    }
    if (second instanceof PlannedPolicy planned && planned.canJoin(first)) {
      return planned.join(first, (plan, other) -> join(other, plan));
    }
    return new Joined(name, first, second);
  }

  /** Both of two policies of which one depends on the identity. */
  private record Joined(String name, LimitPolicy first, LimitPolicy second) implements LimitPolicy {

    @Override
    public List<PartitionedLimit> limits(Identity identity) {
      return joined(
          PreparedPolicy.limits(first, identity), PreparedPolicy.limits(second, identity));
    }

    @Override
    public Map<String, LimitPolicy> choices() {
      Map<String, LimitPolicy> all = new TreeMap<>();
      first
          .choices()
          .forEach(
              (plan, one) ->
                  second
                      .choices()
                      .forEach(
                          (other, two) -> all.put(PlannedPolicy.both(plan, other), one.and(two))));
      return all.size() == 1 ? Map.of("", this) : all;
    }
  }

  @Override
  public List<PartitionedLimit> limits(Identity identity) {
    return prepared;
  }

  private static List<PartitionedLimit> joined(
      List<PartitionedLimit> first, List<PartitionedLimit> second) {
    List<PartitionedLimit> all = new ArrayList<>(first);
    all.addAll(second);
    return all;
  }
}
