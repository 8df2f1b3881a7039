package dev.penstock.http;

import java.util.List;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Finds rules that no request goes by, since earlier ones are for all of theirs: as a rule for
 * {@code GET /agents/a1} is after one for {@code /agents/}&#42;{@code *}. Mostly that is a mistake
 * in their order.
 *
 * <p>Exact for methods in upper case and paths that all servers read alike. A path that they may
 * read in different ways is charged under hidden rules, too.
 */
public final class HiddenRules {

  private HiddenRules() {}

  /**
   * Finds the hidden rules of a list. Takes a time that grows with the list, and not with its
   * square.
   *
   * @param patterns of rules and exemptions in their order, each as in {@link
   *     HttpRateLimiterBuilder#rule(String, dev.penstock.LimitPolicy)}
   * @param ignoringCase as in {@link HttpRateLimiterBuilder#ignoringCase}
   * @return by the index of each hidden one, the indices of those that hide it: of one, or of
   *     several that do so together, as {@code /a} and {@code /a/}&#42;{@code /}&#42;{@code *} hide
   *     {@code /a/}&#42;{@code *}; in their order
   * @throws IllegalArgumentException if a pattern is none
   */
  public static SortedMap<Integer, List<Integer>> among(
      List<String> patterns, boolean ignoringCase) {
    SortedMap<Integer, List<Integer>> hidden = new TreeMap<>();
    PlainRules earlier = new PlainRules(ignoringCase);
    int longest = 0;
    for (int place = 0; place < patterns.size(); place++) {
      RequestPattern pattern = RequestPattern.parse(patterns.get(place));
      SortedSet<Integer> hiding = hiding(pattern, longest, earlier);
      if (!hiding.isEmpty()) {
        hidden.put(place, List.copyOf(hiding));
      }
      earlier.add(place, pattern, false);
      longest = Math.max(longest, pattern.segments().size());
    }
    return hidden;
  }

  /**
   * Returns the earlier rules that hide a pattern; none where one of its requests goes by none of
   * them. Of the requests with a path of one size a single rule is for all, or none is for those
   * whose other segments nobody has thought of; and beyond the longest pattern all sizes are one.
   */
  private static SortedSet<Integer> hiding(
      RequestPattern pattern, int longest, PlainRules earlier) {
    int least = pattern.segments().size();
    int most = pattern.open() ? Math.max(least, longest + 1) : least;
    SortedSet<Integer> hiding = new TreeSet<>();
    for (int size = least; size <= most; size++) {
      int first = earlier.first(pattern, size);
      if (first == PlainRules.NONE) {
        return new TreeSet<>();
      }
      hiding.add(first);
    }
    return hiding;
  }
}
