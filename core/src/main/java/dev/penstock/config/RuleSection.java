package dev.penstock.config;

import dev.penstock.config.Node.Items;
import dev.penstock.config.Node.Member;
import dev.penstock.config.PolicyRule.Charged;
import dev.penstock.config.PolicyRule.Exempt;
import dev.penstock.config.PolicyRule.Limited;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** Reads rules. */
final class RuleSection {

  static final String[] KNOWN = {
    "exempt", "pattern", "policy", "policyFor", "cost", "settle", "watched", "shadow"
  };
  private static final String[] BESIDE_PATTERN = {
    "pattern", "policy", "policyFor", "cost", "settle", "watched", "shadow"
  };

  private final Policies policies;
  private final Plans plans;
  private final Faults faults;
  private final RuleChecks checks;
  private final Set<String> used = new HashSet<>();

  /** Policies as a gate takes them, made once: rules share them. */
  private final Map<List<NamedPolicy>, Charged> charged = new HashMap<>();

  RuleSection(Policies policies, Plans plans, Faults faults) {
    this.policies = policies;
    this.plans = plans;
    this.faults = faults;
    this.checks = new RuleChecks(faults);
  }

  /** {@return one of the rules} */
  Optional<PolicyRule> read(Node node) {
    return Section.of(node, faults, KNOWN).flatMap(this::read);
  }

  private Optional<PolicyRule> read(Section rule) {
    if (rule.has("exempt")) {
      for (String other : rule.present(BESIDE_PATTERN)) {
        faults.add(rule.where(other), "must not stand beside exempt");
      }
      return pattern(rule, "exempt")
          .map(pattern -> new Exempt(rule.where(), rule.where("exempt"), pattern));
    }
    for (String name : List.of("pattern", "policy")) {
      if (!rule.has(name)) {
        faults.add(rule.where(), "must have " + name + ", or exempt");
      }
    }
    Optional<String> pattern = pattern(rule, "pattern");
    List<NamedPolicy> tried = rule.node("shadow").map(this::tried).orElse(List.of());
    Optional<Charged> policy = rule.node("policy").flatMap(node -> charged(node, tried));
    Map<String, Charged> others = others(rule, tried);
    RuleCost cost = RuleCost.read(rule, faults);
    if (policy.isEmpty()) {
      return Optional.empty();
    }
    Limited limited =
        new Limited(
            rule.where(),
            rule.where("pattern"),
            pattern.orElse(others.isEmpty() ? "/**" : "/{any}"),
            policy.get(),
            others,
            cost);
    checks.check(limited);
    return pattern.map(each -> limited);
  }

  private Optional<String> pattern(Section rule, String name) {
    return rule.text(name).filter(pattern -> checks.isPattern(pattern, rule.where(name)));
  }

  private List<NamedPolicy> tried(Node node) {
    return policies(node).orElse(List.of()).stream().map(NamedPolicy::asShadow).toList();
  }

  private Map<String, Charged> others(Section rule, List<NamedPolicy> tried) {
    Map<String, Charged> others = new LinkedHashMap<>();
    for (Member value : rule.members("policyFor")) {
      charged(value.value(), tried).ifPresent(each -> others.put(value.name(), each));
    }
    return others;
  }

  /** Returns the policies of a node, and those that are only tried, joined. */
  private Optional<Charged> charged(Node node, List<NamedPolicy> tried) {
    return policies(node)
        .flatMap(
            named -> joined(node.where(), Stream.concat(named.stream(), tried.stream()).toList()));
  }

  /** Returns the policy of a name, or those of a list. */
  private Optional<List<NamedPolicy>> policies(Node node) {
    if (!(node instanceof Items list)) {
      return policy(node).map(List::of);
    }
    List<Node> names = list.items();
    if (names.isEmpty()) {
      faults.add(node.where(), "must name at least one policy");
    }
    List<NamedPolicy> named = new ArrayList<>();
    boolean isWhole = !names.isEmpty();
    for (Node each : names) {
      Optional<NamedPolicy> policy = policy(each);
      policy.ifPresent(named::add);
      isWhole &= policy.isPresent();
    }
    return isWhole ? Optional.of(named) : Optional.empty();
  }

  private Optional<NamedPolicy> policy(Node node) {
    return Section.text(node, faults).flatMap(name -> named(name, node.where()));
  }

  private Optional<NamedPolicy> named(String name, Where where) {
    Optional<NamedPolicy> policy = Optional.ofNullable(policies.byName().get(name));
    used.add(name);
    if (policy.isEmpty()) {
      String hint = NearestName.hint(name, policies.byName().keySet()).map("; "::concat).orElse("");
      faults.add(where, "must be the name of a policy: " + Shown.quoted(name) + hint);
    }
    return policy;
  }

  /** Those without a limit are told of at the policy. */
  private Optional<Charged> joined(Where where, List<NamedPolicy> named) {
    Optional<Charged> known = Optional.ofNullable(charged.get(named));
    if (known.isPresent() || named.stream().anyMatch(policy -> policy.limits().isEmpty())) {
      return known;
    }
    Optional<Charged> joined =
        faults
            .attempt(where, () -> NamedPolicy.joined(named).policy(plans))
            .map(policy -> new Charged(named, policy));
    joined.ifPresent(each -> charged.put(named, each));
    return joined;
  }

  RuleChecks checks() {
    return checks;
  }

  /** Refuses the policies that no rule has named. */
  void refuseUnused() {
    for (NamedPolicy policy : policies.byName().values()) {
      if (!used.contains(policy.name())) {
        faults.add(policy.where(), "must be the policy of a rule: no rule names it");
      }
    }
  }
}
