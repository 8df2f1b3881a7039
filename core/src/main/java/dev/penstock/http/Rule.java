package dev.penstock.http;

import dev.penstock.Cost;
import dev.penstock.LimitPolicy;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What becomes of the requests of a pattern. */
sealed interface Rule {

  /** {@return which requests the rule is for} */
  RequestPattern pattern();

  /** They are charged nothing. */
  record Exempt(RequestPattern pattern) implements Rule {}

  /** They are charged. */
  final class Limited implements Rule {

    private final RequestPattern pattern;
    private final PolicyChoice policies;
    private final RequestCost cost;

    /** What a request with a plain path is to pay; null where it has a say in it. */
    private final @Nullable List<Charge> always;

    /**
     * @param pattern which requests
     * @param policies under which of the policies that were prepared for this rule
     * @param cost how much
     */
    Limited(RequestPattern pattern, PolicyChoice policies, RequestCost cost) {
      this.pattern = pattern;
      this.policies = policies;
      this.cost = cost;
      this.always =
          policies.all().size() == 1 && cost.fixed().isPresent()
              ? charges(policies.all(), cost.fixed())
              : null;
    }

    @Override
    public RequestPattern pattern() {
      return pattern;
    }

    PolicyChoice policies() {
      return policies;
    }

    /** Returns what a request with a plain path is to pay. */
    List<Charge> charges(RequestView request, PlainPath path, boolean ignoringCase) {
      if (always != null) {
        return always;
      }
      MatchedRequest matched = MatchedRequest.plain(request, pattern, path);
      return charges(policies.of(matched, ignoringCase), cost.estimateOf(matched));
    }

    /**
     * Returns what a request is to pay whose variables nobody knows: under all the policies, or
     * under more than anybody can pay.
     */
    List<Charge> charges(RequestView request) {
      return charges(mostOfAll(), cost.estimateOf(MatchedRequest.odd(request, pattern)));
    }

    /** Returns the same where no request has a say in it. */
    Optional<List<Charge>> fixedCharges() {
      return cost.fixed().map(each -> charges(mostOfAll(), Optional.of(each)));
    }

    private List<LimitPolicy> mostOfAll() {
      List<LimitPolicy> all = policies.all();
      return all.subList(0, Math.min(all.size(), Rules.MOST_CHARGES + 1));
    }

    private List<Charge> charges(List<LimitPolicy> chosen, Optional<Cost> each) {
      Charge[] charges = new Charge[chosen.size()];
      for (int i = 0; i < charges.length; i++) {
        charges[i] = new Charge(chosen.get(i), each, cost.settling());
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
