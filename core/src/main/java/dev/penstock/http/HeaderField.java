package dev.penstock.http;

import java.util.Objects;

/**
 * One line of a response's header.
 *
 * @param name the name of the field
 * @param value its value, without line breaks
 */
public record HeaderField(String name, String value) {

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
}
