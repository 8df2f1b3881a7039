package dev.penstock.config;

import dev.penstock.Identity;
import dev.penstock.config.Node.Member;
import dev.penstock.config.Section.Located;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Which plans there are, and who has one.
 *
 * @param named their names, and where they stand
 * @param otherwise the plan of who has none of them
 * @param claim the claim of a token that names one
 * @param ofWorkspaces the plans of workspaces, whatever their tokens claim
 * @param ofIdentities the plans of single identities, whatever plan their workspace has
 */
record Plans(
    List<Located<String>> named,
    String otherwise,
    Optional<Located<String>> claim,
    Map<String, String> ofWorkspaces,
    Map<Identity, String> ofIdentities) {

  static final String[] KNOWN = {"names", "otherwise", "claim", "workspaces", "identities"};

  /** Of a file that has none. */
  static final Plans NONE = new Plans(List.of(), "", Optional.empty(), Map.of(), Map.of());

  Plans {
    named = List.copyOf(named);
    ofWorkspaces = Map.copyOf(ofWorkspaces);
    ofIdentities = Map.copyOf(ofIdentities);
  }

  /** {@return the plans of a file} */
  static Plans read(Node node, IdentityPlans identities, Faults faults) {
    return Section.of(node, faults, KNOWN)
        .map(section -> read(section, identities, faults))
        .orElse(NONE);
  }

  private static Plans read(Section section, IdentityPlans identities, Faults faults) {
    List<Located<String>> names = section.texts("names");
    Set<String> seen = new HashSet<>();
    for (Located<String> name : names) {
      if (!seen.add(name.value())) {
        faults.add(name.where(), "must be named once: " + Shown.quoted(name.value()));
      }
    }
    if (names.isEmpty()) {
      faults.add(section.where("names"), "must have names, a list of at least one plan");
    }
    Optional<String> otherwise = section.text("otherwise");
    if (!section.has("otherwise")) {
      faults.add(section.where(), "must have otherwise, the plan of who has none of them");
    }
    Optional<Located<String>> claim =
        section.text("claim").map(text -> new Located<>(section.where("claim"), text));
    Map<String, String> ofWorkspaces = new HashMap<>();
    Plans plans = new Plans(names, otherwise.orElse(""), claim, Map.of(), Map.of());
    otherwise.ifPresent(name -> plans.require(name, section.where("otherwise"), faults));
    for (Member workspace : section.members("workspaces")) {
      Section.text(workspace.value(), faults)
          .ifPresent(
              plan -> {
                plans.require(plan, workspace.value().where(), faults);
                ofWorkspaces.put(workspace.name(), plan);
              });
    }
    Plans read =
        new Plans(
            names, plans.otherwise, claim, ofWorkspaces, identities.read(section, plans, faults));
    read.refuseUnreachable(faults);
    return read;
  }

  private void refuseUnreachable(Faults faults) {
    for (Located<String> plan : named) {
      if (isWhole()
          && claim.isEmpty()
          && !plan.value().equals(otherwise)
          && !ofWorkspaces.containsValue(plan.value())
          && !ofIdentities.containsValue(plan.value())) {
        faults.add(
            plan.where(),
            "must be a plan that someone can have: "
                + Shown.quoted(plan.value())
                + " is not otherwise, no workspace or identity has it, and there is no claim");
      }
    }
  }

  /** {@return whether there are plans, and one for everybody} */
  boolean isWhole() {
    return names().contains(otherwise);
  }

  /** {@return whether the file names some who have a plan} */
  boolean nameHolders() {
    return !ofWorkspaces.isEmpty() || !ofIdentities.isEmpty();
  }

  /** {@return the identity with the plan that it has here, or its workspace, whatever it claims} */
  Identity planned(Identity identity) {
    return Optional.ofNullable(ofIdentities.get(identity))
        .or(() -> identity.workspace().map(ofWorkspaces::get))
        .map(identity::withPlan)
        .orElse(identity);
  }

  List<String> names() {
    return named.stream().map(Located::value).distinct().toList();
  }

  /** Refuses a name that is no plan. */
  void require(String plan, Where where, Faults faults) {
    List<String> names = names();
    if (!names.contains(plan)) {
      String known = names.isEmpty() ? "one of plans.names" : "one of " + String.join(", ", names);
      faults.add(
          where,
          "must be "
              + known
              + ": "
              + Shown.quoted(plan)
              + NearestName.hint(plan, names).map("; "::concat).orElse(""));
    }
  }
}
