package dev.penstock.jwt;

import java.util.List;
import java.util.Locale;

/**
 * Names for the schemes of {@code Authorization} behind which a token does not count. The field is
 * the client's word, so only these are told: some of the IANA HTTP Authentication Scheme Registry,
 * and what applications use.
 */
final class OtherScheme {

  /** Whose tokens may be opaque, as those behind Bearer may (RFC 9449, section 7.1). */
  private static final String DPOP = "dpop";

  private static final String NONE = "none";
  private static final String OTHER = "other";

  /** All names there are. */
  static final List<String> NAMES =
      List.of(
          DPOP,
          "apikey",
          "aws4-hmac-sha256",
          "basic",
          "concealed",
          "digest",
          "gnap",
          "hawk",
          "hoba",
          "jwt",
          "mac",
          "mutual",
          "negotiate",
          "oauth",
          "pop",
          "privatetoken",
          "signature",
          "token",
          "vapid",
          NONE,
          OTHER);

  private OtherScheme() {}

  /** {@return the name of a line's scheme: {@code none} where it has one word, or {@code other}} */
  static String of(String line) {
    String text = line.strip();
    int end = end(text);
    if (end == text.length()) {
      return NONE;
    }
    String name = text.substring(0, end).toLowerCase(Locale.ROOT);
    return NAMES.contains(name) && !name.equals(NONE) ? name : OTHER;
  }

  /** {@return whether what follows is a token, whatever it looks like} */
  static boolean isOfTokens(String line) {
    return of(line).equals(DPOP);
  }

  private static int end(String text) {
    int end = 0;
    while (end < text.length() && text.charAt(end) != ' ' && text.charAt(end) != '\t') {
      end++;
    }
    return end;
  }
}
