package dev.penstock.servlet;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Fields that the application sets for the rule that settles, and that no client sees. They may be
 * set at any time before the end, also when the header has long been sent. Thread-safe.
 */
final class RemovedFields {

  private final Map<String, List<String>> lines = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);

  RemovedFields(Collection<String> names) {
    names.forEach(name -> lines.put(name, List.of()));
  }

  /** Returns whether a field of this name, in any case, is kept from the client. */
  boolean has(@Nullable String name) {
    return name != null && lines.containsKey(name);
  }

  synchronized List<String> lines(String name) {
    return lines.getOrDefault(name, List.of());
  }

  /** Returns the names of those that are set. */
  synchronized List<String> names() {
    return lines.keySet().stream().filter(name -> !lines(name).isEmpty()).toList();
  }

  synchronized void set(String name, @Nullable String value) {
    lines.put(name, value == null ? List.of() : List.of(value));
  }

  synchronized void add(String name, @Nullable String value) {
    if (value != null) {
      List<String> all = new ArrayList<>(lines(name));
      all.add(value);
      lines.put(name, List.copyOf(all));
    }
  }

  synchronized void clear() {
    lines.replaceAll((name, values) -> List.of());
  }

  /** Returns fields of a trailer without those that no client sees. */
  @Nullable Map<String, String> without(@Nullable Map<String, String> trailer) {
    if (trailer == null) {
      return null;
    }
    Map<String, String> seen = new TreeMap<>(trailer);
    seen.keySet().removeIf(this::has);
    return seen;
  }
}
