package dev.penstock.benchmarks.report;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Writes what was measured as a page of Markdown. */
final class ResultsPage {

  /**
   * A part of the page that comes from elsewhere.
   *
   * @param title its heading
   * @param text Markdown
   */
  record Section(String title, String text) {}

  private static final String BUSY =
      "**The machine was busy with other work: these figures are worth nothing.**\n\n";

  private static final String HOW_TO_READ =
      """
      Scores are averages with the half width of their 99.9 % confidence interval. A factor says how many
      times as fast Penstock is in the same run: above 1 it is faster, below 1 slower. The floor is the least
      that such a decision can cost; each scenario's class says which, and why each peer is set as it is.
      *garbage* is Penstock's, in bytes a call. Take the factors, not the figures: these are short runs.
      What a scenario counts beside its score is as of the iteration that counted most, the floor's in brackets.

      """;

  private static final String WHAT_IS_SLOWER =
      """
      ## Where Penstock is slower than a peer

      A floor in operations a second is a bare call of the script. It stands here as well, as a user could
      pick that instead.

      """;

  private final StringBuilder page = new StringBuilder();

  private ResultsPage() {}

  /** Returns the page. */
  static String of(
      Machine machine,
      String command,
      List<Comparison> comparisons,
      List<Chart> charts,
      List<String> failures,
      List<Section> sections) {
    ResultsPage results = new ResultsPage();
    results.page.append("# Benchmark results\n\n").append(machine.isBusy() ? BUSY : "");
    results.page.append("Written by `").append(command).append("`.\n\n");
    results.page.append(machine.describe()).append('\n').append(HOW_TO_READ);
    charts.forEach(results::addChart);
    results.addLosses(comparisons);
    results.addFailures(failures);
    results.page.append("## Scenarios\n");
    Map<String, List<Comparison>> tables = new LinkedHashMap<>();
    comparisons.forEach(
        c -> tables.computeIfAbsent(c.scenario(), name -> new ArrayList<>()).add(c));
    tables.forEach(results::addTable);
    sections.forEach(results::addSection);
    return results.page.toString();
  }

  private void addChart(Chart chart) {
    page.append("![%s](charts/%s.svg)\n\n".formatted(chart.title(), chart.name()));
  }

  private void addSection(Section section) {
    page.append("\n## ").append(section.title()).append("\n\n").append(section.text());
  }

  /** Adds every case in which the score of what a user could pick instead is the better one. */
  private void addLosses(List<Comparison> comparisons) {
    page.append(WHAT_IS_SLOWER);
    List<String> losses = new ArrayList<>();
    for (Comparison comparison : comparisons) {
      comparison.alternatives().forEach(who -> loss(comparison, who).ifPresent(losses::add));
    }
    if (losses.isEmpty()) {
      page.append("Nowhere in this run.\n\n");
      return;
    }
    page.append("| scenario | case | Penstock | faster | factor | |\n|---|---|--:|--:|--:|---|\n");
    losses.forEach(page::append);
    page.append('\n');
  }

  private void addFailures(List<String> failures) {
    if (!failures.isEmpty()) {
      page.append("## What failed and is missing below\n\n");
      failures.forEach(failure -> page.append("- ").append(failure).append('\n'));
      page.append('\n');
    }
  }

  private static Optional<String> loss(Comparison comparison, String other) {
    return comparison
        .penstock()
        .flatMap(
            ours -> comparison.of(other).flatMap(theirs -> loss(comparison, ours, other, theirs)));
  }

  private static Optional<String> loss(
      Comparison comparison, Measurement ours, String other, Measurement theirs) {
    double factor = ours.timesAsFastAs(theirs);
    if (factor >= 1) {
      return Optional.empty();
    }
    return Optional.of(
        "| %s | %s | %s %s | %s: %s | %s | %s |\n"
            .formatted(
                comparison.scenario(),
                comparison.describe(),
                Figures.of(ours),
                ours.unit(),
                other,
                Figures.of(theirs),
                Figures.of(factor),
                ours.mayEqual(theirs) ? "within the error" : ""));
  }

  private void addTable(String scenario, List<Comparison> comparisons) {
    List<String> peers = Comparison.peers(comparisons);
    List<String> counters = Comparison.counters(comparisons);
    boolean floor = comparisons.stream().anyMatch(c -> c.floor().isPresent());
    page.append("\n### ").append(scenario).append(", ").append(comparisons.get(0).unit());
    page.append("\n\n| case |").append(floor ? " floor |" : "").append(" Penstock |");
    page.append(floor ? " factor |" : "").append(" garbage |");
    peers.forEach(peer -> page.append(' ').append(peer).append(" | factor |"));
    counters.forEach(counter -> page.append(' ').append(counter).append(" |"));
    int figures = (floor ? 4 : 2) + 2 * peers.size() + counters.size();
    page.append("\n|---|").append("--:|".repeat(figures)).append('\n');
    comparisons.forEach(comparison -> addRow(comparison, floor, peers, counters));
  }

  private void addRow(
      Comparison comparison, boolean floor, List<String> peers, List<String> counters) {
    Optional<Measurement> ours = comparison.penstock();
    page.append("| ").append(comparison.describe()).append(" |");
    if (floor) {
      addCell(comparison.floor().map(Figures::of));
    }
    addCell(ours.map(Figures::of));
    if (floor) {
      addCell(factor(ours, comparison.floor()));
    }
    addCell(
        ours.filter(m -> !Double.isNaN(m.bytes())).map(m -> Long.toString(Math.round(m.bytes()))));
    for (String peer : peers) {
      Optional<Measurement> theirs = comparison.of(peer);
      addCell(theirs.map(Figures::of));
      addCell(factor(ours, theirs));
    }
    for (String counter : counters) {
      Optional<String> floors = counted(comparison.floor(), counter);
      addCell(counted(ours, counter).map(c -> c + floors.map(f -> " (" + f + ")").orElse("")));
    }
    page.append('\n');
  }

  private void addCell(Optional<String> text) {
    page.append(' ').append(text.orElse("")).append(" |");
  }

  private static Optional<String> counted(Optional<Measurement> measurement, String counter) {
    return measurement.map(m -> m.counters().get(counter)).map(Figures::whole);
  }

  private static Optional<String> factor(Optional<Measurement> ours, Optional<Measurement> theirs) {
    return ours.flatMap(o -> theirs.map(o::timesAsFastAs)).map(Figures::of);
  }
}
