package dev.penstock.config;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Gathers what is wrong in one file. Not thread-safe. */
final class Faults {

  /** More than anyone reads, and few enough for a log. */
  static final int MOST = 1_000;

  /** How a message of a builder begins: with the name of its parameter. */
  private static final Pattern PARAMETER = Pattern.compile("^([A-Za-z]+) (?=must )");

  private final String file;
  private final List<PolicyFault> found = new ArrayList<>();
  private int untold;

  Faults(String file) {
    this.file = file;
  }

  /** Adds a fault. */
  void add(Where where, String message) {
    if (found.size() == MOST) {
      untold++;
    } else {
      found.add(new PolicyFault(file, where.line(), where.column(), where.path(), message));
    }
  }

  /** Adds that something else must stand where this does. */
  void mustBe(String what, Node node) {
    mustBe(what, node, "");
  }

  /**
   * Likewise, with what would be right.
   *
   * @param hint that, such as {@code write 10}; or empty
   */
  void mustBe(String what, Node node, String hint) {
    if (!(node instanceof Node.Refused)) {
      String shown = node.where().mayBeSecret() ? "" : ": " + node.shown();
      String right = hint.isEmpty() ? "" : "; " + hint;
      add(node.where(), "must be " + what + shown + right);
    }
  }

  /**
   * Has something made, and takes what it throws for a fault of this place.
   *
   * @return empty where it was refused
   */
  <T> Optional<T> attempt(Where where, Supplier<T> maker) {
    return attempt(parameter -> where, maker);
  }

  /**
   * Likewise, where the place hangs on what is wrong.
   *
   * @param places the place of each parameter of the maker's; of an empty name where none is named
   */
  <T> Optional<T> attempt(Function<String, Where> places, Supplier<T> maker) {
    try {
      return Optional.of(maker.get());
    } catch (IllegalArgumentException | IllegalStateException e) {
      String message = String.valueOf(e.getMessage());
      Matcher parameter = PARAMETER.matcher(message);
      String named = parameter.find() ? parameter.group(1) : "";
      add(places.apply(named), message.substring(named.isEmpty() ? 0 : parameter.end()));
      return Optional.empty();
    }
  }

  boolean isEmpty() {
    return found.isEmpty();
  }

  /** {@return the faults in the order of the file, and how many are not told} */
  List<PolicyFault> inOrder() {
    List<PolicyFault> sorted = new ArrayList<>(found);
    sorted.sort(Comparator.comparingInt(PolicyFault::line).thenComparingInt(PolicyFault::column));
    if (untold > 0) {
      PolicyFault last = sorted.get(sorted.size() - 1);
      sorted.add(
          new PolicyFault(file, last.line(), last.column(), "", "and " + untold + " more faults"));
    }
    return List.copyOf(sorted);
  }

  /**
   * Refuses the file if anything is wrong.
   *
   * @throws PolicyFileException with all of it
   */
  void refuse() {
    if (!found.isEmpty()) {
      throw new PolicyFileException(inOrder());
    }
  }
}
