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

  private static final String WHAT_TO_MAKE_OF_IT =
      """
      ## What to make of it

      Take the factors, not the figures: these are short runs, and your machine is another.
      A factor says how many times as fast Penstock is in the same run: above 1 it is faster, below 1 slower.
      In memory a decision is short beside a request: *The demo over HTTP* says what is left of a factor there.
      Through Redis it is the round trips that count: look at your number of threads.

      """;

  private static final String WHAT_WAS_DISTURBED =
      """

      Other processes had more than %s of the processors in %d of %d cases, the calmest of up to %d runs of each.
      Nothing follows from these: they are not counted here, stand in brackets below, and are in no chart.
      """;

  private static final String HOW_TO_READ =
      """
      ## How to read the tables

      | column | what stands there |
      |---|---|
      | a score | the average, and half the width of its 99.9 %% confidence interval |
      | floor | the least that such a decision can cost; the scenario's class says which, and how peers are set |
      | factor | how many times as fast Penstock is as what stands before it; ~ where their intervals meet |
      | garbage | Penstock's, in bytes a call |
      | others | how much of the processors other processes had meanwhile: above %s the figures stand in brackets |
      | any other | what the scenario counts, in the iteration that counted most, the floor's in brackets |

      """
          .formatted(Figures.percent(OthersMeter.DISTURBING));

  private static final String WHAT_IS_SLOWER =
      """
      ## Where Penstock is slower than a peer

      A floor in operations a second is a bare call of the script.
      It stands here as well, as a user could pick that instead.

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
    results.page.append("# Benchmark results\n\n").append(machine.inShort()).append("\n\n");
    results.addVerdicts(comparisons);
    charts.forEach(results::addChart);
    results.addLosses(comparisons);
    results.addFailures(failures);
    results.page.append(HOW_TO_READ);
    results.page.append("## Scenarios\n");
    Map<String, List<Comparison>> tables = new LinkedHashMap<>();
    comparisons.forEach(
        c -> tables.computeIfAbsent(c.scenario(), name -> new ArrayList<>()).add(c));
    tables.forEach(results::addTable);
    sections.forEach(results::addSection);
    results.addOrigin(machine, command);
    return results.page.toString();
  }

  private void addVerdicts(List<Comparison> comparisons) {
    page.append(WHAT_TO_MAKE_OF_IT).append(Verdicts.of(comparisons));
    long disturbed = comparisons.stream().filter(Comparison::isDisturbed).count();
    String limit = Figures.percent(OthersMeter.DISTURBING);
    page.append(
            WHAT_WAS_DISTURBED.formatted(
                limit, disturbed, comparisons.size(), BenchmarkReport.MOST_RUNS))
        .append('\n');
  }

  private void addOrigin(Machine machine, String command) {
    page.append("\n## Where this was measured\n\n").append(machine.describe());
    page.append("\nWritten by\n\n```\n").append(command).append("\n```\n");
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
                remark(comparison, ours, theirs)));
  }

  private static String remark(Comparison comparison, Measurement ours, Measurement theirs) {
    if (comparison.isDisturbed()) {
      return "disturbed";
    }
    return ours.mayEqual(theirs) ? "within the error" : "";
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
    page.append(" others |");
    int figures = (floor ? 5 : 3) + 2 * peers.size() + counters.size();
    page.append("\n|---|").append("--:|".repeat(figures)).append('\n');
    comparisons.forEach(comparison -> addRow(comparison, floor, peers, counters));
  }

  private void addRow(
      Comparison comparison, boolean floor, List<String> peers, List<String> counters) {
    Optional<Measurement> ours = comparison.penstock();
    page.append("| ").append(comparison.describe()).append(" |");
    if (floor) {
      addCell(score(comparison, comparison.floor()));
    }
    addCell(score(comparison, ours));
    if (floor) {
      addCell(factor(comparison, comparison.floor()));
    }
    addCell(
        ours.filter(m -> !Double.isNaN(m.bytes())).map(m -> Long.toString(Math.round(m.bytes()))));
    for (String peer : peers) {
      Optional<Measurement> theirs = comparison.of(peer);
      addCell(score(comparison, theirs));
      addCell(factor(comparison, theirs));
    }
    for (String counter : counters) {
      Optional<String> floors = counted(comparison.floor(), counter);
      addCell(counted(ours, counter).map(c -> c + floors.map(f -> " (" + f + ")").orElse("")));
    }
    addCell(Optional.of(OthersMeter.describe(comparison.others())));
    page.append('\n');
  }

  private void addCell(Optional<String> text) {
    page.append(' ').append(text.orElse("")).append(" |");
  }

  private static Optional<String> counted(Optional<Measurement> measurement, String counter) {
    return measurement.map(m -> m.counters().get(counter)).map(Figures::whole);
  }

  private static Optional<String> score(Comparison comparison, Optional<Measurement> measured) {
    return measured.map(m -> comparison.isDisturbed() ? "(" + Figures.of(m) + ")" : Figures.of(m));
  }

  private static Optional<String> factor(Comparison comparison, Optional<Measurement> theirs) {
    return comparison
        .penstock()
        .filter(ours -> !comparison.isDisturbed())
        .flatMap(ours -> theirs.map(m -> (ours.mayEqual(m) ? "~" : "") + factor(ours, m)));
  }

  private static String factor(Measurement ours, Measurement theirs) {
    return Figures.of(ours.timesAsFastAs(theirs));
  }
}
