package dev.penstock.config;

import dev.penstock.Cost;
import dev.penstock.config.PolicyRule.Charged;
import dev.penstock.config.PolicyRule.Limited;
import dev.penstock.http.HiddenRules;
import dev.penstock.http.HttpRateLimiter;
import dev.penstock.http.HttpRateLimiterBuilder;
import dev.penstock.memory.InMemoryRateLimiter;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** Looks for what a rule and its policies each say well, and do not say well together. */
final class RuleChecks {

  private static final Set<String> CHARGED_UNLESS_NAMED =
      Set.of(Cost.REQUESTS, Cost.CONCURRENT_REQUESTS);

  /** Is never built: it judges what it is given. */
  private final HttpRateLimiterBuilder gate =
      HttpRateLimiter.builder(InMemoryRateLimiter.create(1));

  private final Faults faults;

  RuleChecks(Faults faults) {
    this.faults = faults;
  }

  /** {@return whether a pattern is one} */
  boolean isPattern(String pattern, Where where) {
    return faults.attempt(where, () -> gate.exempt(pattern)).isPresent();
  }

  /** Refuses the rules that no request goes by. */
  void refuseHidden(List<PolicyRule> rules, boolean ignoringCase) {
    HiddenRules.among(rules.stream().map(PolicyRule::pattern).toList(), ignoringCase)
        .forEach(
            (hidden, hiding) ->
                faults.add(
                    rules.get(hidden).patternWhere(),
                    "must come before "
                        + hiding.stream()
                            .map(each -> rules.get(each).where())
                            .map(where -> where.path() + " at line " + where.line())
                            .collect(Collectors.joining(" and "))
                        + ", or no request goes by it"));
  }

  /** Adds what is wrong with a rule. */
  void check(Limited rule) {
    List<NamedPolicy> policies = rule.policies();
    refuseTooMuch(rule.cost(), policies);
    if (namesCountedUnits(rule)) {
      refuseUnnamedUnits(rule.cost(), policies);
      faults.attempt(
          rule.patternWhere(),
          () -> {
            rule.addTo(gate);
            return gate;
          });
    }
  }

  /** A unit that is forgotten would be charged 0 for ever. */
  private void refuseUnnamedUnits(RuleCost cost, List<NamedPolicy> policies) {
    Set<String> told = new HashSet<>();
    for (NamedPolicy policy : policies) {
      for (NamedLimit limit : policy.limits()) {
        boolean isNamed =
            CHARGED_UNLESS_NAMED.contains(limit.unit()) || cost.units().containsKey(limit.unit());
        if (!isNamed && told.add(limit.unit())) {
          faults.add(
              cost.where(),
              "must say what it costs in "
                  + limit.unit()
                  + ", which limit "
                  + limit.name()
                  + " counts: in cost, 0 where the application settles it, or in settle");
        }
      }
    }
  }

  /** A unit that is misspelled would be charged to nobody. */
  private boolean namesCountedUnits(Limited rule) {
    boolean all = true;
    for (Map.Entry<String, Where> unit : rule.cost().units().entrySet()) {
      for (Charged charged : rule.charged()) {
        if (!charged.counts(unit.getKey())) {
          List<String> counted = charged.units();
          faults.add(
              unit.getValue(),
              "must be a unit that a limit of the policy counts, "
                  + String.join(", ", counted)
                  + ": "
                  + Shown.quoted(unit.getKey())
                  + NearestName.hint(unit.getKey(), counted).map("; "::concat).orElse(""));
          all = false;
          break;
        }
      }
    }
    return all;
  }

  private void refuseTooMuch(RuleCost cost, List<NamedPolicy> policies) {
    for (NamedPolicy policy : policies) {
      for (NamedLimit limit : policy.limits()) {
        long amount = cost.amount(limit.unit());
        long least = limit.leastCapacity();
        if (amount > least) {
          faults.add(
              cost.where(),
              "must be at most "
                  + least
                  + " "
                  + limit.unit()
                  + ", the capacity of limit "
                  + limit.name()
                  + ": "
                  + amount);
        }
      }
    }
  }
}
