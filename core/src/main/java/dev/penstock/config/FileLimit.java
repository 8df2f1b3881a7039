package dev.penstock.config;

import dev.penstock.PartitionedLimit;
import java.util.Collections;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A limit as a policy file has it. Immutable and thread-safe.
 *
 * @param name what it is called
 * @param line where its name stands, from 1
 * @param byPlan its numbers by plan; under an empty name those of who has no plan, or one without
 *     numbers of its own here
 */
public record FileLimit(String name, int line, SortedMap<String, PartitionedLimit> byPlan) {

  /**
   * Copies the map.
   *
   * @param name what it is called
   * @param line where its name stands
   * @param byPlan its numbers by plan
   */
  public FileLimit {
    Objects.requireNonNull(name, "name");
    byPlan = Collections.unmodifiableSortedMap(new TreeMap<>(byPlan));
  }

  static FileLimit of(NamedLimit limit) {
    SortedMap<String, PartitionedLimit> byPlan = new TreeMap<>(Map.of("", limit.standard()));
    byPlan.putAll(limit.byPlan());
    return new FileLimit(limit.name(), limit.where().line(), byPlan);
  }
}
