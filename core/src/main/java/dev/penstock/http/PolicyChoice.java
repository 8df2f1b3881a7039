package dev.penstock.http;

import dev.penstock.LimitPolicy;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * The policies that a rule may charge, all of them prepared: one, or one for each of some values of
 * a variable. Immutable and thread-safe.
 */
final class PolicyChoice {

  private final String variable;
  private final Map<String, LimitPolicy> ofValues;
  private final SegmentTable<Set<LimitPolicy>> ofValuesInAnyCase = new SegmentTable<>(true);
  private final LimitPolicy otherwise;
  private final List<LimitPolicy> all;

  /**
   * @param variable the name of the variable, empty where there is no choice
   * @param ofValues the policies of some of its values
   * @param otherwise the policy of all others
   */
  PolicyChoice(String variable, Map<String, LimitPolicy> ofValues, LimitPolicy otherwise) {
    this.variable = variable;
    this.ofValues = Map.copyOf(ofValues);
    this.otherwise = otherwise;
    this.all = ofValues.isEmpty() ? List.of(otherwise) : different();
    this.ofValues.forEach(
        (value, policy) ->
            ofValuesInAnyCase.computeIfAbsent(value, LinkedHashSet::new).add(policy));
  }

  private List<LimitPolicy> different() {
    Set<LimitPolicy> different = new LinkedHashSet<>(ofValues.values());
    different.add(otherwise);
    return List.copyOf(different);
  }

  static PolicyChoice only(LimitPolicy policy) {
    return new PolicyChoice("", Map.of(), Objects.requireNonNull(policy, "policy"));
  }

  /** {@return each of them once} */
  List<LimitPolicy> all() {
    return all;
  }

  /**
   * Returns the policies that a request is charged under: one, and two where it is not known
   * whether the handler takes a value for one of these that differs from it in case.
   */
  List<LimitPolicy> of(MatchedRequest request, boolean ignoringCase) {
    if (ofValues.isEmpty()) {
      return all;
    }
    String value = request.variable(variable);
    LimitPolicy chosen = ofValues.get(value);
    if (chosen != null) {
      return List.of(chosen);
    }
    Set<LimitPolicy> inAnyCase =
        ignoringCase ? ofValuesInAnyCase.get(value, 0, value.length()) : null;
    if (inAnyCase == null) {
      return List.of(otherwise);
    }
    Set<LimitPolicy> possible = new LinkedHashSet<>(inAnyCase);
    possible.add(otherwise);
    return List.copyOf(possible);
  }
}
