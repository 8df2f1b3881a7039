package dev.penstock.http;

import java.util.Optional;

/** A header field in which each proxy appends the address it was called from. */
enum ForwardingHeader {

  /**
   * A list of addresses, with or without a port. It has no standard: an element is read as a node
   * of RFC 7239 or as an IPv6 address without brackets, in quotes or not.
   */
  X_FORWARDED_FOR("X-Forwarded-For") {
    @Override
    Optional<IpAddress> address(String element) {
      Optional<String> node =
          element.startsWith("\"") ? QuotedString.content(element) : Optional.of(element);
      return node.flatMap(text -> IpAddress.parse(text).or(() -> nodeAddress(text)));
    }
  },

  /** A list of parameters, of which {@code for} names a node (RFC 7239). */
  FORWARDED("Forwarded") {
    @Override
    Optional<IpAddress> address(String element) {
      return ForwardedElement.node(element).flatMap(ForwardingHeader::nodeAddress);
    }
  };

  private static final int MAX_PORT_DIGITS = 5;

  private final String fieldName;

  ForwardingHeader(String fieldName) {
    this.fieldName = fieldName;
  }

  /**
   * {@return the address in one element of the list; empty if the element is malformed, or names no
   * address but {@code unknown} or an obfuscated identifier}
   */
  abstract Optional<IpAddress> address(String element);

  /** {@return the name of the header field} */
  String fieldName() {
    return fieldName;
  }

  /** Reads an address with an optional port; IPv6 stands in brackets (RFC 7239 section 6). */
  private static Optional<IpAddress> nodeAddress(String node) {
    if (!node.startsWith("[")) {
      int colon = node.indexOf(':');
      int end = colon < 0 ? node.length() : colon;
      return addressBefore(node.substring(0, end), node.substring(end));
    }
    int close = node.indexOf(']');
    boolean holdsIpv6 = node.lastIndexOf(':', close) >= 0;
    return holdsIpv6
        ? addressBefore(node.substring(1, close), node.substring(close + 1))
        : Optional.empty();
  }

  private static Optional<IpAddress> addressBefore(String literal, String port) {
    return port.isEmpty() || isPort(port) ? IpAddress.parse(literal) : Optional.empty();
  }

  /** A colon, and one to five digits or an obfuscated port (RFC 7239 section 6.3). */
  private static boolean isPort(String text) {
    int length = text.length();
    if (text.startsWith(":_")) {
      return length > 2 && text.chars().skip(2).allMatch(ForwardingHeader::isObfuscatedCharacter);
    }
    return text.startsWith(":")
        && length > 1
        && length <= 1 + MAX_PORT_DIGITS
        && text.chars().skip(1).allMatch(ForwardingHeader::isDigit);
  }

  private static boolean isObfuscatedCharacter(int c) {
    return isDigit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || "._-".indexOf(c) >= 0;
  }

  private static boolean isDigit(int c) {
    return c >= '0' && c <= '9';
  }
}
