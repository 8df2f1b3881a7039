package dev.penstock.admin;

import dev.penstock.Ban;
import dev.penstock.Identity;
import dev.penstock.config.PenstockConfig;
import dev.penstock.config.ReloadingGate;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The policies in force, and who is banned by them: of a file as it is now, or of code.
 *
 * @param file the gate that is made of a file, where there is one
 * @param ofCode policies of code
 * @param banOfCode the ban of code, where there is one
 */
record KnownPolicies(
    Optional<ReloadingGate> file, List<ShownPolicy> ofCode, Optional<Ban> banOfCode) {

  private Optional<PenstockConfig> config() {
    return file.flatMap(ReloadingGate::config);
  }

  List<ShownPolicy> all() {
    List<ShownPolicy> ofFile =
        config()
            .map(config -> config.policies().stream().map(ShownPolicy::of).toList())
            .orElse(List.of());
    return Stream.concat(ofFile.stream(), ofCode.stream()).toList();
  }

  /** {@return the policy of a name} */
  ShownPolicy named(String name) {
    return all().stream()
        .filter(policy -> policy.name().equals(name))
        .findFirst()
        .orElseThrow(() -> Refusal.bad("policy must be one that is in force", name));
  }

  Optional<Ban> ban() {
    return config().flatMap(PenstockConfig::ban).or(() -> banOfCode);
  }

  /** {@return the identity with the plan that the gate gives it} */
  Identity planned(Identity identity) {
    return config().map(config -> config.planned(identity)).orElse(identity);
  }
}
