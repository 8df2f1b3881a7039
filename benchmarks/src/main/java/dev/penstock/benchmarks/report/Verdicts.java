package dev.penstock.benchmarks.report;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What the factors of a page come to, in Markdown: a line for each scenario and peer. */
final class Verdicts {

  private static final String HEAD =
      """
      | scenario | beside | cases | faster | within the error | slower | factor, median | from | to |
      |---|---|--:|--:|--:|--:|--:|--:|--:|
      """;

  private static final String NOTHING = "No case is fit to be held against a peer.\n";

  /** Penstock and a peer in one case. */
  private record Pair(Measurement ours, Measurement theirs) {

    static Optional<Pair> of(Comparison comparison, String peer) {
      return comparison
          .penstock()
          .flatMap(ours -> comparison.of(peer).map(theirs -> new Pair(ours, theirs)));
    }

    double factor() {
      return ours.timesAsFastAs(theirs);
    }

    boolean isKnown() {
      return !ours.mayEqual(theirs);
    }
  }

  private Verdicts() {}

  /** Returns the table; cases that others have disturbed are not in it. */
  static String of(List<Comparison> comparisons) {
    Map<String, List<Comparison>> scenarios = new LinkedHashMap<>();
    for (Comparison comparison : comparisons) {
      if (!comparison.isDisturbed()) {
        scenarios.computeIfAbsent(comparison.scenario(), name -> new ArrayList<>()).add(comparison);
      }
    }
    StringBuilder lines = new StringBuilder();
    scenarios.forEach(
        (scenario, cases) ->
            Comparison.peers(cases).forEach(peer -> lines.append(line(scenario, peer, cases))));
    return lines.isEmpty() ? NOTHING : HEAD + lines;
  }

  private static String line(String scenario, String peer, Collection<Comparison> cases) {
    List<Pair> pairs = cases.stream().map(c -> Pair.of(c, peer)).flatMap(Optional::stream).toList();
    if (pairs.isEmpty()) {
      return "";
    }
    double[] factors = pairs.stream().mapToDouble(Pair::factor).sorted().toArray();
    long faster = pairs.stream().filter(p -> p.isKnown() && p.factor() > 1).count();
    long slower = pairs.stream().filter(p -> p.isKnown() && p.factor() < 1).count();
    return "| %s | %s | %d | %d | %d | %d | %s | %s | %s |\n"
        .formatted(
            scenario,
            peer,
            pairs.size(),
            faster,
            pairs.size() - faster - slower,
            slower,
            Figures.of(Figures.median(factors)),
            Figures.of(factors[0]),
            Figures.of(factors[factors.length - 1]));
  }
}
