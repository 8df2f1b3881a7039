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
  private static final String OPEN = "/**";
  private static final Pattern VARIABLE = Pattern.compile("\\{([A-Za-z][A-Za-z0-9_]*)}");

  /** Reads a method, a space and a path; or a path alone. */
  static RequestPattern parse(String pattern) {
    Objects.requireNonNull(pattern, "pattern");
    int space = pattern.indexOf(' ');
    String method = space < 0 ? "" : pattern.substring(0, space);
    String path = pattern.substring(space + 1);
    if (space == 0 || !isMethod(method)) {
      throw error("begin with an upper-case method and one space, or with /", pattern);
    }
    if (!path.startsWith("/")) {
      throw error("have a path that begins with /", pattern);
    }
    boolean open = path.endsWith(OPEN);
    int end = open ? path.length() - OPEN.length() : path.length();
    String fixed = path.equals("/") ? "" : path.substring(0, end);
    List<String> segments = new ArrayList<>();
    Map<String, Integer> variables = new HashMap<>();
    for (String segment : split(fixed)) {
      String variable = variable(segment);
      if (variable.isEmpty()) {
        requireSegment(segment, pattern);
        segments.add(segment);
      } else if (variables.put(variable, segments.size()) == null) {
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

  private static boolean isMethod(String method) {
    for (int i = 0; i < method.length(); i++) {
      char c = method.charAt(i);
      if (c != '-' && (c < 'A' || c > 'Z')) {
        return false;
      }
    }
    return true;
  }

  /** Returns the name of the variable that a segment is; empty where it is none. */
  private static String variable(String segment) {
    if (!segment.startsWith("{")) {
      return "";
    }
    Matcher variable = VARIABLE.matcher(segment);
    return variable.matches() ? variable.group(1) : "";
  }

  private static List<String> words(List<String> segments) {
    List<String> words = new ArrayList<>();
    for (String segment : segments) {
      if (!segment.equals(ANY_SEGMENT)) {
        addAscii(segment, words);
      }
    }
    return List.copyOf(words);
  }

  private static void addAscii(String segment, List<String> words) {
    int begin = 0;
    for (int i = 0; i <= segment.length(); i++) {
      if (i == segment.length() || segment.charAt(i) > 0x7F) {
        if (begin < i) {
          words.add(segment.substring(begin, i));
        }
        begin = i + 1;
      }
    }
  }

  /** Returns what stands behind each slash of a text that is empty or begins with one. */
  private static List<String> split(String path) {
    List<String> segments = new ArrayList<>();
    int slash = path.isEmpty() ? -1 : 0;
    while (slash >= 0) {
      int next = path.indexOf('/', slash + 1);
      segments.add(path.substring(slash + 1, next < 0 ? path.length() : next));
      slash = next;
    }
    return segments;
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
    if (hasAny("{}", segment)) {
      throw error("have { and } only around a whole segment, a name such as agent_id", pattern);
    }
    if (hasAny("?#;%\\ ", segment)) {
      throw error("have a decoded path without spaces, ?, #, ;, % or \\", pattern);
    }
    for (int i = 0; i < segment.length(); i++) {
      if (Character.isISOControl(segment.charAt(i))) {
        throw error("have no control characters", pattern);
      }
    }
  }

  private static boolean hasAny(String characters, String segment) {
    for (int i = 0; i < characters.length(); i++) {
      if (segment.indexOf(characters.charAt(i)) >= 0) {
        return true;
      }
    }
    return false;
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
