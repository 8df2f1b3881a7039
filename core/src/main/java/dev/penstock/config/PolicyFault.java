package dev.penstock.config;

import java.util.Objects;

/**
 * One thing that is wrong in a policy file. Immutable.
 *
 * @param file the file, as it was named
 * @param line from 1
 * @param column from 1, in characters
 * @param path which member or item it is, such as {@code rules[2].cost}, items counted from 0;
 *     empty for the whole file
 * @param message what must be, what is there instead, and what would be right where that is known;
 *     in one line, of bounded length and never with a secret
 */
public record PolicyFault(String file, int line, int column, String path, String message) {

  /**
   * Makes a fault of these parts.
   *
   * @param file the file
   * @param line from 1
   * @param column from 1
   * @param path which member or item
   * @param message what must be
   */
  public PolicyFault {
    Objects.requireNonNull(file, "file");
    Objects.requireNonNull(path, "path");
    Objects.requireNonNull(message, "message");
  }

  /** {@return {@code file:line:column: path: message}, which editors and terminals follow} */
  @Override
  public String toString() {
    return file + ":" + line + ":" + column + ": " + (path.isEmpty() ? "" : path + ": ") + message;
  }
}
