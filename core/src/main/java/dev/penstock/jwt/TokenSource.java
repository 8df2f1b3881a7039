package dev.penstock.jwt;

import dev.penstock.http.RequestView;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where a request carries its token: the {@code Authorization} field (RFC 6750, section 2.1), and
 * where configured a cookie. Never the query.
 *
 * @param cookie the name of the cookie to look at where the field holds no token, or null for none
 * @param bareToken whether a field value of one word, without a scheme, is a token
 */
record TokenSource(@Nullable String cookie, boolean bareToken) {

  private static final String SCHEME = "Bearer";

  /**
   * {@return every text of the request that stands where a token may stand} More than one is no
   * token: two readers of the request could each pick another.
   */
  List<String> tokens(RequestView request) {
    List<String> lines = request.headerLines("Authorization");
    if (lines.size() > 1) {
      return lines;
    }
    String token = lines.isEmpty() ? "" : credentials(lines.get(0));
    if (!token.isEmpty()) {
      return List.of(token);
    }
    return cookie == null ? List.of() : cookies(request.headerLines("Cookie"), cookie);
  }

  /** Returns what follows the scheme, or an empty text where the value is for someone else. */
  private String credentials(String line) {
    String value = stripSpace(line);
    int space = value.indexOf(' ');
    int schemeEnd = space < 0 ? value.length() : space;
    if (schemeEnd == SCHEME.length() && value.regionMatches(true, 0, SCHEME, 0, schemeEnd)) {
      return stripSpace(value, schemeEnd);
    }
    return bareToken && space < 0 ? value : "";
  }

  /** RFC 6265, section 4.2.1; an empty value is what a deleted cookie leaves behind. */
  private static List<String> cookies(List<String> lines, String name) {
    List<String> values = new ArrayList<>();
    for (String line : lines) {
      int end;
      for (int start = 0; start < line.length(); start = end + 1) {
        int semicolon = line.indexOf(';', start);
        end = semicolon < 0 ? line.length() : semicolon;
        String pair = line.substring(start, end);
        int equals = pair.indexOf('=');
        if (equals >= 0 && stripSpace(pair.substring(0, equals)).equals(name)) {
          String value = stripSpace(pair.substring(equals + 1));
          if (!value.isEmpty()) {
            values.add(value);
          }
        }
      }
    }
    return values;
  }

  /** {@return whether a text is a token (RFC 9110, section 5.6.2), as a cookie's name is} */
  static boolean isCookieName(String name) {
    return !name.isEmpty()
        && name.chars().allMatch(c -> c > ' ' && c < 0x7f && "\"(),/:;<=>?@[\\]{}".indexOf(c) < 0);
  }

  /** Strips spaces and tabs, the only space in a field value (RFC 9110, section 5.6.3). */
  private static String stripSpace(String text) {
    return stripSpace(text, 0);
  }

  private static String stripSpace(String text, int start) {
    int from = start;
    int to = text.length();
    while (from < to && isSpace(text.charAt(from))) {
      from++;
    }
    while (from < to && isSpace(text.charAt(to - 1))) {
      to--;
    }
    return text.substring(from, to);
  }

  private static boolean isSpace(char c) {
    return c == ' ' || c == '\t';
  }
}
