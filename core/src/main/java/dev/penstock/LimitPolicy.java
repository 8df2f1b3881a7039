package dev.penstock;

import java.util.List;

/**
 * A named rule that says which buckets an identity's request is charged to.
 *
 * <p>The factories build policies that name the same limits for every identity. Join them with
 * {@link #and}: a request then takes its cost from all the buckets or from none. For limits that
 * depend on the identity, such as a plan, implement the interface: {@code identity ->
 * premium(identity) ? gold.limits(identity) : basic.limits(identity)}.
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
   * most once, never changed afterwards}
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
