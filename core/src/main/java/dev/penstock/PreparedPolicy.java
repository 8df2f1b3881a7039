package dev.penstock;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/** A policy that names the same limits for every identity. */
record PreparedPolicy(List<PartitionedLimit> prepared) implements LimitPolicy {

  PreparedPolicy {
    prepared = List.copyOf(prepared);
    Set<String> names = new HashSet<>();
    for (PartitionedLimit limit : prepared) {
      if (!names.add(limit.name())) {
        throw new IllegalArgumentException(
            "limits of one policy must have different names: " + limit.name());
      }
    }
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
    return new PreparedPolicy(prepared);
  }

  static LimitPolicy join(LimitPolicy first, LimitPolicy second) {
    Objects.requireNonNull(second, "other");
    if (first instanceof PreparedPolicy a && second instanceof PreparedPolicy b) {
      return new PreparedPolicy(joined(a.prepared, b.prepared));
    }
    return identity -> joined(first.limits(identity), second.limits(identity));
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
