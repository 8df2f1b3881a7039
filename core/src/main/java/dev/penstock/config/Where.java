package dev.penstock.config;

import org.jspecify.annotations.Nullable;

/**
 * A place in a policy file: its line and column, and which member or item stands there.
 *
 * @param parent what it is a part of; null for the whole
 * @param step how it is reached from there, {@code .name}, {@code ["a name"]} or {@code [3]}
 * @param line from 1
 * @param column from 1
 */
record Where(@Nullable Where parent, String step, int line, int column) {

  /** The place of what has none in the text: the file itself. */
  static final Where FILE = new Where(null, "", 1, 1);

  static Where whole(int line, int column) {
    return new Where(null, "", line, column);
  }

  Where member(String name, int line, int column) {
    boolean plain =
        !name.isEmpty() && name.length() <= Tree.MOST_NAME && name.chars().allMatch(Where::isPlain);
    return new Where(this, plain ? "." + name : "[" + Shown.quoted(name) + "]", line, column);
  }

  /** Returns the place of a member whose name is refused. */
  Where unnamed(int line, int column) {
    return new Where(this, "[?]", line, column);
  }

  Where item(int index, int line, int column) {
    return new Where(this, "[" + index + "]", line, column);
  }

  /** Returns the same part where another place of it begins, such as its value. */
  Where at(int line, int column) {
    return new Where(parent, step, line, column);
  }

  private static boolean isPlain(int c) {
    return (c >= 'a' && c <= 'z')
        || (c >= 'A' && c <= 'Z')
        || (c >= '0' && c <= '9')
        || "-_$".indexOf(c) >= 0;
  }

  /** {@return such as {@code rules[2].cost}, items counted from 0; empty for the whole} */
  String path() {
    StringBuilder path = new StringBuilder();
    for (Where part = this; part != null; part = part.parent) {
      path.insert(0, part.step);
    }
    return path.length() > 0 && path.charAt(0) == '.' ? path.substring(1) : path.toString();
  }
}
