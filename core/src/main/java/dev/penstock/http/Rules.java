package dev.penstock.http;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The rules of a gate, in their order.
 *
 * <p>Each reading of a target finds its own rule, the first that matches this reading, and the
 * request is charged under all that are found. So whichever reading the handler's is, its rule is
 * among them, and a target that is written oddly is never cheaper than the plain one. An exemption
 * is only for a plain target.
 */
record Rules(List<Rule> inOrder) {

  Rules {
    inOrder = List.copyOf(inOrder);
  }

  /** {@return what the request is to pay: nothing, or one charge, or several for an odd target} */
  List<Rule.Charge> charges(RequestView request) {
    RequestPath path = RequestPath.of(request.target());
    String method = request.method();
    if (path.plain()) {
      Rule.Charge only = charge(request, method, path.readings().get(0), true);
      return only == null ? List.of() : List.of(only);
    }
    List<Rule.Charge> charges = new ArrayList<>();
    for (PathReading reading : path.readings()) {
      Rule.Charge charge = charge(request, method, reading, false);
      if (charge != null && !charges.contains(charge)) {
        charges.add(charge);
      }
    }
    return charges;
  }

  private Rule.@Nullable Charge charge(
      RequestView request, String method, PathReading reading, boolean plain) {
    for (Rule rule : inOrder) {
      if ((plain || !(rule instanceof Rule.Exempt)) && rule.pattern().matches(method, reading)) {
        return rule instanceof Rule.Limited limited
            ? limited.charge(new MatchedRequest(request, limited.pattern(), reading))
            : null;
      }
    }
    return null;
  }
}
