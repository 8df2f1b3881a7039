package dev.penstock.config;

import dev.penstock.config.Node.Member;
import dev.penstock.config.Node.Members;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The policies of a file, by name. */
record Policies(Map<String, NamedPolicy> byName) {

  /** {@return the policies of a file} */
  static Policies read(Node node, Plans plans, Faults faults) {
    Map<String, NamedPolicy> policies = new LinkedHashMap<>();
    Map<String, NamedLimit> limits = new HashMap<>();
    List<Member> members = Section.named(node, faults);
    for (Member policy : members) {
      List<NamedLimit> read = new ArrayList<>();
      List<Member> named = Section.named(policy.value(), faults);
      for (Member limit : named) {
        Optional<NamedLimit> each = LimitSection.read(limit, plans, faults);
        each.ifPresent(
            one -> {
              if (isLike(one, limits.putIfAbsent(one.sharing(), one), faults)) {
                read.add(one);
              }
            });
      }
      if (policy.value() instanceof Members object && object.isEmpty()) {
        faults.add(policy.where(), "must have at least one limit");
      }
      policies.put(
          policy.name(),
          checked(new NamedPolicy(policy.where(), policy.name(), read), plans, faults));
    }
    if (node instanceof Members object && object.isEmpty()) {
      faults.add(node.where(), "must have at least one policy");
    }
    return new Policies(policies);
  }

  /** Returns the policy; without limits where it cannot be one, so that nobody asks for it. */
  private static NamedPolicy checked(NamedPolicy policy, Plans plans, Faults faults) {
    return policy.limits().isEmpty()
            || faults.attempt(policy.where(), () -> policy.policy(plans)).isPresent()
        ? policy
        : new NamedPolicy(policy.where(), policy.name(), List.of());
  }

  /** Limits of one name share their buckets, so a name means one limit throughout. */
  private static boolean isLike(NamedLimit limit, @Nullable NamedLimit earlier, Faults faults) {
    if (earlier == null || limit.isLike(earlier)) {
      return true;
    }
    faults.add(
        limit.where(),
        "must be as the limit of this name at line "
            + earlier.where().line()
            + ", since both share their buckets, or have another name");
    return false;
  }
}
