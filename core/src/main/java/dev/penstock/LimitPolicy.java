package dev.penstock;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * A named rule that says which buckets an identity's request is charged to.
 *
 * <p>The factories build policies that name the same limits for every identity. Join them with
 * {@link #and}: a request then takes its cost from all the buckets or from none. Limits that hang
 * on the plan of an identity are made by {@link #byPlan}, and any others by an implementation of
 * this interface.
 *
 * <p>Implementations are thread-safe, do not block, and return lists that were prepared before:
 * they are asked once for every request. Whoever calls a {@link RateLimiter} with a policy that
 * fails or names no buckets gets the exception; over HTTP such a request is answered with 503, and
 * the failure is logged.
 */
@FunctionalInterface
public interface LimitPolicy {

  /**
   * {@return the limits that a request of this identity is charged to, at least one, each name at
   * most once, and once more {@linkplain PartitionedLimit#asShadow in shadow}, never changed
   * afterwards}
   *
   * @param identity who is charged
   */
  List<PartitionedLimit> limits(Identity identity);

  /**
   * {@return what the policy is called in {@linkplain RateLimitEvent events}} Those of the
   * factories bear the names they were made with, joined ones both with a plus sign between, and
   * others {@code custom} unless they say another.
   */
  default String name() {
    return "custom";
  }

  /**
   * Returns a policy of limits that each identity has for itself. The first limit bears the name
   * itself, the second {@code name-2}, and so on.
   *
   * @param name 1 to 128 printable ASCII characters
   * @param limits at least one
   * @return the policy
   * @throws IllegalArgumentException if the name is no such name, or there is no limit
   */
  static LimitPolicy perIdentity(String name, Limit... limits) {
    return PreparedPolicy.of(name, Partition.IDENTITY, limits);
  }

  /**
   * Returns a policy of limits that all users of a workspace share. An identity without a workspace
   * is charged alone. The first limit bears the name itself, the second {@code name-2}, and so on.
   *
   * @param name 1 to 128 printable ASCII characters
   * @param limits at least one
   * @return the policy
   * @throws IllegalArgumentException if the name is no such name, or there is no limit
   */
  static LimitPolicy perWorkspace(String name, Limit... limits) {
    return PreparedPolicy.of(name, Partition.WORKSPACE, limits);
  }

  /**
   * Returns a policy of limits that all identities share. The first limit bears the name itself,
   * the second {@code name-2}, and so on.
   *
   * @param name 1 to 128 printable ASCII characters
   * @param limits at least one
   * @return the policy
   * @throws IllegalArgumentException if the name is no such name, or there is no limit
   */
  static LimitPolicy everyone(String name, Limit... limits) {
    return PreparedPolicy.of(name, Partition.EVERYONE, limits);
  }

  /**
   * Returns a policy of limits that each bear a name of their own.
   *
   * @param name of the policy, 1 to 128 printable ASCII characters
   * @param limits at least one, each name once
   * @return the policy
   * @throws IllegalArgumentException if the name is no such name, there is no limit, or a name is
   *     there twice
   */
  static LimitPolicy of(String name, PartitionedLimit... limits) {
    return PreparedPolicy.of(name, limits);
  }

  /**
   * Returns a policy whose limits hang on the {@linkplain Identity#plan plan} of an identity.
   *
   * <p>A plan changes numbers under one name: limits of one name have one bucket in all plans, so
   * what was used stays used, as a part of the capacity, when an identity changes its plan, up and
   * down and up again. Name them the same in each plan, as {@link #of} or the other factories do
   * under one name.
   *
   * @param plans the policy of each plan
   * @param otherwise the plan of whoever has none, or one that is not among these
   * @return the policy, called as that of the plan {@code otherwise} is
   * @throws IllegalArgumentException if {@code otherwise} is no plan of these, or limits of one
   *     name differ in more than their numbers: in kind, unit or partition
   */
  static LimitPolicy byPlan(Map<String, LimitPolicy> plans, String otherwise) {
    return PlannedPolicy.of(PlannedPolicy.OF_THE_IDENTITY, plans, otherwise);
  }

  /**
   * Returns a policy as {@link #byPlan(Map, String)} does, by plans that the application knows: of
   * a list of identities, {@code identity -> Optional.ofNullable(list.get(identity))}.
   *
   * @param planOf gives the plan of an identity, at once, as it is asked for every request; empty
   *     where it has none. Where it throws or returns null, the identity has none, and a line of
   *     the system logger {@code dev.penstock.LimitPolicy} says so. Thread-safe
   * @param plans the policy of each plan
   * @param otherwise the plan of whoever has none, or one that is not among these
   * @return the policy, called as that of the plan {@code otherwise} is
   * @throws IllegalArgumentException as in {@link #byPlan(Map, String)}
   */
  static LimitPolicy byPlan(
      Function<? super Identity, Optional<String>> planOf,
      Map<String, LimitPolicy> plans,
      String otherwise) {
    return PlannedPolicy.of(planOf, plans, otherwise);
  }

  /**
   * {@return the policies of which this one chooses by identity, by the names of plans, so that all
   * of them can be checked beforehand; this one alone, under an empty name, where it does not
   * choose or does not tell}
   */
  default Map<String, LimitPolicy> choices() {
    return Map.of("", this);
  }

  /**
   * {@return a policy of the same limits, all of which are only tried: none of them denies a
   * request, and {@link Decision#shadow} says what they would have decided}
   *
   * <p>A limit in shadow has buckets of its own, so it may bear the name of one that is enforced,
   * also within one policy: {@code now.and(next.asShadow())}.
   */
  default LimitPolicy asShadow() {
    return PreparedPolicy.asShadow(this);
  }

  /**
   * Returns a policy that charges the buckets of this one and those of another.
   *
   * @param other what is charged besides
   * @return the policy of both
   * @throws IllegalArgumentException if both are prepared by the factories and share a name
   */
  default LimitPolicy and(LimitPolicy other) {
    return PreparedPolicy.join(this, other);
  }
}
