package dev.penstock.http;

import dev.penstock.BoundedLog;
import dev.penstock.LimitPolicy;
import java.util.function.Function;
import java.util.function.ToLongFunction;

/** What becomes of the requests of a pattern. */
sealed interface Rule {

  /** {@return which requests the rule is for} */
  RequestPattern pattern();

  /** They are charged nothing. */
  record Exempt(RequestPattern pattern) implements Rule {}

  /**
   * They are charged.
   *
   * @param pattern which requests
   * @param policy under which of the policies that were prepared for this rule
   * @param cost how many tokens
   * @param fallback how many where that fails
   * @param log what is told of that
   */
  record Limited(
      RequestPattern pattern,
      Function<MatchedRequest, LimitPolicy> policy,
      ToLongFunction<MatchedRequest> cost,
      long fallback,
      BoundedLog log)
      implements Rule {

    Limited(
        RequestPattern pattern,
        Function<MatchedRequest, LimitPolicy> policy,
        ToLongFunction<MatchedRequest> cost,
        long fallback) {
      this(pattern, policy, cost, fallback, new BoundedLog(HttpRateLimiter.class));
    }

    Charge charge(MatchedRequest request) {
      return new Charge(policy.apply(request), costOf(request));
    }

    /** A function that fails must not fail the request, nor let it pass for nothing. */
    private long costOf(MatchedRequest request) {
      try {
        long tokens = cost.applyAsLong(request);
        if (tokens >= 1) {
          return tokens;
        }
        log.warn("cost must be at least 1, and " + fallback + " is charged: " + tokens);
      } catch (Throwable e) { // an Error, too, which a client may know how to provoke
        log.warn(cost.getClass().getName() + " failed, and " + fallback + " is charged", e);
      }
      return fallback;
    }
  }

  /** Tokens to be taken under a policy. */
  record Charge(LimitPolicy policy, long cost) {}
}
