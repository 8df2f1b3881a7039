package dev.penstock.http;

import java.util.HexFormat;
import java.util.Optional;
import java.util.StringJoiner;

/**
 * An IP address as a number of 128 bits.
 *
 * <p>An IPv4 address is held as its IPv4-mapped IPv6 address (RFC 4291 section 2.5.5.2), so both
 * spellings are one value, which is IPv4 wherever the family matters.
 *
 * @param high the first four groups of 16 bits
 * @param low the last four groups of 16 bits
 */
record IpAddress(long high, long low) {

  /** The bits of an address; an IPv4 address is in the last 32 of them. */
  static final int BITS = 128;

  private static final int GROUPS = 8;
  private static final long IPV4_MAPPED = 0xffff_0000_0000L;
  private static final long IPV4_BITS = 0xffff_ffffL;
  private static final long NAT64_HIGH = 0x0064_ff9b_0000_0000L;
  private static final long SIX_TO_FOUR = 0x2002;
  private static final long TEREDO = 0x2001_0000;

  /**
   * Returns the address of a literal: four decimal numbers without leading zeros (RFC 3986 section
   * 3.2.2), or an IPv6 address in any form of RFC 4291 section 2.2 without zone id and brackets.
   * Everything else is empty; no name is ever looked up.
   */
  static Optional<IpAddress> parse(String text) {
    if (text.indexOf(':') < 0) {
      return parseIpv4(text);
    }
    if (text.indexOf('.') < 0) {
      return parseIpv6(text);
    }
    int dotted = text.lastIndexOf(':') + 1;
    return parseIpv4(text.substring(dotted))
        .map(end -> text.substring(0, dotted) + end.groupText(6) + ":" + end.groupText(7))
        .flatMap(IpAddress::parseIpv6);
  }

  /** Returns whether this is an IPv4 address. */
  boolean isIpv4() {
    return high == 0 && low >>> 32 == 0xffff;
  }

  /**
   * Returns the IPv4 address that this one carries, or this. NAT64 (64:ff9b::/96, RFC 6052 section
   * 2.1) has it in the last 32 bits, Teredo (2001::/32, RFC 4380 section 4) there too, with each
   * bit inverted, and 6to4 (2002::/16, RFC 3056 section 2) behind its prefix.
   */
  IpAddress unwrapped() {
    if (high == NAT64_HIGH && low >>> 32 == 0) {
      return ofIpv4(low);
    }
    if (high >>> 32 == TEREDO) {
      return ofIpv4(~low);
    }
    return high >>> 48 == SIX_TO_FOUR ? ofIpv4(high >>> 16) : this;
  }

  /** Returns the address with all but its first bits, 0 to 128 of them, set to zero. */
  IpAddress truncatedTo(int bits) {
    return new IpAddress(high & mask(bits), low & mask(bits - 64));
  }

  /** {@return dotted decimal for IPv4, the canonical text of RFC 5952 section 4 for IPv6} */
  @Override
  public String toString() {
    return isIpv4() ? ipv4Text() : ipv6Text();
  }

  private static Optional<IpAddress> parseIpv4(String text) {
    long bits = 0;
    int start = 0;
    for (int i = 0; i < 4; i++) {
      int end = i < 3 ? text.indexOf('.', start) : text.length();
      int octet = end < 0 ? -1 : parseOctet(text, start, end);
      if (octet < 0) {
        return Optional.empty();
      }
      bits = bits << 8 | octet;
      start = end + 1;
    }
    return Optional.of(ofIpv4(bits));
  }

  /** Returns the address of the last 32 bits. */
  private static IpAddress ofIpv4(long bits) {
    return new IpAddress(0, IPV4_MAPPED | (bits & IPV4_BITS));
  }

  /** Returns a number from 0 to 255, or -1 if this is none: a leading zero could mean octal. */
  private static int parseOctet(String text, int start, int end) {
    int length = end - start;
    if (length < 1 || length > 3 || (length > 1 && text.charAt(start) == '0')) {
      return -1;
    }
    int octet = 0;
    for (int i = start; i < end; i++) {
      char c = text.charAt(i);
      if (c < '0' || c > '9') {
        return -1;
      }
      octet = octet * 10 + (c - '0');
    }
    return octet <= 255 ? octet : -1;
  }

  private static Optional<IpAddress> parseIpv6(String text) {
    int gap = text.indexOf("::");
    int[] groups = new int[GROUPS];
    int before = readGroups(gap < 0 ? text : text.substring(0, gap), groups);
    if (gap < 0) {
      return before == GROUPS ? Optional.of(ofGroups(groups)) : Optional.empty();
    }
    int[] end = new int[GROUPS];
    int after = readGroups(text.substring(gap + 2), end);
    // The gap stands for one group at least.
    if (before < 0 || after < 0 || before + after >= GROUPS) {
      return Optional.empty();
    }
    System.arraycopy(end, 0, groups, GROUPS - after, after);
    return Optional.of(ofGroups(groups));
  }

  /** Returns how many groups the text has, none if it is empty, or -1 if it is malformed. */
  private static int readGroups(String text, int[] groups) {
    if (text.isEmpty()) {
      return 0;
    }
    int count = 0;
    int start = 0;
    while (start <= text.length()) {
      int colon = text.indexOf(':', start);
      int end = colon < 0 ? text.length() : colon;
      if (count == GROUPS || !isGroup(text, start, end)) {
        return -1;
      }
      groups[count++] = HexFormat.fromHexDigits(text, start, end);
      start = end + 1;
    }
    return count;
  }

  private static boolean isGroup(String text, int start, int end) {
    for (int i = start; i < end; i++) {
      if (!HexFormat.isHexDigit(text.charAt(i))) {
        return false;
      }
    }
    return start < end && end - start <= 4;
  }

  private static IpAddress ofGroups(int[] groups) {
    long high = 0;
    long low = 0;
    for (int i = 0; i < GROUPS / 2; i++) {
      high = high << 16 | groups[i];
      low = low << 16 | groups[i + GROUPS / 2];
    }
    return new IpAddress(high, low);
  }

  private static long mask(int bits) {
    if (bits <= 0) {
      return 0;
    }
    return bits >= 64 ? -1 : -1L << (64 - bits);
  }

  private int group(int index) {
    return (int) ((index < 4 ? high : low) >>> (48 - 16 * (index % 4))) & 0xffff;
  }

  private String groupText(int index) {
    return Integer.toHexString(group(index));
  }

  private String ipv4Text() {
    return (low >>> 24 & 0xff)
        + "."
        + (low >>> 16 & 0xff)
        + "."
        + (low >>> 8 & 0xff)
        + "."
        + (low & 0xff);
  }

  private String ipv6Text() {
    // The first of the longest runs of zeros becomes "::", but never a single zero (section 4.2).
    int gap = -1;
    int gapLength = 1;
    for (int i = 0; i < GROUPS; i++) {
      int length = zerosFrom(i);
      if (length > gapLength) {
        gap = i;
        gapLength = length;
      }
    }
    if (gap < 0) {
      return groupTexts(0, GROUPS);
    }
    return groupTexts(0, gap) + "::" + groupTexts(gap + gapLength, GROUPS);
  }

  private String groupTexts(int from, int to) {
    StringJoiner texts = new StringJoiner(":");
    for (int i = from; i < to; i++) {
      texts.add(groupText(i));
    }
    return texts.toString();
  }

  private int zerosFrom(int index) {
    int end = index;
    while (end < GROUPS && group(end) == 0) {
      end++;
    }
    return end - index;
  }
}
