package dev.penstock.benchmarks.report;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToDoubleFunction;

/**
 * A curve for each contender. A class named {@code ScaleBy...} asks for one: the rest of its name
 * is the parameter on the horizontal axis, begun with a small letter, {@code Threads} those of JMH.
 * Cases that other processes disturbed are left out.
 *
 * @param name of the file, without its ending
 * @param title what is shown
 * @param horizontal what the horizontal axis counts
 * @param vertical the unit of the vertical axis, and which end of it is good
 * @param curves the points by the contender, in ascending order of x
 */
record Chart(
    String name,
    String title,
    String horizontal,
    String vertical,
    Map<String, List<Point>> curves) {

  /**
   * A point of a curve.
   *
   * @param error half the height of its interval, 0 if unknown
   */
  record Point(double x, double y, double error) {}

  private static final String PREFIX = "ScaleBy";
  private static final String SUFFIX = "Benchmark";
  private static final String THREADS = "threads";

  /** Returns the charts that these ask for. */
  static List<Chart> of(List<Comparison> comparisons) {
    Map<String, List<Comparison>> byScenario = new LinkedHashMap<>();
    for (Comparison comparison : comparisons) {
      if (comparison.scenario().startsWith(PREFIX) && !comparison.isDisturbed()) {
        byScenario.computeIfAbsent(comparison.scenario(), s -> new ArrayList<>()).add(comparison);
      }
    }
    return byScenario.values().stream().map(Chart::ofOne).flatMap(Optional::stream).toList();
  }

  private static Optional<Chart> ofOne(List<Comparison> comparisons) {
    String scenario = comparisons.get(0).scenario();
    String name = scenario.replaceFirst("^" + PREFIX, "").replaceFirst(SUFFIX + "$", "");
    String parameter = name.substring(0, 1).toLowerCase(Locale.ROOT) + name.substring(1);
    String words = parameter.replaceAll("(?=[A-Z])", " ").toLowerCase(Locale.ROOT);
    boolean byThreads = parameter.equals(THREADS);
    int fewest = comparisons.stream().mapToInt(c -> c.threads().count()).min().orElseThrow();
    List<Comparison> shown =
        comparisons.stream()
            .filter(
                c ->
                    byThreads
                        || (c.threads().count() == fewest && c.sizes().containsKey(parameter)))
            .toList();
    if (shown.isEmpty()) {
      return Optional.empty();
    }
    ToDoubleFunction<Comparison> x =
        byThreads
            ? c -> c.threads().count()
            : c -> Double.parseDouble(c.sizes().getOrDefault(parameter, ""));
    boolean time = shown.get(0).penstock().map(Measurement::isTime).orElse(true);
    String title =
        (time ? "Cost of a decision by " : "Decisions a second by ")
            + words
            + (byThreads ? "" : ", " + Threads.platform(fewest));
    String vertical =
        time ? "nanoseconds a decision, less is better" : "decisions a second, more is better";
    String file = "by-" + words.replace(' ', '-');
    return Optional.of(new Chart(file, title, words, vertical, curves(shown, x)));
  }

  private static Map<String, List<Point>> curves(
      Collection<Comparison> comparisons, ToDoubleFunction<Comparison> x) {
    Map<String, List<Point>> curves = new LinkedHashMap<>();
    comparisons.stream()
        .sorted((a, b) -> Double.compare(x.applyAsDouble(a), x.applyAsDouble(b)))
        .forEach(
            comparison ->
                comparison
                    .contenders()
                    .forEach(
                        (who, m) ->
                            curves
                                .computeIfAbsent(who, w -> new ArrayList<>())
                                .add(point(x.applyAsDouble(comparison), m))));
    return curves;
  }

  private static Point point(double x, Measurement measurement) {
    double error = Double.isNaN(measurement.error()) ? 0 : measurement.error();
    return new Point(x, measurement.score(), error);
  }

  /** Says in words what the curves show, for whoever does not see them. */
  String describe() {
    StringBuilder text =
        new StringBuilder(vertical).append(", by ").append(horizontal).append(". ");
    curves.forEach(
        (who, points) -> {
          text.append(who).append(": ");
          text.append(
              String.join(
                  ", ",
                  points.stream()
                      .map(p -> Figures.of(p.y()) + " at " + Figures.brief(p.x()))
                      .toList()));
          text.append(". ");
        });
    return text.toString().strip();
  }
}
