package dev.penstock.http;

import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** One element of a {@code Forwarded} header field: what one proxy says (RFC 7239 section 4). */
final class ForwardedElement {

  private final String text;
  private final Map<String, String> parameters = new HashMap<>();
  private int position;

  private ForwardedElement(String text) {
    this.text = text;
  }

  /**
   * Returns the value of the parameter {@code for}, unquoted. Empty if there is none, or if
   * anything in the element breaks the grammar, such as a parameter that stands twice, a space
   * around {@code =}, or a colon that is not quoted. Spaces around {@code ;}, which the grammar
   * lacks, are let pass: common proxies write them.
   */
  static Optional<String> node(String element) {
    ForwardedElement parsed = new ForwardedElement(element);
    return parsed.readAll() ? Optional.ofNullable(parsed.parameters.get("for")) : Optional.empty();
  }

  /** Reads parameters divided by semicolons, any of which may be missing. */
  private boolean readAll() {
    while (position < text.length()) {
      skipSpaces();
      if (position < text.length() && !at(';') && !readParameter()) {
        return false;
      }
      skipSpaces();
      if (position < text.length() && !at(';')) {
        return false;
      }
      position++;
    }
    return true;
  }

  private boolean readParameter() {
    Optional<String> name = token();
    if (name.isEmpty() || !at('=')) {
      return false;
    }
    position++;
    Optional<String> value = at('"') ? quotedString() : token();
    return value.isPresent()
        && parameters.put(name.get().toLowerCase(Locale.ROOT), value.get()) == null;
  }

  private Optional<String> token() {
    int start = position;
    while (position < text.length() && isTokenCharacter(text.charAt(position))) {
      position++;
    }
    return start < position ? Optional.of(text.substring(start, position)) : Optional.empty();
  }

  private Optional<String> quotedString() {
    int end = QuotedString.end(text, position);
    if (end < 0) {
      return Optional.empty();
    }
    Optional<String> content = QuotedString.content(text.substring(position, end));
    position = end;
    return content;
  }

  private void skipSpaces() {
    while (at(' ') || at('\t')) {
      position++;
    }
  }

  private boolean at(char c) {
    return position < text.length() && text.charAt(position) == c;
  }

  /** RFC 9110 section 5.6.2. */
  private static boolean isTokenCharacter(char c) {
    return (c >= 'a' && c <= 'z')
        || (c >= 'A' && c <= 'Z')
        || (c >= '0' && c <= '9')
        || "!#$%&'*+-.^_`|~".indexOf(c) >= 0;
  }
}
