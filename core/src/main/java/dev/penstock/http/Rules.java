package dev.penstock.http;

import java.util.BitSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * The rules of a gate, in their order.
 *
 * <p>A plain path goes by the first rule that matches. An odd one is charged under every rule that
 * may be for it, so whichever of them the handler's is, it was paid, and no target is cheaper for
 * being written oddly. An exemption is only for a plain path, and for a method as it is spelled.
 *
 * <p>Neither takes longer for more rules, as {@code RulesBenchmark} has it. Immutable and
 * thread-safe.
 */
final class Rules {

  /** More charges than that are not taken: a response would not hold the fields of so many. */
  static final int MOST_CHARGES = 64;

  private final List<Rule> inOrder;
  private final boolean ignoringCase;
  private final PlainRules plain;
  private final OddRules odd;

  /**
   * @param inOrder the rules
   * @param ignoringCase whether paths that differ only in case lead to the same handler
   */
  Rules(List<Rule> inOrder, boolean ignoringCase) {
    this.inOrder = List.copyOf(inOrder);
    this.ignoringCase = ignoringCase;
    this.plain = new PlainRules(ignoringCase);
    for (int place = 0; place < inOrder.size(); place++) {
      Rule rule = inOrder.get(place);
      plain.add(place, rule.pattern(), rule instanceof Rule.Exempt);
    }
    this.odd = new OddRules(inOrder, ignoringCase);
  }

  /**
   * {@return what the request is to pay, each once; nothing where it is exempt, and more than
   * {@link #MOST_CHARGES} where nobody could pay it}
   */
  List<Rule.Charge> charges(RequestView request) {
    RequestPath path = RequestPath.of(request.target(), ignoringCase);
    return path instanceof PlainPath readable
        ? chargesOfFirst(request, readable)
        : chargesOfAll(request, (OddPath) path);
  }

  private List<Rule.Charge> chargesOfFirst(RequestView request, PlainPath path) {
    int first = plain.first(request.method(), path);
    return first != PlainRules.NONE && inOrder.get(first) instanceof Rule.Limited limited
        ? limited.charges(request, path, ignoringCase)
        : List.of();
  }

  private List<Rule.Charge> chargesOfAll(RequestView request, OddPath path) {
    BitSet places = odd.of(request.method(), path);
    Set<Rule.Charge> charges = new LinkedHashSet<>();
    for (int place = places.nextSetBit(0);
        place >= 0 && charges.size() <= MOST_CHARGES;
        place = places.nextSetBit(place + 1)) {
      Rule.Limited limited = (Rule.Limited) inOrder.get(place);
      charges.addAll(limited.charges(request));
    }
    return List.copyOf(charges);
  }
}
