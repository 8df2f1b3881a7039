package dev.penstock.http;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * Which requests a rule is for: a method, or any, and the segments of a path, of which {@code *} is
 * any one.
 *
 * @param method the method, empty for any
 * @param segments the decoded segments
 */
record RequestPattern(String method, List<String> segments) {

  private static final String ANY_SEGMENT = "*";

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
    List<String> segments = new ArrayList<>();
    for (String segment : path.substring(1).split("/", -1)) {
      if (segment.isEmpty() && path.length() > 1) {
        throw error("have no empty segment and no trailing slash", pattern);
      }
      if (segment.contains(ANY_SEGMENT) && !segment.equals(ANY_SEGMENT)) {
        throw error("have * only as a whole segment", pattern);
      }
      if (segment.equals(".") || segment.equals("..")) {
        throw error("have no dot segments", pattern);
      }
      if (segment.chars().anyMatch(c -> "?#;%\\ ".indexOf(c) >= 0)) {
        throw error("have a decoded path without spaces, ?, #, ;, % or \\", pattern);
      }
      if (!segment.isEmpty()) {
        segments.add(segment);
      }
    }
    if (segments.size() > RequestPath.MAX_SEGMENTS) {
      throw error("have at most " + RequestPath.MAX_SEGMENTS + " segments", pattern);
    }
    return new RequestPattern(method, List.copyOf(segments));
  }

  boolean matches(String requestMethod, RequestPath path) {
    return matchesMethod(requestMethod) && path.readings().stream().anyMatch(this::matchesSegments);
  }

  /** What is asked of a HEAD is the work of a GET (RFC 9110 section 9.3.2). */
  private boolean matchesMethod(String requestMethod) {
    return method.isEmpty()
        || method.equals(requestMethod)
        || (method.equals("GET") && requestMethod.equals("HEAD"));
  }

  private boolean matchesSegments(List<String> requested) {
    if (requested.size() != segments.size()) {
      return false;
    }
    for (int i = 0; i < requested.size(); i++) {
      String segment = segments.get(i);
      if (!segment.equals(ANY_SEGMENT) && !segment.equals(requested.get(i))) {
        return false;
      }
    }
    return true;
  }

  private static IllegalArgumentException error(String constraint, String pattern) {
    return new IllegalArgumentException("pattern must " + constraint + ": \"" + pattern + "\"");
  }
}
