package dev.penstock.config;

import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;

/** Finds what a misspelled name was meant to be. */
final class NearestName {

  private static final int MOST_LENGTH = 64;

  private NearestName() {}

  /**
   * {@return {@code did you mean x?}; empty where nothing is near}
   *
   * @param name what is written
   * @param known what could have been
   */
  static Optional<String> hint(String name, Collection<String> known) {
    if (name.length() > MOST_LENGTH) {
      return Optional.empty();
    }
    String bare = bare(name);
    return known.stream()
        .filter(each -> each.length() <= MOST_LENGTH)
        .filter(each -> distance(bare, bare(each)) <= Math.max(1, each.length() / 3))
        .min(
            Comparator.comparingInt((String each) -> distance(bare, bare(each)))
                .thenComparing(Comparator.naturalOrder()))
        .map(each -> "did you mean " + each + "?");
  }

  /** However words are joined, and whatever their case. */
  private static String bare(String name) {
    StringBuilder bare = new StringBuilder(name.length());
    for (int i = 0; i < name.length(); i++) {
      if ("-_ .".indexOf(name.charAt(i)) < 0) {
        bare.append(Character.toLowerCase(name.charAt(i)));
      }
    }
    return bare.toString();
  }

  /** Counts letters that are added, left out, replaced, or exchanged with their neighbour. */
  private static int distance(String a, String b) {
    int[][] steps = new int[a.length() + 1][b.length() + 1];
    for (int i = 0; i <= a.length(); i++) {
      for (int j = 0; j <= b.length(); j++) {
        steps[i][j] = i == 0 || j == 0 ? i + j : step(steps, a, b, i, j);
      }
    }
    return steps[a.length()][b.length()];
  }

  private static int step(int[][] steps, String a, String b, int i, int j) {
    boolean same = a.charAt(i - 1) == b.charAt(j - 1);
    int least =
        Math.min(
            Math.min(steps[i - 1][j], steps[i][j - 1]) + 1, steps[i - 1][j - 1] + (same ? 0 : 1));
    boolean exchanged =
        i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1);
    return exchanged ? Math.min(least, steps[i - 2][j - 2] + 1) : least;
  }
}
