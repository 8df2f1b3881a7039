package dev.penstock.base;

/** Strings of JSON (RFC 8259 section 7): written here and nowhere else. */
public final class JsonStrings {

  private JsonStrings() {}

  /**
   * Appends a string, with no {@code <} in it, so that a page which holds the text in a script is
   * not ended by it.
   *
   * @param json what is appended to
   * @param text any text
   * @return what was appended to
   */
  public static StringBuilder string(StringBuilder json, String text) {
    json.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"' || c == '\\') {
        json.append('\\').append(c);
      } else if (c < 0x20 || c == '<') {
        json.append(c < 0x10 ? "\\u000" : "\\u00").append(Integer.toHexString(c));
      } else {
        json.append(c);
      }
    }
    return json.append('"');
  }
}
