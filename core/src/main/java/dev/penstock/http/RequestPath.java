package dev.penstock.http;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * The path of a request target as its handler may read it: one or more readings, each a list of
 * decoded segments.
 *
 * <p>Servers agree on plain paths and differ on odd ones. A limit that follows one reading is
 * evaded by a target that the handler reads otherwise, so every reading counts, and a request is
 * limited if any of them matches. In all of them percent-encoding is decoded once (RFC 3986 section
 * 2.4), path parameters are dropped, and empty segments, and with them a trailing slash, take no
 * part. They differ where a target has
 *
 * <ul>
 *   <li>an encoded slash or backslash: it stays inside its segment, or ends it;
 *   <li>a dot segment: it is resolved (RFC 3986 section 5.2.4), or stays as it is;
 *   <li>a segment of parameters alone: it goes, or stays as it is;
 *   <li>two slashes at the start: they are empty segments, or begin an authority, as a URI parser
 *       reads them (RFC 3986 section 4.2).
 * </ul>
 *
 * <p>A target of a few hundred kilobytes may have as many segments. Of a reading that is longer
 * than any pattern, only the first {@link #MAX_SEGMENTS} segments and one more are kept.
 *
 * @param readings at most sixteen; none where the target has no path
 */
record RequestPath(List<List<String>> readings) {

  /** The segments of the longest pattern. */
  static final int MAX_SEGMENTS = 64;

  /** Reads the target of a request line, in origin or absolute form (RFC 9112 section 3.2). */
  static RequestPath of(String target) {
    String path = path(withoutQuery(target));
    List<List<String>> readings = new ArrayList<>(1);
    if (!path.isEmpty()) {
      addReadings(readings, path);
    }
    if (path.startsWith("//")) {
      addReadings(readings, pathAfterAuthority(path));
    }
    return new RequestPath(readings);
  }

  private static void addReadings(List<List<String>> readings, String path) {
    boolean slashes = containsAnyCase(path, "%2f") || containsAnyCase(path, "%5c");
    boolean dots = path.contains("/.") || containsAnyCase(path, "%2e");
    boolean parameters = path.contains("/;");
    for (int variant = 0; variant < 8; variant++) {
      boolean split = (variant & 1) != 0;
      boolean keepDots = (variant & 2) != 0;
      boolean keepParameters = (variant & 4) != 0;
      if ((slashes || !split) && (dots || !keepDots) && (parameters || !keepParameters)) {
        readings.add(read(path, split, !keepDots, !keepParameters));
      }
    }
  }

  private static String withoutQuery(String target) {
    for (int i = 0; i < target.length(); i++) {
      if (target.charAt(i) == '?' || target.charAt(i) == '#') {
        return target.substring(0, i);
      }
    }
    return target;
  }

  /** Drops a scheme and the authority behind it (RFC 3986 section 3). */
  private static String path(String target) {
    if (target.startsWith("/")) {
      return target;
    }
    String afterScheme = target.substring(target.indexOf(':') + 1);
    if (afterScheme.startsWith("//")) {
      return pathAfterAuthority(afterScheme);
    }
    return afterScheme.startsWith("/") ? afterScheme : "";
  }

  private static String pathAfterAuthority(String target) {
    int slash = target.indexOf('/', 2);
    return slash < 0 ? "/" : target.substring(slash);
  }

  private static List<String> read(
      String path, boolean split, boolean resolveDots, boolean dropParameters) {
    Reading reading = new Reading(resolveDots);
    int start = 1;
    while (start <= path.length()) {
      int end = path.indexOf('/', start);
      end = end < 0 ? path.length() : end;
      String segment = path.substring(start, end);
      int parameters = segment.indexOf(';');
      if (parameters > 0 || (parameters == 0 && dropParameters)) {
        segment = segment.substring(0, parameters);
      }
      String decoded = decode(segment);
      if (split) {
        reading.appendAll(decoded.replace('\\', '/'));
      } else {
        reading.append(decoded);
      }
      start = end + 1;
    }
    return reading.kept;
  }

  /** Decodes percent-encoded UTF-8 once; a percent sign that encodes nothing stays. */
  private static String decode(String segment) {
    if (segment.indexOf('%') < 0) {
      return segment;
    }
    byte[] raw = segment.getBytes(StandardCharsets.UTF_8);
    ByteArrayOutputStream decoded = new ByteArrayOutputStream(raw.length);
    for (int i = 0; i < raw.length; i++) {
      int high = raw[i] == '%' && i + 2 < raw.length ? Character.digit(raw[i + 1], 16) : -1;
      int low = high < 0 ? -1 : Character.digit(raw[i + 2], 16);
      if (low < 0) {
        decoded.write(raw[i]);
      } else {
        decoded.write(high << 4 | low);
        i += 2;
      }
    }
    return decoded.toString(StandardCharsets.UTF_8);
  }

  private static boolean containsAnyCase(String text, String part) {
    for (int i = text.indexOf('%'); i >= 0; i = text.indexOf('%', i + 1)) {
      if (text.regionMatches(true, i, part, 0, part.length())) {
        return true;
      }
    }
    return false;
  }

  /** The segments of one reading, while it is read. */
  private static final class Reading {

    private final boolean resolveDots;
    private final List<String> kept = new ArrayList<>();

    /** Counts the segments that are not kept too, since dot segments may take them back. */
    private int length;

    Reading(boolean resolveDots) {
      this.resolveDots = resolveDots;
    }

    /** Appends segments that are divided by slashes. */
    void appendAll(String segments) {
      int start = 0;
      while (start <= segments.length()) {
        int slash = segments.indexOf('/', start);
        int end = slash < 0 ? segments.length() : slash;
        append(segments.substring(start, end));
        start = end + 1;
      }
    }

    void append(String segment) {
      if (segment.isEmpty() || (resolveDots && segment.equals("."))) {
        return;
      }
      if (!resolveDots || !segment.equals("..")) {
        if (length <= MAX_SEGMENTS) {
          kept.add(segment);
        }
        length++;
      } else if (length > 0) {
        length--;
        if (length < kept.size()) {
          kept.remove(length);
        }
      }
    }
  }
}
