package dev.penstock.http;

import dev.penstock.Decision;
import dev.penstock.Identity;
import dev.penstock.LimitPolicy;
import dev.penstock.LimiterArguments;
import dev.penstock.PartitionedLimit;
import dev.penstock.RateLimiter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * Takes what requests are to pay, in as few decisions as there can be: charges of one cost are one
 * decision, all or nothing, in which each bucket pays once.
 *
 * @param limiter who decides
 * @param joining whether the limiter can decide over the buckets of all rules at once
 */
record Charges(RateLimiter limiter, boolean joining) {

  static Charges of(RateLimiter limiter, List<Rule> rules) {
    return new Charges(limiter, canJoin(limiter, rules));
  }

  /** Some cannot: on a Redis Cluster buckets lie in different slots. */
  private static boolean canJoin(RateLimiter limiter, List<Rule> rules) {
    List<LimitPolicy> policies =
        rules.stream()
            .filter(Rule.Limited.class::isInstance)
            .flatMap(rule -> ((Rule.Limited) rule).policies().all().stream())
            .toList();
    try {
      limiter.check(identity -> limits(identity, policies));
      return true;
    } catch (IllegalArgumentException e) {
      return false; // each was checked alone, so it is their union that cannot be kept
    }
  }

  private static List<PartitionedLimit> limits(Identity identity, List<LimitPolicy> policies) {
    Set<PartitionedLimit> limits = new LinkedHashSet<>();
    policies.forEach(policy -> limits.addAll(policy.limits(identity)));
    return List.copyOf(limits);
  }

  /** Takes one after the other up to the first denial, and returns the last decision. */
  Decision take(Identity identity, List<Rule.Charge> charges) {
    Rule.Charge first = charges.get(0);
    if (charges.size() == 1 && first.cost() != Rule.Charge.ALL_THERE_CAN_BE) {
      return decide(identity, first.policy(), first.cost());
    }
    List<Joint> joints = join(identity, charges);
    Decision decision = decide(identity, joints.get(0).policy(), joints.get(0).cost);
    for (int i = 1; i < joints.size() && decision.permitted(); i++) {
      decision = decide(identity, joints.get(i).policy(), joints.get(i).cost);
    }
    return decision;
  }

  private Decision decide(Identity identity, LimitPolicy policy, long cost) {
    return Objects.requireNonNull(limiter.tryAcquire(identity, policy, cost), "decision");
  }

  private List<Joint> join(Identity identity, List<Rule.Charge> charges) {
    List<Joint> joints = new ArrayList<>();
    for (Rule.Charge charge : charges) {
      List<PartitionedLimit> limits = LimiterArguments.requireLimits(identity, charge.policy());
      long cost = charge.cost() == Rule.Charge.ALL_THERE_CAN_BE ? mostOf(limits) : charge.cost();
      if (!joining || joints.stream().noneMatch(joint -> joint.add(limits, cost))) {
        joints.add(new Joint(limits, cost));
      }
    }
    return joints;
  }

  private static long mostOf(List<PartitionedLimit> limits) {
    return limits.stream().mapToLong(each -> each.limit().capacity()).min().orElseThrow();
  }

  /** Limits that pay the same cost in one decision. */
  private static final class Joint {

    private final Map<String, PartitionedLimit> byName = new LinkedHashMap<>();
    private final long cost;

    Joint(List<PartitionedLimit> limits, long cost) {
      this.cost = cost;
      limits.forEach(limit -> byName.put(limit.name(), limit));
    }

    /** Adds limits that pay this cost, unless the name of one means another limit here. */
    boolean add(List<PartitionedLimit> limits, long ofCost) {
      if (ofCost != cost
          || limits.stream()
              .anyMatch(limit -> !byName.getOrDefault(limit.name(), limit).equals(limit))) {
        return false;
      }
      limits.forEach(limit -> byName.putIfAbsent(limit.name(), limit));
      return true;
    }

    LimitPolicy policy() {
      List<PartitionedLimit> limits = List.copyOf(byName.values());
      return identity -> limits;
    }
  }
}
