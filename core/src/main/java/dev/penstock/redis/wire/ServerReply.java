package dev.penstock.redis.wire;

import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What a server says of an error, as it may be shown: one line, without what it was sent.
 *
 * <p>The same error inside a script stands bare, behind the script's own, or before its digest, as
 * servers of each generation have it; here it is bare.
 *
 * @param code the first word in capitals, {@code ERR} where there is none
 * @param text the whole, code included
 */
record ServerReply(String code, String text) {

  private static final int LONGEST = 200;

  /** As {@code ERR Error running script (call to f_0f1e): @user_script:1: user_script: 1: -OOM}. */
  private static final Pattern BEFORE =
      Pattern.compile("^(?:ERR )?(?:Error running script [^:]*: )?(?:@?user_script: ?\\d+: )+-?");

  /** From Redis 7 {@code ... script: 0f1e, on @user_script:1.}, without the hash on Valkey 9. */
  private static final Pattern BEHIND =
      Pattern.compile(",? script: (?:[0-9a-f]{40}, )?on @user_script:\\d+\\.$");

  /** What servers say of a command they do not know holds the arguments, the password of AUTH. */
  private static final Pattern ARGUMENTS =
      Pattern.compile(",? ?\\(?with args beginning with:?.*$", Pattern.CASE_INSENSITIVE);

  /** A quotation, not an apostrophe, that is not the name of a command or of an option. */
  private static final Pattern QUOTATION =
      Pattern.compile("(?<![a-zA-Z])(['\"`])(?![a-zA-Z|_-]{1,32}\\1)(?:(?!\\1).)+\\1");

  private static final Pattern CODE = Pattern.compile("^-?([A-Z]{2,})(?: |$)");
  private static final Pattern FORBIDDEN_COMMAND = Pattern.compile("the '([a-z|_.-]+)' command");
  private static final Pattern UNKNOWN_COMMAND =
      Pattern.compile("nknown command ['`]([a-zA-Z|_.-]+)['`]");

  /** Errors without a code of their own that a proxy has instead of an answer, or a full server. */
  private static final Set<String> PASSING =
      Set.of(
          "max number of clients",
          "connection refused",
          "connection timed out",
          "connection reset",
          "operation timed out",
          "timed out",
          "host is down",
          "no route to host",
          "network is unreachable",
          "server error",
          "upstream");

  /** Codes of errors that only an operator ends. */
  private static final Set<String> STAYING =
      Set.of("NOPERM", "WRONGPASS", "NOAUTH", "DENIED", "NOPROTO");

  static ServerReply of(String message) {
    String line = message.lines().findFirst().orElse("").strip();
    line = BEFORE.matcher(line).replaceFirst("");
    line = BEHIND.matcher(line).replaceFirst("");
    line = ARGUMENTS.matcher(line).replaceFirst("");
    line = QUOTATION.matcher(line).replaceAll("$1...$1");
    line = line.replaceAll("[^\\x20-\\x7E]", "?");
    line = line.length() <= LONGEST ? line : line.substring(0, LONGEST) + "...";
    Matcher code = CODE.matcher(line);
    return new ServerReply(code.find() ? code.group(1) : "ERR", line);
  }

  boolean is(String expected) {
    return code.equals(expected);
  }

  boolean says(String words) {
    return text.contains(words);
  }

  /** Returns whether it forbids something to the user, also in the words of scripts. */
  boolean isForbidden() {
    return is("NOPERM") || says("can't run this command") || says("has no permissions");
  }

  boolean isUnknownCommand() {
    return says("nknown command") || says("nknown Redis command");
  }

  /** Returns the command that it names as refused, in capitals, or nothing. */
  String command() {
    return Stream.of(FORBIDDEN_COMMAND, UNKNOWN_COMMAND)
        .map(pattern -> pattern.matcher(text))
        .filter(Matcher::find)
        .map(found -> found.group(1).toUpperCase(Locale.ROOT))
        .findFirst()
        .orElse("");
  }

  /**
   * Returns whether the same call may succeed later without anybody's doing: any error with a code
   * that this class does not know to stay ({@code LOADING}, {@code BUSY}, {@code OOM}), and those
   * of proxies.
   */
  boolean isPassing() {
    String small = text.toLowerCase(Locale.ROOT);
    return is("ERR") ? PASSING.stream().anyMatch(small::contains) : !STAYING.contains(code);
  }
}
