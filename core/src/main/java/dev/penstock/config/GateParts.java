package dev.penstock.config;

import dev.penstock.Ban;
import dev.penstock.IdentityResolver;
import dev.penstock.RateLimiter;
import dev.penstock.http.HttpRateLimiter;
import dev.penstock.http.HttpRateLimiterBuilder;
import dev.penstock.http.RequestView;
import dev.penstock.http.ResponseStyle;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What the gate of a file is made of, apart from the limiter, which outlives it.
 *
 * @param rules in their order
 * @param plans who has which
 * @param identities who is charged
 * @param exemptions who pays nothing
 * @param ban who is denied for a time
 * @param responses what responses look like
 * @param patience how much is read of what rejected clients go on to send
 * @param ignoringCase whether patterns ignore the case of letters
 */
record GateParts(
    List<PolicyRule> rules,
    Plans plans,
    Identities identities,
    ExemptionSection exemptions,
    Optional<Ban> ban,
    ResponseStyle responses,
    PatienceSection patience,
    boolean ignoringCase) {

  GateParts {
    rules = List.copyOf(rules);
  }

  /** {@return these with the resolver of others, where it is described alike} */
  GateParts reusing(GateParts others) {
    return new GateParts(
        rules,
        plans,
        identities.reusing(others.identities),
        exemptions,
        ban,
        responses,
        patience,
        ignoringCase);
  }

  /** {@return a gate before a limiter, to be built} What the limiter cannot keep is a fault. */
  HttpRateLimiterBuilder gate(RateLimiter limiter, Faults faults) {
    HttpRateLimiterBuilder gate =
        HttpRateLimiter.builder(ban.map(limiter::banning).orElse(limiter))
            .identity(resolver())
            .responses(responses);
    if (ignoringCase) {
      gate.ignoringCase();
    }
    exemptions.addTo(gate, identities.clients());
    patience.addTo(gate, identities.clients());
    for (PolicyRule rule : rules) {
      faults.attempt(
          rule.where(),
          () -> {
            rule.addTo(gate);
            return rule;
          });
    }
    return gate;
  }

  private IdentityResolver<RequestView> resolver() {
    IdentityResolver<RequestView> found = identities.resolver();
    return plans.nameHolders() ? request -> found.resolve(request).map(plans::planned) : found;
  }

  /** {@return the policies that rules name, in the order of the file} */
  List<FilePolicy> policies() {
    Map<String, NamedPolicy> byName = new HashMap<>();
    for (PolicyRule rule : rules) {
      if (rule instanceof PolicyRule.Limited limited) {
        limited.policies().forEach(each -> byName.merge(each.name(), each, NamedPolicy::and));
      }
    }
    return byName.values().stream()
        .map(policy -> FilePolicy.of(policy, plans))
        .sorted(Comparator.comparingInt(FilePolicy::line).thenComparing(FilePolicy::name))
        .toList();
  }
}
