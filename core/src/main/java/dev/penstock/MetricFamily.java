package dev.penstock;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * Numbers of one meaning for a monitor, told apart by labels: a metric family, as Prometheus calls
 * it. Immutable and thread-safe.
 *
 * <pre>{@code
 * MetricFamily.of(Type.GAUGE, "penstock_buckets", "Buckets that are not full.", Sample.of(7))
 * }</pre>
 *
 * @param type what the numbers are
 * @param name letters, digits, underscores and colons, with the base unit at its end; of a counter
 *     it ends in {@code _total}
 * @param help one sentence
 * @param samples numbers, each set of labels once; values of a histogram, and numbers of all others
 */
public record MetricFamily(Type type, String name, String help, List<Sample> samples) {

  /** What the numbers of a family are. */
  public enum Type {
    /** How often something has happened, which never falls. */
    COUNTER,
    /** How much of something there is now. */
    GAUGE,
    /** How values are spread. */
    HISTOGRAM
  }

  /** What a family says of one set of labels. */
  public sealed interface Sample permits Value, Spread {

    /** {@return what tells it apart from others of the family, by name} */
    SortedMap<String, String> labels();

    /**
     * Returns a number.
     *
     * @param value of a counter at least 0
     * @param labels names and values in turn
     * @return the number
     * @throws IllegalArgumentException if a label is named twice, has a bad name or no value
     */
    static Value of(double value, String... labels) {
      return new Value(labelled(labels), value);
    }

    /**
     * Returns a whole number, which is exact up to 2^53.
     *
     * @param value of a counter at least 0
     * @param labels names and values in turn
     * @return the number
     * @throws IllegalArgumentException if a label is named twice, has a bad name or no value
     */
    static Value of(long value, String... labels) {
      return of((double) value, labels);
    }
  }

  /**
   * One number.
   *
   * @param labels what tells it apart, by name
   * @param value of a counter at least 0
   */
  public record Value(SortedMap<String, String> labels, double value) implements Sample {

    /**
     * Checks the labels.
     *
     * @param labels by name, each a letter, then letters, digits and underscores; not {@code le}
     * @param value the number
     * @throws IllegalArgumentException if a label has another name
     */
    public Value {
      labels = checked(labels);
    }
  }

  /**
   * How values of a histogram are spread.
   *
   * @param labels what tells it apart, by name
   * @param bounds upper bounds of the buckets, rising and finite
   * @param counts how many values each bucket has, and one more for what is above the last bound;
   *     not added up
   * @param sum of all values
   */
  public record Spread(
      SortedMap<String, String> labels, List<Double> bounds, List<Long> counts, double sum)
      implements Sample {

    /**
     * Checks the parts.
     *
     * @param labels by name, each a letter, then letters, digits and underscores; not {@code le}
     * @param bounds rising and finite, at least one
     * @param counts one more than there are bounds, at least 0
     * @param sum of all values
     * @throws IllegalArgumentException if a part is not as said
     */
    public Spread {
      labels = checked(labels);
      bounds = List.copyOf(bounds);
      counts = List.copyOf(counts);
      for (int i = 0; i < bounds.size(); i++) {
        if (!Double.isFinite(bounds.get(i)) || (i > 0 && bounds.get(i) <= bounds.get(i - 1))) {
          throw new IllegalArgumentException("bounds must rise and be finite: " + bounds);
        }
      }
      if (bounds.isEmpty() || counts.size() != bounds.size() + 1) {
        throw new IllegalArgumentException(
            "counts must be one more than bounds, of which there is one: " + counts.size());
      }
      if (counts.stream().anyMatch(count -> count < 0)) {
        throw new IllegalArgumentException("counts must not be negative: " + counts);
      }
    }
  }

  private static final Pattern NAME = Pattern.compile("[a-zA-Z_:][a-zA-Z0-9_:]*");
  private static final Pattern LABEL = Pattern.compile("(?!__)[a-zA-Z_][a-zA-Z0-9_]*");

  /**
   * Checks the parts.
   *
   * @param type what the numbers are
   * @param name of the family
   * @param help one sentence
   * @param samples each set of labels once
   * @throws IllegalArgumentException if the name is not as said, a sample is of another type, or
   *     two have the same labels
   */
  public MetricFamily {
    Objects.requireNonNull(type, "type");
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(help, "help");
    samples = List.copyOf(samples);
    if (!NAME.matcher(name).matches()) {
      throw new IllegalArgumentException(
          "name must be letters, digits, underscores and colons: " + name);
    }
    if (type == Type.COUNTER != name.endsWith("_total")) {
      throw new IllegalArgumentException(
          "name must end in _total exactly if it is a counter's: " + name);
    }
    Set<SortedMap<String, String>> seen = new HashSet<>();
    for (Sample sample : samples) {
      if (sample instanceof Spread != (type == Type.HISTOGRAM)) {
        throw new IllegalArgumentException(
            "samples must be of the type " + type + ": " + name + sample.labels());
      }
      if (!seen.add(sample.labels())) {
        throw new IllegalArgumentException(
            "samples must not have the same labels twice: " + name + sample.labels());
      }
      if (type == Type.COUNTER && !(((Value) sample).value() >= 0)) {
        throw new IllegalArgumentException(
            "samples must not be negative in a counter: " + name + sample.labels());
      }
    }
  }

  /**
   * Returns a family of these samples.
   *
   * @param type what the numbers are
   * @param name of the family
   * @param help one sentence
   * @param samples each set of labels once
   * @return the family
   * @throws IllegalArgumentException as the constructor says
   */
  public static MetricFamily of(Type type, String name, String help, Sample... samples) {
    return new MetricFamily(type, name, help, List.of(samples));
  }

  MetricFamily labelled(String label, String value) {
    List<Sample> labelled = new ArrayList<>(samples.size());
    for (Sample sample : samples) {
      SortedMap<String, String> labels = new TreeMap<>(sample.labels());
      if (labels.put(label, value) != null) {
        throw new IllegalArgumentException("name must be of no label that is there: " + label);
      }
      labelled.add(
          sample instanceof Spread spread
              ? new Spread(labels, spread.bounds, spread.counts, spread.sum)
              : new Value(labels, ((Value) sample).value));
    }
    return new MetricFamily(type, name, help, labelled);
  }

  static void requireLabel(String name) {
    Objects.requireNonNull(name, "name");
    if (!LABEL.matcher(name).matches() || name.equals("le")) {
      throw new IllegalArgumentException(
          "name must be a label's, letters, digits and underscores, and not le: " + name);
    }
  }

  private static SortedMap<String, String> labelled(String... namesAndValues) {
    if (namesAndValues.length % 2 != 0) {
      throw new IllegalArgumentException(
          "labels must be names and values in turn: " + List.of(namesAndValues));
    }
    SortedMap<String, String> labels = new TreeMap<>();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      if (labels.put(namesAndValues[i], namesAndValues[i + 1]) != null) {
        throw new IllegalArgumentException(
            "labels must not be named twice: " + List.of(namesAndValues));
      }
    }
    return labels;
  }

  private static SortedMap<String, String> checked(SortedMap<String, String> labels) {
    for (var label : labels.entrySet()) {
      requireLabel(label.getKey());
      Objects.requireNonNull(label.getValue(), "value");
    }
    return Collections.unmodifiableSortedMap(new TreeMap<>(labels));
  }
}
