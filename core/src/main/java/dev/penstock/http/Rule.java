package dev.penstock.http;

import dev.penstock.LimitPolicy;
import dev.penstock.base.BoundedLog;
import java.util.Collection;
import java.util.List;
import java.util.function.ToLongFunction;

/** What becomes of the requests of a pattern. */
sealed interface Rule {

  /** {@return which requests the rule is for} */
  RequestPattern pattern();

  /** {@return whether the rule is for requests of this method} */
  boolean isFor(String method);

  /** They are charged nothing. */
  record Exempt(RequestPattern pattern) implements Rule {

    @Override
    public boolean isFor(String method) {
      return pattern.isFor(method);
    }
  }

  /**
   * They are charged.
   *
   * @param pattern which requests
   * @param policies under which of the policies that were prepared for this rule
   * @param cost how many tokens
   * @param fallback how many where that fails
   * @param log what is told of that
   */
  record Limited(
      RequestPattern pattern,
      PolicyChoice policies,
      ToLongFunction<MatchedRequest> cost,
      long fallback,
      BoundedLog log)
      implements Rule {

    Limited(
        RequestPattern pattern,
        PolicyChoice policies,
        ToLongFunction<MatchedRequest> cost,
        long fallback) {
      this(pattern, policies, cost, fallback, new BoundedLog(HttpRateLimiter.class));
    }

    @Override
    public boolean isFor(String method) {
      return pattern.isForAnyCase(method);
    }

    /** Returns what a request with a plain path is to pay. */
    List<Charge> charges(MatchedRequest request, boolean ignoringCase) {
      return charges(policies.of(request, ignoringCase), costOf(request));
    }

    /** Returns what a request is to pay whose variables nobody knows: under all the policies. */
    List<Charge> charges(MatchedRequest request) {
      return charges(policies.all(), costOf(request));
    }

    private static List<Charge> charges(Collection<LimitPolicy> policies, long cost) {
      Charge[] charges = new Charge[policies.size()];
      int size = 0;
      for (LimitPolicy policy : policies) {
        charges[size++] = new Charge(policy, cost);
      }
      return List.of(charges);
    }

    /** A function that fails must not fail the request, nor let it pass for nothing. */
    private long costOf(MatchedRequest request) {
      long tokens = 0;
      Throwable failure = null;
      try {
        tokens = cost.applyAsLong(request);
      } catch (Throwable e) { // an Error, too, which a client may know how to provoke
        failure = e;
      }
      if (request.hidesVariable()) {
        return Charge.ALL_THERE_CAN_BE;
      }
      if (failure != null) {
        log.warn(cost.getClass().getName() + " failed, and " + fallback + " is charged", failure);
      } else if (tokens < 1) {
        log.warn("cost must be at least 1, and " + fallback + " is charged: " + tokens);
      }
      return tokens < 1 ? fallback : tokens;
    }
  }

  /**
   * Tokens to be taken under a policy.
   *
   * @param policy which buckets
   * @param cost how many tokens, or {@link #ALL_THERE_CAN_BE}
   */
  record Charge(LimitPolicy policy, long cost) {

    /** Stands for a cost that is not known: the largest one that could be permitted. */
    static final long ALL_THERE_CAN_BE = -1;
  }
}
