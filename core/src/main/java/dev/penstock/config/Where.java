package dev.penstock.config;

import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A place in a policy file: its line and column, and which member or item stands there. Every value
 * has one and few are ever shown, so the path is only written when it is asked for.
 *
 * @param parent what it is a part of; null for the whole
 * @param name of a member; null where it is none, or its name is refused
 * @param index of an item, from 0; negative where it is none
 * @param line from 1
 * @param column from 1
 */
record Where(@Nullable Where parent, @Nullable String name, int index, int line, int column) {

  /** The place of what has none in the text: the file itself. */
  static final Where FILE = whole(1, 1);

  private static final int NO_ITEM = -1;

  private static final String API_KEYS = "apiKeys";

  /** Where a secret may stand in place of the object that refers to it. */
  private static final Set<String> HOLDERS_OF_SECRETS =
      Set.of("jwt", "redis", API_KEYS, API_KEYS + "." + ApiKeySection.OWNERS);

  static Where whole(int line, int column) {
    return new Where(null, null, NO_ITEM, line, column);
  }

  Where member(String name, int line, int column) {
    return new Where(this, name, NO_ITEM, line, column);
  }

  /** Returns the place of a member whose name is refused. */
  Where unnamed(int line, int column) {
    return new Where(this, null, NO_ITEM, line, column);
  }

  Where item(int index, int line, int column) {
    return new Where(this, null, index, line, column);
  }

  /** Returns the same part where another place of it begins, such as its value. */
  Where at(int line, int column) {
    return new Where(parent, name, index, line, column);
  }

  /** Returns how it is reached: {@code .name}, {@code ["a name"]} or {@code [3]}. */
  private String step() {
    if (name == null || mayBeKey(name)) {
      return index == NO_ITEM ? "[?]" : "[" + index + "]";
    }
    boolean plain =
        !name.isEmpty() && name.length() <= Tree.MOST_NAME && name.chars().allMatch(Where::isPlain);
    return plain ? "." + name : "[" + Shown.quoted(name) + "]";
  }

  /** Returns whether what stands here may be a secret, which no fault may tell. */
  boolean mayBeSecret() {
    return HOLDERS_OF_SECRETS.contains(path());
  }

  /** Whoever swaps owners and API keys has keys for names: no fault may tell one. */
  private boolean mayBeKey(String name) {
    return parent != null
        && (parent.isMember(API_KEYS)
            ? !List.of(ApiKeySection.KNOWN).contains(name)
            : parent.isMember(ApiKeySection.OWNERS)
                && parent.parent != null
                && parent.parent.isMember(API_KEYS));
  }

  private boolean isMember(String other) {
    return other.equals(name);
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
    for (Where part = this; part.parent != null; part = part.parent) {
      path.insert(0, part.step());
    }
    return path.length() > 0 && path.charAt(0) == '.' ? path.substring(1) : path.toString();
  }
}
