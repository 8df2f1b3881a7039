package dev.penstock;

import java.util.List;
import java.util.Objects;

/**
 * What every {@link RateLimiter} checks of its arguments, so that all of them refuse the same in
 * the same words, and the same one first where several are wrong. For whoever writes one.
 */
public final class LimiterArguments {

  private LimiterArguments() {}

  /**
   * Returns the limits that a policy names for an identity.
   *
   * @param identity who is charged
   * @param policy which buckets are charged
   * @return at least one limit
   * @throws IllegalArgumentException if the policy names none
   */
  public static List<PartitionedLimit> requireLimits(Identity identity, LimitPolicy policy) {
    Objects.requireNonNull(identity, "identity");
    Objects.requireNonNull(policy, "policy");
    List<PartitionedLimit> limits = policy.limits(identity);
    if (limits.isEmpty()) {
      throw new IllegalArgumentException("policy must name at least one limit: " + policy);
    }
    return limits;
  }

  /**
   * Returns the limits that a policy names for an identity, if the number of tokens is one.
   *
   * @param identity who is charged
   * @param policy which buckets are charged
   * @param parameter what the number is called, for the message
   * @param tokens at least 1
   * @return at least one limit
   * @throws IllegalArgumentException if the policy names no limit, or {@code tokens} is below 1
   */
  public static List<PartitionedLimit> requireLimits(
      Identity identity, LimitPolicy policy, String parameter, long tokens) {
    List<PartitionedLimit> limits = requireLimits(identity, policy);
    if (tokens < 1) {
      throw new IllegalArgumentException(parameter + " must be at least 1: " + tokens);
    }
    return limits;
  }
}
