package dev.penstock;

import java.util.List;
import java.util.Objects;

/**
 * Counts what it does, and gives its numbers to a monitor when that asks: {@code
 * dev.penstock.metrics.Metrics} writes those of several in one text. Thread-safe.
 */
@FunctionalInterface
public interface Metered {

  /** {@return the numbers as they stand, each family once} */
  List<MetricFamily> metrics();

  /**
   * Returns the same numbers with one more label, to tell two of a kind apart: {@code
   * store.labelled("limiter", "chat")}.
   *
   * @param name of the label: a letter, then letters, digits and underscores; not {@code le}
   * @param value of the label
   * @return the labelled numbers
   * @throws IllegalArgumentException if it is no such name
   */
  default Metered labelled(String name, String value) {
    MetricFamily.requireLabel(name);
    Objects.requireNonNull(value, "value");
    return () -> metrics().stream().map(family -> family.labelled(name, value)).toList();
  }
}
