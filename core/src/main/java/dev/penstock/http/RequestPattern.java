package dev.penstock.http;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Which requests a rule is for: a method, or any, and the segments of a path, of which {@code *}
 * and a variable such as {@code {agent_id}} are any one. A last segment {@code **} stands for any
 * number of segments, none included; it stands nowhere else, so a path is followed segment by
 * segment.
 *
 * @param method the method, empty for any
 * @param segments the decoded segments without {@code **}, each variable as {@code *}
 * @param variables the index of each variable among the segments
 * @param open whether any number of segments may follow
 * @param words what {@link OddRules} looks for: the fixed segments, of each its parts of ASCII
 */
record RequestPattern(
    String method,
    List<String> segments,
    Map<String, Integer> variables,
    boolean open,
    List<String> words) {

  /** A segment of a pattern that is for any one. */
  static final String ANY_SEGMENT = "*";

  private static final String ANY_END = "**";
  private static final Pattern BEYOND_ASCII = Pattern.compile("[^\\x00-\\x7F]+");
  private static final Pattern VARIABLE = Pattern.compile("\\{([A-Za-z][A-Za-z0-9_]*)}");

  /** Reads a method, a space and a path; or a path alone. */
  static RequestPattern parse(String pattern) {
    Objects.requireNonNull(pattern, "pattern");
    int space = pattern.indexOf(' ');
    String method = space < 0 ? "" : pattern.substring(0, space);
    String path = pattern.substring(space + 1);
    if (space == 0 || !method.chars().allMatch(c -> (c >= 'A' && c <= 'Z') || c == '-')) {
      throw error("begin with an upper-case method and one space, or with /", pattern);
    }
    if (!path.startsWith("/")) {
      throw error("have a path that begins with /", pattern);
    }
    boolean open = path.endsWith("/**");
    int end = open ? path.length() - "/**".length() : path.length();
    String fixed = path.equals("/") ? "" : path.substring(0, end);
    List<String> segments = new ArrayList<>();
    Map<String, Integer> variables = new HashMap<>();
    for (String segment : split(fixed)) {
      Matcher variable = VARIABLE.matcher(segment);
      if (!variable.matches()) {
        requireSegment(segment, pattern);
        segments.add(segment);
      } else if (variables.put(variable.group(1), segments.size()) == null) {
        segments.add(ANY_SEGMENT);
      } else {
        throw error("have each variable once", pattern);
      }
    }
    if (segments.size() > PlainPath.MAX_SEGMENTS) {
      throw error("have at most " + PlainPath.MAX_SEGMENTS + " segments", pattern);
    }
    return new RequestPattern(
        method, List.copyOf(segments), Map.copyOf(variables), open, words(segments));
  }

  private static List<String> words(List<String> segments) {
    return segments.stream()
        .filter(segment -> !segment.equals(ANY_SEGMENT))
        .flatMap(BEYOND_ASCII::splitAsStream)
        .filter(word -> !word.isEmpty())
        .toList();
  }

  private static List<String> split(String path) {
    return path.isEmpty() ? List.of() : List.of(path.substring(1).split("/", -1));
  }

  private static void requireSegment(String segment, String pattern) {
    if (segment.isEmpty()) {
      throw error("have no empty segment and no trailing slash", pattern);
    }
    if (segment.equals(ANY_END)) {
      throw error("have ** only at its end", pattern);
    }
    if (segment.contains(ANY_SEGMENT) && !segment.equals(ANY_SEGMENT)) {
      throw error("have * only as a whole segment", pattern);
    }
    if (segment.equals(".") || segment.equals("..")) {
      throw error("have no dot segments", pattern);
    }
    if (segment.chars().anyMatch(c -> "{}".indexOf(c) >= 0)) {
      throw error("have { and } only around a whole segment, a name such as agent_id", pattern);
    }
    if (segment.chars().anyMatch(c -> "?#;%\\ ".indexOf(c) >= 0)) {
      throw error("have a decoded path without spaces, ?, #, ;, % or \\", pattern);
    }
    if (segment.chars().anyMatch(Character::isISOControl)) {
      throw error("have no control characters", pattern);
    }
  }

  /** Returns the name of the one variable. */
  String onlyVariable() {
    if (variables.size() != 1) {
      throw new IllegalArgumentException(
          "pattern must have exactly one variable such as {agent_id}: " + variables.size());
    }
    return variables.keySet().iterator().next();
  }

  /**
   * {@return the methods that this is for; none where it is for every one} What is asked of a
   * {@code HEAD} is the work of a {@code GET} (RFC 9110 section 9.3.2).
   */
  List<String> methods() {
    return switch (method) {
      case "" -> List.of();
      case "GET" -> List.of("GET", "HEAD");
      default -> List.of(method);
    };
  }

  private static IllegalArgumentException error(String constraint, String pattern) {
    return new IllegalArgumentException("pattern must " + constraint + ": \"" + pattern + "\"");
  }
}
