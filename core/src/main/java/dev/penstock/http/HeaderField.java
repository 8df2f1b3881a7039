package dev.penstock.http;

import java.util.List;
import java.util.Objects;

/**
 * One line of a response's header.
 *
 * @param name the name of the field
 * @param value its value, without line breaks
 */
public record HeaderField(String name, String value) {

  private static final List<String> LISTS =
      List.of("RateLimit-Policy", "RateLimit", "Vary", "Access-Control-Expose-Headers");

  /**
   * Checks the parts.
   *
   * @param name the name of the field
   * @param value its value, without line breaks
   */
  public HeaderField {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(value, "value");
  }

  /**
   * {@return whether the field takes the place of whatever the response bears under this name, as a
   * field of one value does; a list is added as a further line (RFC 9110 section 5.3)}
   */
  public boolean replaces() {
    for (int i = 0; i < LISTS.size(); i++) {
      if (LISTS.get(i).equalsIgnoreCase(name)) {
        return false;
      }
    }
    return true;
  }
}
