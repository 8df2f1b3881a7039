package dev.penstock.http;

import java.util.ArrayList;
import java.util.List;

/**
 * The rules of a gate, in their order.
 *
 * <p>A plain path goes by the first rule that matches. An odd one is charged under every rule that
 * may be for it, so whichever of them the handler's is, it was paid, and no target is cheaper for
 * being written oddly. An exemption is only for a plain path, and for a method as it is spelled.
 *
 * @param inOrder the rules
 * @param ignoringCase whether paths that differ only in case lead to the same handler
 */
record Rules(List<Rule> inOrder, boolean ignoringCase) {

  Rules {
    inOrder = List.copyOf(inOrder);
  }

  /** {@return what the request is to pay, each once; nothing where it is exempt} */
  List<Rule.Charge> charges(RequestView request) {
    RequestPath path = RequestPath.of(request.target(), ignoringCase);
    return path instanceof PlainPath plain
        ? chargesOfFirst(request, plain)
        : chargesOfAll(request, (OddPath) path);
  }

  private List<Rule.Charge> chargesOfFirst(RequestView request, PlainPath path) {
    String method = request.method();
    for (Rule rule : inOrder) {
      if (rule.isFor(method) && rule.pattern().matches(path, ignoringCase)) {
        return rule instanceof Rule.Limited limited
            ? limited.charges(MatchedRequest.plain(request, limited.pattern(), path), ignoringCase)
            : List.of();
      }
    }
    return List.of();
  }

  private List<Rule.Charge> chargesOfAll(RequestView request, OddPath path) {
    String method = request.method();
    List<Rule.Charge> charges = new ArrayList<>();
    for (Rule rule : inOrder) {
      if (rule instanceof Rule.Limited limited
          && limited.isFor(method)
          && limited.pattern().mayMatch(path)) {
        for (Rule.Charge charge : limited.charges(MatchedRequest.odd(request, limited.pattern()))) {
          if (!charges.contains(charge)) {
            charges.add(charge);
          }
        }
      }
    }
    return charges;
  }
}
