package dev.penstock;

import java.util.List;
import java.util.Objects;

/**
 * What every {@link RateLimiter} checks of its arguments, so that all of them refuse the same in
 * the same words. For whoever writes one.
 */
public final class LimiterArguments {

  private LimiterArguments() {}

  /**
   * Checks a number of tokens.
   *
   * @param parameter its name, for the message
   * @param tokens at least 1
   * @throws IllegalArgumentException if it is below 1
   */
  public static void requireTokens(String parameter, long tokens) {
    if (tokens < 1) {
      throw new IllegalArgumentException(parameter + " must be at least 1: " + tokens);
    }
  }

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
}
