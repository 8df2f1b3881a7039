package dev.penstock.http;

import dev.penstock.Cost;
import dev.penstock.Identity;
import dev.penstock.LimitPolicy;
import dev.penstock.LimiterArguments;
import dev.penstock.PartitionedLimit;
import dev.penstock.RateLimiter;
import dev.penstock.Reservation;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Takes what requests are to pay, all or nothing, in as few decisions as there can be: charges of
 * one cost that are settled alike are one decision, in which each bucket pays once.
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
    Map<NamedLimits.Name, PartitionedLimit> byName = new LinkedHashMap<>();
    for (LimitPolicy policy : policies) {
      for (LimitPolicy choice : policy.choices().values()) {
        for (PartitionedLimit limit : choice.limits(identity)) {
          byName.putIfAbsent(NamedLimits.Name.of(limit), limit);
        }
      }
    }
    return List.copyOf(byName.values());
  }

  /** Returns the names of the policies, with plus signs between. */
  static String policyName(List<Rule.Charge> charges) {
    return charges.size() == 1
        ? charges.get(0).policy().name()
        : policyName(charges.stream().map(Rule.Charge::policy));
  }

  private static String policyName(Stream<LimitPolicy> policies) {
    return policies.map(LimitPolicy::name).distinct().collect(Collectors.joining("+"));
  }

  /** Takes all of it, or nothing; what is returned was denied or permitted as a whole. */
  Paid take(Identity identity, List<Rule.Charge> charges) {
    Rule.Charge first = charges.get(0);
    if (charges.size() == 1 && first.cost().isPresent()) {
      Cost cost = first.cost().get();
      return part(identity, first.policy(), cost, first.settling());
    }
    List<Paid.Part> paid = new ArrayList<>();
    boolean isWhole = false;
    try {
      for (Joint joint : join(identity, charges)) {
        Paid.Part part = part(identity, joint, joint.cost, joint.settling);
        if (!part.decision().permitted()) {
          return part;
        }
        paid.add(part);
      }
      isWhole = true;
      return paid.size() == 1 ? paid.get(0) : new Paid.Several(paid);
    } finally {
      if (!isWhole) {
        new Paid.Several(paid).reservation().cancel();
      }
    }
  }

  private Paid.Part part(Identity identity, LimitPolicy policy, Cost cost, Settling settling) {
    Reservation reservation =
        Objects.requireNonNull(limiter.reserve(identity, policy, cost), "reservation");
    return new Paid.Part(reservation, settling);
  }

  private List<Joint> join(Identity identity, List<Rule.Charge> charges) {
    List<Joint> joints = new ArrayList<>();
    for (Rule.Charge charge : charges) {
      List<PartitionedLimit> limits = LimiterArguments.requireLimits(identity, charge.policy());
      Joint alone =
          new Joint(
              charge.policy(),
              limits,
              charge.cost().orElseGet(() -> mostOf(limits)),
              charge.settling());
      if (!joining || joints.stream().noneMatch(joint -> joint.add(alone))) {
        joints.add(alone);
      }
    }
    return joints;
  }

  /**
   * Returns as much of each unit as the smallest of its buckets can hold. What costs more is denied
   * for ever, so no request that could be permitted costs more, whatever its path means. What is
   * only tried denies nothing.
   */
  private static Cost mostOf(List<PartitionedLimit> limits) {
    Map<String, Long> smallest = new TreeMap<>();
    limits.stream()
        .filter(each -> !each.isShadow())
        .forEach(each -> smallest.merge(each.limit().unit(), each.limit().capacity(), Math::min));
    Optional<Cost> most = Optional.empty();
    for (Map.Entry<String, Long> unit : smallest.entrySet()) {
      most =
          Optional.of(
              most.map(cost -> cost.and(unit.getKey(), unit.getValue()))
                  .orElseGet(() -> Cost.units(unit.getKey(), unit.getValue())));
    }
    return most.orElse(Cost.ONE_REQUEST);
  }

  /** Limits that pay the same cost in one decision, and are settled alike. */
  private static final class Joint implements LimitPolicy {

    private final List<LimitPolicy> policies = new ArrayList<>();
    private final Map<NamedLimits.Name, PartitionedLimit> byName = new LinkedHashMap<>();
    private final Cost cost;
    private final Settling settling;

    Joint(LimitPolicy policy, List<PartitionedLimit> limits, Cost cost, Settling settling) {
      this.policies.add(policy);
      this.cost = cost;
      this.settling = settling;
      limits.forEach(limit -> byName.put(NamedLimits.Name.of(limit), limit));
    }

    /** Adds what pays and is settled the same, unless one name means two limits then. */
    boolean add(Joint other) {
      if (!other.cost.equals(cost)
          || !other.settling.equals(settling)
          || other.byName.entrySet().stream()
              .anyMatch(
                  each ->
                      !byName
                          .getOrDefault(each.getKey(), each.getValue())
                          .equals(each.getValue()))) {
        return false;
      }
      policies.addAll(other.policies);
      other.byName.forEach(byName::putIfAbsent);
      return true;
    }

    @Override
    public List<PartitionedLimit> limits(Identity identity) {
      return List.copyOf(byName.values());
    }

    @Override
    public String name() {
      return Charges.policyName(policies.stream());
    }
  }
}
