package dev.penstock.admin;

import dev.penstock.MetricFamily;
import dev.penstock.MetricFamily.Sample;
import dev.penstock.MetricFamily.Value;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;

/** The numbers of a moment, added up by a label: {@code docs/metrics.md} has the names. */
final class Counts {

  private final Map<String, List<Sample>> families = new HashMap<>();

  Counts(List<MetricFamily> families) {
    for (MetricFamily family : families) {
      this.families
          .computeIfAbsent(family.name(), any -> new ArrayList<>())
          .addAll(family.samples());
    }
  }

  boolean has(String family) {
    return !families.getOrDefault(family, List.of()).isEmpty();
  }

  /** {@return the smallest number of a family that is there} */
  long least(String family) {
    return values(family).mapToLong(Counts::number).min().orElseThrow();
  }

  /** {@return the sum of a family, 0 where it is not there} */
  long sum(String family) {
    return values(family).mapToLong(Counts::number).sum();
  }

  /** {@return the sums of a family by what a label says} */
  SortedMap<String, Long> by(String label, String family) {
    return by(label, family, "", "");
  }

  /** {@return likewise, of those samples alone of which another label says this} */
  SortedMap<String, Long> by(String label, String family, String other, String wanted) {
    SortedMap<String, Long> sums = new TreeMap<>();
    values(family)
        .filter(value -> value.labels().getOrDefault(other, "").equals(wanted))
        .forEach(
            value -> sums.merge(value.labels().getOrDefault(label, ""), number(value), Long::sum));
    return sums;
  }

  private Stream<Value> values(String family) {
    return families.getOrDefault(family, List.of()).stream()
        .filter(Value.class::isInstance)
        .map(Value.class::cast);
  }

  private static long number(Value value) {
    return Math.round(value.value());
  }
}
