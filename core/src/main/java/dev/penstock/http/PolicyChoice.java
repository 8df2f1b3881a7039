package dev.penstock.http;

import dev.penstock.LimitPolicy;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The policies that a rule may charge, all of them prepared: one, or one for each of some values of
 * a variable.
 *
 * @param variable the name of the variable, empty where there is no choice
 * @param ofValues the policies of some of its values
 * @param otherwise the policy of all others
 */
record PolicyChoice(String variable, Map<String, LimitPolicy> ofValues, LimitPolicy otherwise) {

  PolicyChoice {
    ofValues = Map.copyOf(ofValues);
  }

  static PolicyChoice only(LimitPolicy policy) {
    return new PolicyChoice("", Map.of(), policy);
  }

  /** {@return each of them once} */
  Set<LimitPolicy> all() {
    Set<LimitPolicy> all = new LinkedHashSet<>(ofValues.values());
    all.add(otherwise);
    return all;
  }

  /**
   * Returns the policies that a request is charged under: one, and two where it is not known
   * whether the handler takes a value for one of these that differs from it in case.
   */
  List<LimitPolicy> of(MatchedRequest request, boolean ignoringCase) {
    if (ofValues.isEmpty()) {
      return List.of(otherwise);
    }
    String value = request.variable(variable);
    LimitPolicy chosen = ofValues.get(value);
    if (chosen != null) {
      return List.of(chosen);
    }
    Set<LimitPolicy> possible = new LinkedHashSet<>();
    if (ignoringCase) {
      ofValues.forEach(
          (each, policy) -> {
            if (each.equalsIgnoreCase(value)) {
              possible.add(policy);
            }
          });
    }
    possible.add(otherwise);
    return List.copyOf(possible);
  }
}
