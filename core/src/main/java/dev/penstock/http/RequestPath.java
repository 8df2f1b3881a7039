package dev.penstock.http;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The path of a request target as its handler may read it: one or more readings.
 *
 * <p>Servers agree on plain paths and differ on odd ones. A limit that follows one reading is
 * evaded by a target that the handler reads otherwise, so every reading counts. In all of them
 * percent-encoding is decoded once (RFC 3986 section 2.4), path parameters are dropped, and empty
 * segments, and with them a trailing slash, take no part. They differ where a target has
 *
 * <ul>
 *   <li>an encoded slash: it stays inside its segment, or ends it;
 *   <li>a backslash, encoded or not: the same, and only where an encoded slash ends a segment;
 *   <li>a dot segment: it is resolved (RFC 3986 section 5.2.4), where {@code ..} takes back an
 *       empty segment or the one before it, or stays as it is; before an encoded slash is decoded,
 *       or after;
 *   <li>a segment of parameters alone: it goes, or stays as it is;
 *   <li>{@code %u002f}, an encoding of UTF-16 that is no standard's: it is decoded, or stays;
 *   <li>two slashes at the start: they are empty segments, or begin an authority, as a URI parser
 *       reads them (RFC 3986 section 4.2);
 *   <li>no slash at the start: it is there all the same, since an encoded one may come out of the
 *       decoding; and where what stands before a colon could be a scheme, it goes, or stays.
 * </ul>
 *
 * <p>A target of a few hundred kilobytes may have as many segments. Of a reading that is longer
 * than any pattern, only the first {@link #MAX_SEGMENTS} segments and one more are kept.
 *
 * @param readings at most 88; none for {@code *}, which is no path
 * @param plain whether every server reads the target alike, as far as is known: it has one reading,
 *     and nothing in it that some server drops, cuts or decodes once more
 */
record RequestPath(List<PathReading> readings, boolean plain) {

  /** The segments of the longest pattern. */
  static final int MAX_SEGMENTS = 64;

  private static final int USUAL_SEGMENTS = 8;

  /** RFC 3986 section 3.1. */
  private static final Pattern SCHEME = Pattern.compile("[A-Za-z][A-Za-z0-9+.-]*+:");

  private static final Pattern UTF_16 = Pattern.compile("%[uU](\\p{XDigit}{4})");

  /** Reads the target of a request line (RFC 9112 section 3.2). */
  static RequestPath of(String target) {
    PathReading only = asItStands(target);
    return only == null ? odd(target) : new RequestPath(List.of(only), true);
  }

  /**
   * Reads a target in which nothing is to be decoded, dropped or resolved, as almost every one is;
   * null for any other.
   */
  private static @Nullable PathReading asItStands(String target) {
    if (!target.startsWith("/")) {
      return null;
    }
    int[] ends = new int[USUAL_SEGMENTS];
    int size = 0;
    int start = 1;
    for (int i = 1; true; i++) {
      char c = i < target.length() ? target.charAt(i) : '?';
      if (c == '%' || c == ';' || c == '\\' || c == '#' || c < ' ') {
        return null;
      }
      if (c == '?' && i == start) {
        return new PathReading(target, ends, size);
      }
      if (c == '/' || c == '?') {
        if (i == start || isDots(target, start, i)) {
          return null;
        }
        if (size <= MAX_SEGMENTS) {
          ends = size < ends.length ? ends : Arrays.copyOf(ends, MAX_SEGMENTS + 1);
          ends[size++] = i;
        }
        if (c == '?') {
          return new PathReading(target, ends, size);
        }
        start = i + 1;
      }
    }
  }

  private static RequestPath odd(String target) {
    List<PathReading> readings = new ArrayList<>();
    for (String path : paths(withoutQuery(target))) {
      addReadings(readings, path);
    }
    return new RequestPath(readings, readings.size() == 1 && isPlain(target, readings.get(0)));
  }

  private static void addReadings(List<PathReading> readings, String path) {
    addReadingsOfBytes(readings, path);
    if (containsAnyCase(path, "%u")) {
      addReadingsOfBytes(readings, UTF_16.matcher(path).replaceAll(RequestPath::inBytes));
    }
  }

  /** Characters of ASCII stay encoded, so that a slash among them is read as any encoded one. */
  private static String inBytes(MatchResult encoded) {
    int unit = Integer.parseInt(encoded.group(1), 16);
    String text = unit < 0x80 ? "%" + encoded.group(1).substring(2) : String.valueOf((char) unit);
    return Matcher.quoteReplacement(text);
  }

  private static void addReadingsOfBytes(List<PathReading> readings, String path) {
    boolean slashes = containsAnyCase(path, "%2f");
    boolean backslashes = path.indexOf('\\') >= 0 || containsAnyCase(path, "%5c");
    boolean dots = hasDotSegment(path) || containsAnyCase(path, "%2e");
    boolean parameters = path.contains("/;");
    Dots[] may = dots ? Dots.values() : Dots.NONE;
    List<Separators> differing =
        Stream.of(Separators.values())
            .filter(separators -> separators.differ(slashes, backslashes))
            .toList();
    readings.addAll(read(path, differing, may, true));
    if (parameters) {
      readings.addAll(read(path, differing, may, false));
    }
    if (dots && (slashes || backslashes)) {
      List<Separators> raw = List.of(Separators.RAW_SLASHES);
      for (PathReading resolved : read(path, raw, Dots.RESOLVING, true)) {
        readings.add(divided(resolved, Separators.SLASHES));
        if (backslashes) {
          readings.add(divided(resolved, Separators.SLASHES_AND_BACKSLASHES));
        }
      }
    }
  }

  /** Returns the reading of a server that resolves dot segments before it decodes slashes. */
  private static PathReading divided(PathReading resolved, Separators separators) {
    Reading reading = new Reading(separators, Dots.KEPT);
    for (int i = 0; i < resolved.size(); i++) {
      reading.appendAll(resolved.segment(i));
    }
    return PathReading.of(reading.kept);
  }

  /**
   * Returns whether a target with one reading holds nothing that a server might read otherwise
   * still: another form, a fragment, parameters, empty segments; and decoded, what a second
   * decoding would change, what is no text, and what ends a text elsewhere.
   */
  private static boolean isPlain(String target, PathReading reading) {
    return target.startsWith("/")
        && target.indexOf('#') < 0
        && !withoutQuery(target).contains(";")
        && !withoutQuery(target).contains("//")
        && IntStream.range(0, reading.size())
            .mapToObj(reading::segment)
            .allMatch(RequestPath::isPlainText);
  }

  private static boolean isPlainText(String segment) {
    return segment
        .chars()
        .noneMatch(c -> Character.isISOControl(c) || "%;?#\uFFFD".indexOf(c) >= 0);
  }

  private static String withoutQuery(String target) {
    for (int i = 0; i < target.length(); i++) {
      if (target.charAt(i) == '?' || target.charAt(i) == '#') {
        return target.substring(0, i);
      }
    }
    return target;
  }

  /** Returns what servers may take for the path, which begins with a slash: one text, or two. */
  private static List<String> paths(String target) {
    if (target.startsWith("//")) {
      return List.of(target, pathAfterAuthority(target));
    }
    if (target.startsWith("/")) {
      return List.of(target);
    }
    if (target.equals("*")) {
      return List.of();
    }
    Matcher scheme = SCHEME.matcher(target);
    if (!scheme.lookingAt()) {
      return List.of("/" + target);
    }
    String afterScheme = target.substring(scheme.end());
    if (afterScheme.startsWith("//")) {
      return paths(pathAfterAuthority(afterScheme));
    }
    return afterScheme.startsWith("/")
        ? List.of(afterScheme)
        : List.of("/" + target, "/" + afterScheme);
  }

  private static String pathAfterAuthority(String target) {
    int slash = target.indexOf('/', 2);
    return slash < 0 ? "/" : target.substring(slash);
  }

  /** Returns a reading for each of the separators and each thing that dot segments may do. */
  private static List<PathReading> read(
      String path, List<Separators> separators, Dots[] dots, boolean dropParameters) {
    List<Reading> readings =
        separators.stream()
            .flatMap(each -> Stream.of(dots).map(may -> new Reading(each, may)))
            .toList();
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
      for (Reading reading : readings) {
        reading.appendAll(decoded);
      }
      start = end + 1;
    }
    return readings.stream().map(reading -> PathReading.of(reading.kept)).toList();
  }

  /** Decodes percent-encoded UTF-8 once; a percent sign that encodes nothing stays. */
  private static String decode(String segment) {
    if (segment.indexOf('%') < 0) {
      return segment;
    }
    // Decoded in place: what is written is never longer than what was read.
    byte[] raw = segment.getBytes(StandardCharsets.UTF_8);
    int size = 0;
    for (int i = 0; i < raw.length; i++) {
      int high = raw[i] == '%' && i + 2 < raw.length ? Character.digit(raw[i + 1], 16) : -1;
      int low = high < 0 ? -1 : Character.digit(raw[i + 2], 16);
      if (low < 0) {
        raw[size++] = raw[i];
      } else {
        raw[size++] = (byte) (high << 4 | low);
        i += 2;
      }
    }
    return new String(raw, 0, size, StandardCharsets.UTF_8);
  }

  /** Returns whether there is one, or may be where encoded characters end segments. */
  private static boolean hasDotSegment(String path) {
    int start = 0;
    for (int i = 0; i <= path.length(); i++) {
      char c = i < path.length() ? path.charAt(i) : '/';
      if (c == '/' || c == '\\' || c == ';' || c == '%') {
        if (isDots(path, start, i)) {
          return true;
        }
        start = c == '%' ? i + 3 : i + 1;
      }
    }
    return false;
  }

  private static boolean isDots(String text, int start, int end) {
    int length = end - start;
    return (length == 1 || length == 2) && text.startsWith("..".substring(0, length), start);
  }

  private static boolean containsAnyCase(String text, String part) {
    for (int i = text.indexOf('%'); i >= 0; i = text.indexOf('%', i + 1)) {
      if (text.regionMatches(true, i, part, 0, part.length())) {
        return true;
      }
    }
    return false;
  }

  /** What ends a segment besides a slash that is not encoded. */
  private enum Separators {
    RAW_SLASHES,
    SLASHES,
    SLASHES_AND_BACKSLASHES;

    /** Returns whether a path with these in it may be read otherwise than by those before. */
    boolean differ(boolean slashes, boolean backslashes) {
      return switch (this) {
        case RAW_SLASHES -> true;
        case SLASHES -> slashes;
        case SLASHES_AND_BACKSLASHES -> backslashes;
      };
    }

    /** Returns whether a character that was decoded, or is no slash, ends a segment. */
    boolean end(char c) {
      return this != RAW_SLASHES && (c == '/' || (c == '\\' && this == SLASHES_AND_BACKSLASHES));
    }
  }

  /** What dot segments do. */
  private enum Dots {
    /** They take back the segment before them that is not empty. */
    RESOLVED_WITHOUT_EMPTY,
    /** They take back the segment before them, which may be empty. */
    RESOLVED,
    KEPT;

    /** For a path without them. */
    private static final Dots[] NONE = {KEPT};

    private static final Dots[] RESOLVING = {RESOLVED_WITHOUT_EMPTY, RESOLVED};
  }

  /** The segments of one reading, while it is read. */
  private static final class Reading {

    private final Separators separators;
    private final Dots dots;
    private final List<String> kept = new ArrayList<>();

    /** Counts the segments that are not kept too, since dot segments may take them back. */
    private int length;

    /** Which of the segments that may be taken back are not empty. */
    private final BitSet named = new BitSet();

    private int depth;

    Reading(Separators separators, Dots dots) {
      this.separators = separators;
      this.dots = dots;
    }

    /** Appends what stands between two slashes, decoded: one segment or several. */
    void appendAll(String decoded) {
      int start = 0;
      for (int i = 0; i < decoded.length(); i++) {
        if (separators.end(decoded.charAt(i))) {
          append(decoded, start, i);
          start = i + 1;
        }
      }
      append(decoded, start, decoded.length());
    }

    private void append(String text, int start, int end) {
      if (dots == Dots.KEPT || !isDots(text, start, end)) {
        push(text, start, end);
      } else if (end - start == 2 && depth > 0) {
        pop();
      }
    }

    /** Copies a segment only if it is kept: a long target has hundreds of thousands. */
    private void push(String text, int start, int end) {
      boolean empty = start == end;
      if (!empty) {
        if (length <= MAX_SEGMENTS) {
          kept.add(text.substring(start, end));
        }
        length++;
      }
      if (!empty || dots == Dots.RESOLVED) {
        named.set(depth++, !empty);
      }
    }

    private void pop() {
      depth--;
      if (named.get(depth)) {
        length--;
        if (length < kept.size()) {
          kept.remove(length);
        }
      }
    }
  }
}
