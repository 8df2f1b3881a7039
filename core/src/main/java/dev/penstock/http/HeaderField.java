package dev.penstock.http;

import java.util.Locale;
import java.util.Objects;
import java.util.Set;

/**
 * One line of a response's header.
 *
 * @param name the name of the field
 * @param value its value, without line breaks
 */
public record HeaderField(String name, String value) {

  private static final Set<String> LISTS =
      Set.of("access-control-expose-headers", "ratelimit", "ratelimit-policy", "vary");

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
    return !LISTS.contains(name.toLowerCase(Locale.ROOT));
  }
}
