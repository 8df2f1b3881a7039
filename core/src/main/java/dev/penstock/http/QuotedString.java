package dev.penstock.http;

import java.util.Optional;

/** Quoted strings of header fields (RFC 9110 section 5.6.4), found from either end. */
final class QuotedString {

  private QuotedString() {}

  /** Returns the index after the quote that closes the string opened at {@code open}, or -1. */
  static int end(String text, int open) {
    for (int i = open + 1; i < text.length(); i++) {
      if (text.charAt(i) == '\\') {
        i++;
      } else if (text.charAt(i) == '"') {
        return i + 1;
      }
    }
    return -1;
  }

  /**
   * Returns the index of the quote that opens the string closed at {@code close}, or -1 if there is
   * none at {@code floor} or after. Where the string is well-formed, this is the reverse of {@link
   * #end}: within it, only escaped quotes follow an odd number of backslashes.
   */
  static int start(String text, int close, int floor) {
    for (int i = close - 1; i >= floor; i--) {
      if (text.charAt(i) == '"' && backslashesBefore(text, i, floor) % 2 == 0) {
        return i;
      }
    }
    return -1;
  }

  /** Returns what a quoted string says, or empty if the text is not exactly one. */
  static Optional<String> content(String text) {
    if (!text.startsWith("\"") || end(text, 0) != text.length()) {
      return Optional.empty();
    }
    StringBuilder content = new StringBuilder();
    for (int i = 1; i < text.length() - 1; i++) {
      if (text.charAt(i) == '\\') {
        i++;
      }
      if (!isFieldText(text.charAt(i))) {
        return Optional.empty();
      }
      content.append(text.charAt(i));
    }
    return Optional.of(content.toString());
  }

  private static int backslashesBefore(String text, int index, int floor) {
    int start = index;
    while (start > floor && text.charAt(start - 1) == '\\') {
      start--;
    }
    return index - start;
  }

  /** Tab, space, visible ASCII and the upper half of Latin-1. */
  private static boolean isFieldText(char c) {
    return c == '\t' || (c >= ' ' && c <= 0xff && c != 0x7f);
  }
}
