package dev.penstock;

import dev.penstock.base.BoundedLog;
import java.lang.System.Logger.Level;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BinaryOperator;
import java.util.function.Function;

/**
 * A policy that goes by the plan of an identity.
 *
 * @param planOf gives the plan
 * @param plans the policy of each
 * @param otherwise the plan of those who have none of these
 */
record PlannedPolicy(
    Function<? super Identity, Optional<String>> planOf,
    Map<String, LimitPolicy> plans,
    String otherwise)
    implements LimitPolicy {

  static final Function<Identity, Optional<String>> OF_THE_IDENTITY = Identity::plan;

  private static final BoundedLog LOG = new BoundedLog(LimitPolicy.class);

  static PlannedPolicy of(
      Function<? super Identity, Optional<String>> planOf,
      Map<String, LimitPolicy> plans,
      String otherwise) {
    Objects.requireNonNull(planOf, "planOf");
    Objects.requireNonNull(plans, "plans");
    Objects.requireNonNull(otherwise, "otherwise");
    PlannedPolicy planned = new PlannedPolicy(planOf, Map.copyOf(plans), otherwise);
    if (!plans.containsKey(otherwise)) {
      throw new IllegalArgumentException(
          "otherwise must be a plan of these, " + new TreeSet<>(plans.keySet()) + ": " + otherwise);
    }
    planned.requireNumbersToDifferAlone();
    return planned;
  }

  private void requireNumbersToDifferAlone() {
    Map<String, PartitionedLimit> seen = new HashMap<>();
    Map<String, PartitionedLimit> seenInShadow = new HashMap<>();
    for (LimitPolicy plan : choices().values()) {
      if (!(plan instanceof PreparedPolicy prepared)) {
        continue; // of one that says its limits for each identity they are not known
      }
      for (PartitionedLimit limit : prepared.prepared()) {
        PartitionedLimit earlier =
            (limit.isShadow() ? seenInShadow : seen).putIfAbsent(limit.name(), limit);
        if (earlier != null && !differInNumbersAlone(earlier, limit)) {
          throw new IllegalArgumentException(
              "plans must have one kind, unit and partition for limits of one name, "
                  + earlier
                  + ": "
                  + limit);
        }
      }
    }
  }

  private static boolean differInNumbersAlone(PartitionedLimit one, PartitionedLimit other) {
    return one.partition() == other.partition()
        && one.limit() instanceof InFlightLimit == other.limit() instanceof InFlightLimit
        && one.limit().unit().equals(other.limit().unit());
  }

  /** Returns the policy that an identity goes by. */
  LimitPolicy of(Identity identity) {
    LimitPolicy chosen = planOf(identity).map(plans::get).orElse(null);
    return chosen == null ? Objects.requireNonNull(plans.get(otherwise)) : chosen;
  }

  private Optional<String> planOf(Identity identity) {
    try {
      return Objects.requireNonNull(planOf.apply(identity), "plan");
    } catch (Throwable e) { // of the application's, an Error as well: nobody is unlimited by it
      LOG.log(Level.WARNING, "no plan, so the identity goes by " + otherwise, e);
      return Optional.empty();
    }
  }

  @Override
  public List<PartitionedLimit> limits(Identity identity) {
    return of(identity).limits(identity);
  }

  @Override
  public String name() {
    return Objects.requireNonNull(plans.get(otherwise)).name();
  }

  @Override
  public Map<String, LimitPolicy> choices() {
    Map<String, LimitPolicy> all = new TreeMap<>();
    plans.forEach(
        (plan, policy) ->
            policy.choices().forEach((inner, choice) -> all.put(both(plan, inner), choice)));
    return all;
  }

  @Override
  public LimitPolicy asShadow() {
    Map<String, LimitPolicy> inShadow = new HashMap<>();
    plans.forEach((plan, policy) -> inShadow.put(plan, policy.asShadow()));
    return of(planOf, inShadow, otherwise);
  }

  /** Returns what an identity is called that has both plans, each of which may be none. */
  static String both(String plan, String other) {
    return plan.isEmpty() || other.isEmpty() ? plan + other : plan + "+" + other;
  }

  /** Returns whether plans can be joined with a policy beforehand. */
  boolean canJoin(LimitPolicy other) {
    return other instanceof PreparedPolicy
        || (other instanceof PlannedPolicy planned
            && planned.planOf == planOf
            && planned.otherwise.equals(otherwise));
  }

  /** Returns the plans of both, each joined. */
  PlannedPolicy join(LimitPolicy other, BinaryOperator<LimitPolicy> joining) {
    if (!(other instanceof PlannedPolicy planned)) {
      Map<String, LimitPolicy> joined = new HashMap<>();
      plans.forEach((plan, policy) -> joined.put(plan, joining.apply(policy, other)));
      return of(planOf, joined, otherwise);
    }
    Set<String> names = new TreeSet<>(plans.keySet());
    names.addAll(planned.plans.keySet());
    Map<String, LimitPolicy> joined = new HashMap<>();
    for (String plan : names) {
      joined.put(plan, joining.apply(ofPlan(plan), planned.ofPlan(plan)));
    }
    return of(planOf, joined, otherwise);
  }

  private LimitPolicy ofPlan(String plan) {
    return plans.getOrDefault(plan, Objects.requireNonNull(plans.get(otherwise)));
  }
}
