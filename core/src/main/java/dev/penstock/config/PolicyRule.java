package dev.penstock.config;

import dev.penstock.LimitPolicy;
import dev.penstock.http.HttpRateLimiterBuilder;
import dev.penstock.http.RequestCost;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** A rule of a file, in its place among the others. */
sealed interface PolicyRule {

  /** {@return where it begins} */
  Where where();

  /** {@return where its pattern stands} */
  Where patternWhere();

  /** {@return which requests it is for} */
  String pattern();

  /**
   * Adds the rule to a gate.
   *
   * @throws IllegalArgumentException as the builder does
   */
  void addTo(HttpRateLimiterBuilder gate);

  /** A rule whose requests are charged nothing. */
  record Exempt(Where where, Where patternWhere, String pattern) implements PolicyRule {

    @Override
    public void addTo(HttpRateLimiterBuilder gate) {
      gate.exempt(pattern);
    }
  }

  /**
   * A rule whose requests are charged.
   *
   * @param where where it begins
   * @param patternWhere where its pattern stands
   * @param pattern which requests
   * @param policy under which policy
   * @param policyFor under which others for values of the pattern's variable
   * @param cost how much
   */
  record Limited(
      Where where,
      Where patternWhere,
      String pattern,
      Charged policy,
      Map<String, Charged> policyFor,
      RuleCost cost)
      implements PolicyRule {

    @Override
    public void addTo(HttpRateLimiterBuilder gate) {
      if (policyFor.isEmpty()) {
        cost.cost()
            .ifPresentOrElse(
                each -> gate.rule(pattern, policy.joined(), each),
                () -> gate.rule(pattern, policy.joined()));
        return;
      }
      Map<String, LimitPolicy> others = new LinkedHashMap<>();
      policyFor.forEach((value, charged) -> others.put(value, charged.joined()));
      Optional<RequestCost> said = cost.cost();
      if (said.isPresent()) {
        gate.rule(pattern, others, policy.joined(), said.get());
      } else {
        gate.rule(pattern, others, policy.joined());
      }
    }

    /** {@return under what its requests may be charged} */
    List<Charged> charged() {
      return policyFor.isEmpty()
          ? List.of(policy)
          : Stream.concat(Stream.of(policy), policyFor.values().stream()).toList();
    }

    /** {@return all the policies of that, each once} */
    List<NamedPolicy> policies() {
      return policyFor.isEmpty()
          ? policy.policies()
          : charged().stream().flatMap(each -> each.policies().stream()).distinct().toList();
    }
  }

  /**
   * The policies that a request is charged under, all or nothing.
   *
   * @param policies what the file calls them
   * @param joined as one
   */
  record Charged(List<NamedPolicy> policies, LimitPolicy joined) {

    public Charged {
      policies = List.copyOf(policies);
    }

    /** {@return whether one of their limits counts this unit} */
    boolean counts(String unit) {
      for (NamedPolicy each : policies) {
        for (NamedLimit limit : each.limits()) {
          if (limit.unit().equals(unit)) {
            return true;
          }
        }
      }
      return false;
    }

    /** {@return what their limits count, each once} */
    List<String> units() {
      return policies.stream()
          .flatMap(policy -> policy.limits().stream())
          .map(NamedLimit::unit)
          .distinct()
          .toList();
    }
  }
}
