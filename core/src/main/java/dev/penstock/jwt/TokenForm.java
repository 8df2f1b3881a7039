package dev.penstock.jwt;

/**
 * The form of a JWS in compact serialization (RFC 7515, section 7.1), checked before anything is
 * decoded.
 *
 * <p>A decoder that skips foreign characters, or ignores the bits that the last character of a
 * segment leaves over, gives one valid token many spellings. Here each has one.
 */
final class TokenForm {

  /** The longest token that is looked at, in characters. */
  static final int MAX_LENGTH = 8192;

  private TokenForm() {}

  /** {@return whether the text is exactly three canonical segments of base64url} */
  static boolean isCompactJws(String token) {
    if (token.length() > MAX_LENGTH) {
      return false;
    }
    int first = token.indexOf('.');
    int second = token.indexOf('.', first + 1);
    return first >= 0
        && second >= 0
        && isBase64Url(token, 0, first)
        && isBase64Url(token, first + 1, second)
        && isBase64Url(token, second + 1, token.length());
  }

  /** {@return whether the text is the one base64url spelling, unpadded, of at least one byte} */
  static boolean isBase64Url(String text) {
    return isBase64Url(text, 0, text.length());
  }

  private static boolean isBase64Url(String text, int from, int to) {
    int sextet = 0;
    for (int i = from; i < to; i++) {
      sextet = sextet(text.charAt(i));
      if (sextet < 0) {
        return false;
      }
    }
    // What the last character holds beyond the last whole byte must be zero (RFC 4648, 3.5).
    return switch ((to - from) % 4) {
      case 0 -> to > from;
      case 2 -> (sextet & 0b1111) == 0;
      case 3 -> (sextet & 0b11) == 0;
      default -> false;
    };
  }

  /** The alphabet of RFC 4648, section 5; -1 for any other character. */
  private static int sextet(char c) {
    if (c >= 'A' && c <= 'Z') {
      return c - 'A';
    }
    if (c >= 'a' && c <= 'z') {
      return c - 'a' + 26;
    }
    if (c >= '0' && c <= '9') {
      return c - '0' + 52;
    }
    return c == '-' ? 62 : c == '_' ? 63 : -1;
  }
}
