package dev.penstock.config;

import dev.penstock.Ban;
import dev.penstock.Identity;
import dev.penstock.IdentityResolver;
import dev.penstock.RateLimiter;
import dev.penstock.http.ClientAddress;
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
 * @param clients finds addresses
 * @param exemptions who pays nothing
 * @param tokens finds users
 * @param ban who is denied for a time
 * @param responses what responses look like
 * @param ignoringCase whether patterns ignore the case of letters
 */
record GateParts(
    List<PolicyRule> rules,
    Plans plans,
    ClientAddress clients,
    ExemptionSection exemptions,
    Optional<Tokens> tokens,
    Optional<Ban> ban,
    ResponseStyle responses,
    boolean ignoringCase) {

  GateParts {
    rules = List.copyOf(rules);
  }

  /** {@return these with the resolver of others, where it is described alike} */
  GateParts reusing(GateParts others) {
    boolean alike =
        tokens.isPresent() && others.tokens.isPresent() && tokens.get().isLike(others.tokens.get());
    return new GateParts(
        rules,
        plans,
        clients,
        exemptions,
        alike ? others.tokens : tokens,
        ban,
        responses,
        ignoringCase);
  }

  /** {@return a gate before a limiter, to be built} What the limiter cannot keep is a fault. */
  HttpRateLimiterBuilder gate(RateLimiter limiter, Faults faults) {
    HttpRateLimiterBuilder gate =
        HttpRateLimiter.builder(ban.map(limiter::banning).orElse(limiter))
            .identity(identities())
            .responses(responses);
    if (ignoringCase) {
      gate.ignoringCase();
    }
    exemptions.addTo(gate, clients);
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

  private IdentityResolver<RequestView> identities() {
    IdentityResolver<RequestView> found =
        tokens.isPresent() ? tokens.get().resolver().orElse(clients) : clients;
    return plans.ofWorkspaces().isEmpty()
        ? found
        : request -> found.resolve(request).map(this::planned);
  }

  /** {@return the identity with the plan that its workspace has, whatever else it has} */
  Identity planned(Identity identity) {
    return identity
        .workspace()
        .map(plans.ofWorkspaces()::get)
        .map(identity::withPlan)
        .orElse(identity);
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
