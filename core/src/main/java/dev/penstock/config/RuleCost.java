package dev.penstock.config;

import dev.penstock.Cost;
import dev.penstock.config.Node.Kind;
import dev.penstock.config.Node.Member;
import dev.penstock.config.Node.Members;
import dev.penstock.config.Node.Scalar;
import dev.penstock.http.RequestCost;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/**
 * What the requests of a rule cost.
 *
 * @param where where it stands, or else the rule
 * @param units what it names, and where
 * @param estimate amounts by unit; empty for one request
 * @param cost what a gate is given; empty where the rule says nothing of it
 */
record RuleCost(
    Where where, Map<String, Where> units, Optional<Cost> estimate, Optional<RequestCost> cost) {

  private static final Set<String> OF_REQUESTS = Set.of(Cost.REQUESTS, Cost.CONCURRENT_REQUESTS);

  /** {@return the cost of a rule} */
  static RuleCost read(Section rule, Faults faults) {
    Map<String, Where> units = new LinkedHashMap<>();
    Optional<Cost> estimate = rule.node("cost").flatMap(node -> estimate(node, units, faults));
    Optional<Section> settle = rule.section("settle", "field", "unit", "hidden");
    Optional<String> field = settle.flatMap(section -> section.text("field"));
    Optional<String> unit = settle.flatMap(section -> section.text("unit"));
    settle
        .filter(section -> section.present("field", "unit").size() < 2)
        .ifPresent(section -> faults.add(section.where(), "must have field and unit"));
    unit.ifPresent(named -> units.putIfAbsent(named, settle.orElseThrow().where("unit")));
    Optional<RequestCost> cost =
        estimate
            .or(() -> unit.flatMap(named -> nothing(named, settle.orElseThrow(), faults)))
            .map(RequestCost::of);
    if (field.isPresent() && unit.isPresent()) {
      cost =
          cost.flatMap(
              each -> settled(each, field.get(), unit.get(), settle.orElseThrow(), faults));
    }
    if (rule.isTrue("watched")) {
      cost = Optional.of(cost.orElse(RequestCost.of(Cost.ONE_REQUEST)).watched());
    }
    return new RuleCost(rule.where(rule.has("cost") ? "cost" : "settle"), units, estimate, cost);
  }

  private static Optional<Cost> nothing(String unit, Section settle, Faults faults) {
    return faults.attempt(settle.where("unit"), () -> Cost.units(unit, 0));
  }

  private static Optional<RequestCost> settled(
      RequestCost cost, String field, String unit, Section settle, Faults faults) {
    boolean isHidden = settle.isTrue("hidden");
    return faults.attempt(
        settle::where,
        () -> isHidden ? cost.settledByHiddenField(field, unit) : cost.settledByField(field, unit));
  }

  private static Optional<Cost> estimate(Node node, Map<String, Where> units, Faults faults) {
    if (node instanceof Members members) {
      return byUnit(members, units, faults);
    }
    if (node instanceof Scalar scalar && scalar.kind() == Kind.NUMBER) {
      units.put(Cost.REQUESTS, node.where());
      OptionalLong requests = amount(Cost.REQUESTS, node, faults);
      return requests.isPresent() ? Optional.of(Cost.of(requests.getAsLong())) : Optional.empty();
    }
    faults.mustBe("a number of requests, or an object of units and amounts", node);
    return Optional.empty();
  }

  private static Optional<Cost> byUnit(Members members, Map<String, Where> units, Faults faults) {
    Optional<Cost> cost = Optional.empty();
    for (Member unit : members.members()) {
      units.put(unit.name(), unit.where());
      OptionalLong amount = amount(unit.name(), unit.value(), faults);
      if (amount.isPresent()) {
        Optional<Cost> before = cost;
        cost =
            faults
                .attempt(
                    unit.where(),
                    () ->
                        before.isEmpty()
                            ? Cost.units(unit.name(), amount.getAsLong())
                            : before.get().and(unit.name(), amount.getAsLong()))
                .or(() -> before);
      }
    }
    if (members.isEmpty()) {
      faults.add(members.where(), "must have at least one unit");
    }
    return cost;
  }

  /** A request that counts for none would not be limited by what counts requests. */
  private static OptionalLong amount(String unit, Node node, Faults faults) {
    OptionalLong amount = Section.whole(node, faults);
    long least = OF_REQUESTS.contains(unit) ? 1 : 0;
    if (amount.isPresent() && amount.getAsLong() < least) {
      faults.add(node.where(), "must be at least " + least + ": " + amount.getAsLong());
      return OptionalLong.empty();
    }
    return amount;
  }

  /** {@return what a limit of this unit is charged} */
  long amount(String unit) {
    return estimate.orElse(Cost.ONE_REQUEST).amount(unit);
  }
}
