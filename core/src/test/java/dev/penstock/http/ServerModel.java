package dev.penstock.http;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What servers do to a target before they look for a handler, each step written as simply as can
 * be. No server takes all of them, but any order of any of them is some server's, or could be.
 */
@SuppressWarnings("ImmutableEnumChecker") // the steps have no state
public enum ServerModel {
  DECODE(path -> decoded(path, "", 2)),
  DECODE_ALL_BUT_SLASHES(path -> decoded(path, "/\\", 2)),
  DECODE_UTF_16(path -> decoded(path, "", 4)),
  CUT_QUERY(path -> before(path, '?')),
  CUT_FRAGMENT(path -> before(path, '#')),
  CUT_AT_NUL(path -> before(path, '\0')),
  CUT_AUTHORITY(path -> replaced("^([a-z]+:)?//[^/]*", path, "//", "")),
  DROP_PARAMETERS(path -> replaced("(?s);[^/]*", path, ";", "")),
  DROP_CONTROLS(path -> replaced("[\\x00-\\x1f\\x7f]", path, "", "")),
  SLASH_OF_BACKSLASH(path -> path.replace('\\', '/')),
  COLLAPSE_SLASHES(path -> replaced("/{2,}", path, "//", "/")),
  RESOLVE_DOTS(path -> resolved(path, false)),
  RESOLVE_DOTS_OVER_EMPTY_SEGMENTS(path -> resolved(path, true)),
  TRIM_SEGMENTS(ServerModel::trimmed);

  private static final ServerModel[] ALL = values();
  private static final Pattern RUN = Pattern.compile("/?agents/[^/]+/runs/?");

  /** What applications do to the path that a server gives them. */
  private static final List<List<ServerModel>> APPLICATIONS =
      List.of(
          List.of(),
          List.of(DROP_PARAMETERS),
          List.of(DECODE),
          List.of(DROP_PARAMETERS, DECODE),
          List.of(DECODE, DROP_PARAMETERS),
          List.of(DECODE, DECODE),
          List.of(DROP_CONTROLS),
          List.of(CUT_FRAGMENT),
          List.of(CUT_AUTHORITY));

  private final UnaryOperator<String> step;

  ServerModel(UnaryOperator<String> step) {
    this.step = step;
  }

  /** {@return whether an application that is given this path takes it for a run} */
  public static boolean isRun(String given) {
    for (List<ServerModel> steps : APPLICATIONS) {
      String path = given;
      for (ServerModel each : steps) {
        path = each.step.apply(path);
      }
      String resolved = resolved(COLLAPSE_SLASHES.step.apply(path), false);
      if (Stream.of(path, resolved, path.replace('\\', '/'))
          .anyMatch(read -> RUN.matcher(read).matches())) {
        return true;
      }
    }
    return false;
  }

  /** {@return whether a server that takes up to so many steps, drawn by lot, sees a run} */
  static boolean seesRun(String target, int steps, Random random) {
    String path = before(target, '?');
    for (int i = random.nextInt(steps + 1); i > 0; i--) {
      path = ALL[random.nextInt(ALL.length)].step.apply(path);
    }
    return path.contains("agents/") && RUN.matcher(path).matches();
  }

  private static String before(String path, char end) {
    int at = path.indexOf(end);
    return at < 0 ? path : path.substring(0, at);
  }

  private static String replaced(String pattern, String path, String present, String text) {
    return path.contains(present) ? Patterns.of(pattern).matcher(path).replaceAll(text) : path;
  }

  /** Decodes once: {@code %XX}, or {@code %uXXXX} where there are four digits. */
  private static String decoded(String path, String left, int digits) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < path.length(); i++) {
      int start = digits == 2 ? i + 1 : i + 2;
      int unit = path.charAt(i) == '%' && u(path, i, digits) ? hex(path, start, digits) : -1;
      if (unit < 0 || left.indexOf(unit) >= 0) {
        text.append(path.charAt(i));
      } else {
        text.append((char) unit);
        i = start + digits - 1;
      }
    }
    return text.toString();
  }

  private static boolean u(String path, int percent, int digits) {
    return digits == 2 || path.regionMatches(true, percent + 1, "u", 0, 1);
  }

  private static int hex(String path, int start, int digits) {
    int value = 0;
    for (int i = start; i < start + digits; i++) {
      int digit = i < path.length() ? Character.digit(path.charAt(i), 16) : -1;
      if (digit < 0) {
        return -1;
      }
      value = value * 16 + digit;
    }
    return value;
  }

  private static String resolved(String path, boolean overEmpty) {
    if (!path.contains("/.") && !path.startsWith(".")) {
      return path;
    }
    List<String> kept = new ArrayList<>();
    for (String segment : path.split("/", -1)) {
      if (segment.equals("..")) {
        int last = kept.size() - 1;
        while (!overEmpty && last > 0 && kept.get(last).isEmpty()) {
          last--;
        }
        if (last > 0) {
          kept.remove(last);
        }
      } else if (!segment.equals(".")) {
        kept.add(segment);
      }
    }
    return String.join("/", kept);
  }

  private static String trimmed(String path) {
    return path.chars().allMatch(c -> c > ' ')
        ? path
        : Stream.of(path.split("/", -1)).map(String::strip).collect(Collectors.joining("/"));
  }

  /** Compiles each pattern once; a constant of the enum cannot see the fields after it. */
  private static final class Patterns {

    private static final Map<String, Pattern> COMPILED = new ConcurrentHashMap<>();

    static Pattern of(String pattern) {
      return COMPILED.computeIfAbsent(pattern, Pattern::compile);
    }
  }
}
