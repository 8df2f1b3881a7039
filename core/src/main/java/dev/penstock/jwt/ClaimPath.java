package dev.penstock.jwt;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The claim of a name, or one within others: {@code tenant.id} is the claim of that name where
 * there is one, and else the member {@code id} of the object {@code tenant}. In each object, the
 * longest name that is there counts, so a claim named like a URL may be on the way, too. Null
 * counts as absent.
 *
 * @param name the name, or names with points between them
 * @param ofOne whether a list of one stands for what it holds, on the way and at the end, and an
 *     object of one, whose only member is an object, for that member's name; empty ones for nothing
 */
record ClaimPath(String name, boolean ofOne) implements ClaimSource {

  private static final String SUBJECT = "sub";

  /** {@return a path that is one text or integer} */
  static ClaimPath plain(String name) {
    return new ClaimPath(name, false);
  }

  /** {@return a path that the operator has named: all but {@code sub} may be a list of one} */
  static ClaimPath named(String name) {
    // RFC 7519, section 4.1.2: a text.
    return new ClaimPath(name, !name.equals(SUBJECT));
  }

  @Override
  public @Nullable Object value(Map<String, ?> claims) {
    Object found = find(claims, name);
    return ofOne ? nameOfOne(elementOfOne(found)) : found;
  }

  @Override
  public boolean reads(String claim) {
    return name.startsWith(claim)
        && (name.length() == claim.length() || name.charAt(claim.length()) == '.');
  }

  private @Nullable Object find(Map<?, ?> members, String rest) {
    int end = rest.length();
    Object member = members.get(rest);
    while (member == null) {
      end = rest.lastIndexOf('.', end - 1);
      if (end <= 0) {
        return null;
      }
      member = members.get(rest.substring(0, end));
    }
    if (end == rest.length()) {
      return member;
    }
    Object inner = ofOne ? elementOfOne(member) : member;
    return inner == null
        ? null
        : inner instanceof Map<?, ?> object ? find(object, rest.substring(end + 1)) : NO_NAME;
  }

  /** Returns what a list of one holds, or the value as it is. */
  private static @Nullable Object elementOfOne(@Nullable Object value) {
    if (value instanceof List<?> list && list.size() < 2) {
      return list.isEmpty() ? null : list.get(0);
    }
    return value;
  }

  /** An only member that is a text is no list of names, but part of what has another name. */
  private static @Nullable Object nameOfOne(@Nullable Object value) {
    if (value instanceof Map<?, ?> object && object.size() < 2) {
      return object.isEmpty()
          ? null
          : object.entrySet().stream()
              .filter(member -> member.getValue() instanceof Map)
              .<Object>map(Map.Entry::getKey)
              .findFirst()
              .orElse(NO_NAME);
    }
    return value;
  }
}
