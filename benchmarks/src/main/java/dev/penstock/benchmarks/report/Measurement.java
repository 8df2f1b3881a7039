package dev.penstock.benchmarks.report;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * One line of JMH's results.
 *
 * @param scenario the simple name of the class
 * @param method the benchmark
 * @param params the values of its parameters, by their names
 * @param threads how many ran it at once
 * @param score in the unit, the average
 * @param error half the width of the interval that holds it with 99.9 % confidence; NaN if unknown
 * @param unit as JMH has it: {@code ns/op} or {@code ops/s}
 * @param bytes garbage of one call; NaN if not measured
 * @param counters what the benchmark counts beside its score, by name, each as of the iteration
 *     that counted most
 * @param others how much of the processors other processes had meanwhile, from 0 to 1; NaN if
 *     unknown
 */
record Measurement(
    String scenario,
    String method,
    Map<String, String> params,
    Threads threads,
    double score,
    double error,
    String unit,
    double bytes,
    Map<String, Double> counters,
    double others) {

  private static final String GARBAGE = "gc.alloc.rate.norm";
  private static final String GREATEST = "100.0";

  /**
   * Reads a file that JMH has written as JSON.
   *
   * @param others has heard of the same run
   */
  static List<Measurement> read(Path file, OthersMeter others) {
    List<Measurement> measurements = new ArrayList<>();
    try {
      for (JsonNode result : new ObjectMapper().readTree(file.toFile())) {
        measurements.add(of(result, others));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return measurements;
  }

  private static Measurement of(JsonNode result, OthersMeter others) {
    String benchmark = result.path("benchmark").asText();
    String[] name = benchmark.split("\\.");
    Map<String, String> params = new TreeMap<>();
    result.path("params").properties().forEach(p -> params.put(p.getKey(), p.getValue().asText()));
    JsonNode secondary = result.path("secondaryMetrics");
    JsonNode primary = result.path("primaryMetric");
    return new Measurement(
        name[name.length - 2],
        name[name.length - 1],
        params,
        threads(result),
        number(primary.path("score")),
        number(primary.path("scoreError")),
        primary.path("scoreUnit").asText(),
        number(secondary.path(GARBAGE).path("score")),
        counters(secondary),
        others.during(benchmark, params));
  }

  /**
   * Reads what is named as a field is, without the dots of what the profiler measures. The score of
   * a counter is the sum of its iterations, which says nothing where the counter is a maximum.
   */
  private static Map<String, Double> counters(JsonNode secondary) {
    Map<String, Double> counters = new TreeMap<>();
    for (Map.Entry<String, JsonNode> metric : secondary.properties()) {
      if (metric.getKey().indexOf('.') < 0) {
        JsonNode percentiles = metric.getValue().path("scorePercentiles");
        counters.put(metric.getKey(), number(percentiles.path(GREATEST)));
      }
    }
    return counters;
  }

  private static Threads threads(JsonNode result) {
    boolean virtual = false;
    for (JsonNode argument : result.path("jvmArgs")) {
      virtual |= argument.asText().equals(Threads.VIRTUAL_ARGUMENT);
    }
    return new Threads(result.path("threads").asInt(), virtual);
  }

  /** JMH writes what it does not know as the text "NaN". */
  private static double number(JsonNode node) {
    return node.isNumber() ? node.asDouble() : Double.NaN;
  }

  /**
   * Returns of each measurement the one beside which others did less, of two runs of the same; what
   * only one of them has as it is.
   */
  static List<Measurement> calmer(List<Measurement> one, List<Measurement> other) {
    Map<List<Object>, Measurement> calmest = new LinkedHashMap<>();
    for (Measurement measured : Stream.concat(one.stream(), other.stream()).toList()) {
      calmest.merge(
          List.of(measured.method, measured.params),
          measured,
          (a, b) -> b.others < a.others ? b : a);
    }
    return List.copyOf(calmest.values());
  }

  /** Returns whether it says as much of other processes as of what was measured. */
  boolean isDisturbed() {
    return others > OthersMeter.DISTURBING;
  }

  boolean isTime() {
    return unit.endsWith("/op");
  }

  /** Returns how many times as fast this is as the other, which has the same unit. */
  double timesAsFastAs(Measurement other) {
    return isTime() ? other.score / score : score / other.score;
  }

  /** Returns whether the intervals meet, so that the faster of the two is not known. */
  boolean mayEqual(Measurement other) {
    double errors =
        (Double.isNaN(error) ? 0 : error) + (Double.isNaN(other.error) ? 0 : other.error);
    return Math.abs(score - other.score) <= errors;
  }
}
