package dev.penstock.jwt;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Finds the tokens in lines of the {@code Cookie} field (RFC 6265, section 4.2) as any of those
 * might who read cookies: servers leave quotes or strip them, and some take {@code $Version}, a
 * comma or a quoted semicolon otherwise than others; frameworks behind them undo escapes.
 */
final class CookieTokens {

  /** A server may undo escapes, and a framework those that are left. */
  private static final int DECODED_AT_MOST = 2;

  private CookieTokens() {}

  /** {@return whether a text is a token (RFC 9110, section 5.6.2), as a cookie's name is} */
  static boolean isName(String name) {
    return !name.isEmpty() && name.chars().allMatch(CookieTokens::isOfName);
  }

  /** {@return the value that comes first, where it is written as nearly all are; else null} */
  static @Nullable String usual(List<String> lines, String name) {
    String line = lines.isEmpty() ? "" : lines.get(0);
    int start = line.indexOf(name);
    int equals = start + name.length();
    if (!begins(line, start) || equals >= line.length() || line.charAt(equals) != '=') {
      return null;
    }
    int end = line.indexOf(';', equals);
    return line.substring(equals + 1, end < 0 ? line.length() : end);
  }

  /** Finds the tokens of a line, and returns whether the cookie has a value there at all. */
  static boolean scan(String line, String name, TokenScan tokens) {
    boolean any = scanOnce(line, name, tokens);
    String text = line;
    for (int i = 0; i < DECODED_AT_MOST; i++) {
      String decoded = decoded(text);
      if (decoded.equals(text)) {
        return any;
      }
      any |= scanOnce(decoded, name, tokens);
      text = decoded;
    }
    return any;
  }

  /**
   * Finds what stands where values begin, and after it, in case a server takes other characters for
   * the end of a cookie, all else behind the first place where the cookie's name stands.
   */
  private static boolean scanOnce(String text, String name, TokenScan tokens) {
    boolean any = false;
    int first = -1;
    for (int at = text.indexOf(name); at >= 0; at = text.indexOf(name, at + 1)) {
      int equals = skipSpace(text, at + name.length());
      if (begins(text, at) && equals < text.length() && text.charAt(equals) == '=') {
        any |= scanValue(text, equals + 1, tokens);
        first = first < 0 ? equals : first;
      }
    }
    if (first >= 0) {
      tokens.line(text, first + 1);
    }
    return any;
  }

  /** Finds a token that the value is, with the name of the scheme before it or without. */
  private static boolean scanValue(String text, int from, TokenScan tokens) {
    int value = firstOfValue(text, from);
    if (value < 0) {
      return false;
    }
    tokens.word(text, value);
    int behind = value + TokenScan.SCHEME.length();
    int next = TokenScan.isScheme(text, value) ? firstOfValue(text, behind) : -1;
    if (next > behind) {
      tokens.word(text, next);
    }
    return true;
  }

  /** Returns whether a name begins at a place, and is not itself part of a value. */
  private static boolean begins(String text, int at) {
    return at == 0 || (at > 0 && text.charAt(at - 1) != '=' && !isOfName(text.charAt(at - 1)));
  }

  private static int skipSpace(String text, int from) {
    int at = from;
    while (at < text.length() && (text.charAt(at) == ' ' || text.charAt(at) == '\t')) {
      at++;
    }
    return at;
  }

  /** Returns where a value begins to be base64, behind quotes and the like; or -1. */
  private static int firstOfValue(String text, int from) {
    int at = from;
    while (at < text.length()
        && text.charAt(at) != ';'
        && !TokenScan.isBase64Url(text.charAt(at))) {
      at++;
    }
    return at < text.length() && text.charAt(at) != ';' ? at : -1;
  }

  /** Undoes percent-encoding, and the backslashes of a quoted string, octal ones included. */
  private static String decoded(String text) {
    if (text.indexOf('%') < 0 && text.indexOf('\\') < 0) {
      return text;
    }
    StringBuilder decoded = new StringBuilder(text.length());
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '%' && number(text, i + 1, 2, 16) >= 0) {
        decoded.append((char) number(text, i + 1, 2, 16));
        i += 2;
      } else if (c == '\\' && number(text, i + 1, 3, 8) >= 0) {
        decoded.append((char) number(text, i + 1, 3, 8));
        i += 3;
      } else if (c != '\\') {
        decoded.append(c);
      }
    }
    return decoded.toString();
  }

  /** Returns the number that some digits write, or -1 where they are no digits. */
  private static int number(String text, int from, int digits, int radix) {
    int number = 0;
    for (int i = from; i < from + digits; i++) {
      int digit = i < text.length() ? Character.digit(text.charAt(i), radix) : -1;
      if (digit < 0) {
        return -1;
      }
      number = number * radix + digit;
    }
    return number;
  }

  private static boolean isOfName(int c) {
    return c > ' ' && c < 0x7f && "\"(),/:;<=>?@[\\]{}".indexOf(c) < 0;
  }
}
