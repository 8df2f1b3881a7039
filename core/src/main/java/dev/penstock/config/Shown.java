package dev.penstock.config;

/** How a fault shows a piece of the file: in one line, bounded, and without what moves a cursor. */
final class Shown {

  private static final int MOST = 60;

  private Shown() {}

  /** {@return the text in quotes} */
  static String quoted(String text) {
    return '"' + bounded(text) + '"' + (text.length() > MOST ? length(text) : "");
  }

  /** {@return the text as it is, where it has no quotes in the file} */
  static String plain(String text) {
    return bounded(text) + (text.length() > MOST ? length(text) : "");
  }

  private static String length(String text) {
    return "... (" + text.length() + " characters)";
  }

  private static String bounded(String text) {
    StringBuilder shown = new StringBuilder();
    text.codePoints()
        .limit(MOST)
        .forEach(
            c -> {
              if (isHarmless(c)) {
                shown.appendCodePoint(c);
              } else {
                shown.append(String.format("\\u%04x", c));
              }
            });
    return shown.toString();
  }

  /** {@return such as {@code U+0000}} */
  static String codePoint(int c) {
    return String.format("U+%04X", c);
  }

  /** Returns whether a text has only such characters. */
  static boolean isHarmless(String text) {
    int i = 0;
    while (i < text.length()) {
      int c = text.codePointAt(i);
      if (!isHarmless(c)) {
        return false;
      }
      i += Character.charCount(c);
    }
    return true;
  }

  /** Returns whether a character is nothing that a terminal or an editor obeys. */
  private static boolean isHarmless(int c) {
    if (c >= ' ' && c <= '~') {
      return true;
    }
    return switch (Character.getType(c)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.SURROGATE,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR ->
          false;
      default -> true;
    };
  }
}
