package dev.penstock.http;

import dev.penstock.Cost;
import dev.penstock.LimitPolicy;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

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
   * @param cost how much
   */
  record Limited(RequestPattern pattern, PolicyChoice policies, RequestCost cost) implements Rule {

    @Override
    public boolean isFor(String method) {
      return pattern.isForAnyCase(method);
    }

    /** Returns what a request with a plain path is to pay. */
    List<Charge> charges(MatchedRequest request, boolean ignoringCase) {
      return charges(policies.of(request, ignoringCase), request);
    }

    /** Returns what a request is to pay whose variables nobody knows: under all the policies. */
    List<Charge> charges(MatchedRequest request) {
      return charges(policies.all(), request);
    }

    private List<Charge> charges(Collection<LimitPolicy> chosen, MatchedRequest request) {
      Optional<Cost> each = cost.estimateOf(request);
      Charge[] charges = new Charge[chosen.size()];
      int size = 0;
      for (LimitPolicy policy : chosen) {
        charges[size++] = new Charge(policy, each, cost.settling());
      }
      return List.of(charges);
    }
  }

  /**
   * What is to be taken under a policy.
   *
   * @param policy which buckets
   * @param cost how much; empty where that is not known: the most that could be permitted
   * @param settling how the response says what it was in the end
   */
  record Charge(LimitPolicy policy, Optional<Cost> cost, Settling settling) {}
}
