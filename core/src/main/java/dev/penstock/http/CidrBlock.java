package dev.penstock.http;

import java.util.Objects;

/**
 * A block of addresses that agree in their first bits (CIDR, RFC 4632 section 3.1).
 *
 * <p>A block holds addresses of its own family only: {@code ::/0} holds no IPv4 address. An
 * IPv4-mapped IPv6 block of 96 bits or more is the IPv4 block.
 *
 * @param first the first address of the block
 * @param bits how many bits of 128 the addresses agree in; 96 more than written for IPv4
 */
record CidrBlock(IpAddress first, int bits) {

  private static final int IPV4_BITS = 32;

  /**
   * Returns the block of a text such as {@code 10.0.0.0/8} or {@code 2001:db8::/32}; an address
   * alone is the block of this one address.
   *
   * @throws IllegalArgumentException if the address is no literal, the prefix length is out of
   *     range, or a bit is set behind the prefix
   */
  static CidrBlock parse(String cidr) {
    Objects.requireNonNull(cidr, "cidr");
    int slash = cidr.indexOf('/');
    String literal = slash < 0 ? cidr : cidr.substring(0, slash);
    IpAddress address =
        IpAddress.parse(literal)
            .orElseThrow(
                () -> error("be an address block such as 10.0.0.0/8 or 2001:db8::/32", cidr));
    int width = literal.indexOf(':') < 0 ? IPV4_BITS : IpAddress.BITS;
    int length = slash < 0 ? width : prefixLength(cidr, slash + 1, width);
    int bits = IpAddress.BITS - width + length;
    CidrBlock block = new CidrBlock(address.truncatedTo(bits), bits);
    if (!block.first.equals(address)) {
      throw error("have no bit set behind its prefix, as " + block + " has none", cidr);
    }
    return block;
  }

  /** Returns whether the address is in this block. */
  boolean contains(IpAddress address) {
    return address.isIpv4() == first.isIpv4() && address.truncatedTo(bits).equals(first);
  }

  /** Returns whether any address is in both blocks: of two that overlap, one holds the other. */
  boolean overlaps(CidrBlock other) {
    return bits <= other.bits ? contains(other.first) : other.contains(first);
  }

  @Override
  public String toString() {
    return first + "/" + (first.isIpv4() ? bits - IpAddress.BITS + IPV4_BITS : bits);
  }

  /** Compared as text, which leaves no room for signs and leading zeros. */
  private static int prefixLength(String cidr, int start, int max) {
    String text = cidr.substring(start);
    for (int length = 0; length <= max; length++) {
      if (text.equals(Integer.toString(length))) {
        return length;
      }
    }
    throw error("have a prefix length from 0 to " + max, cidr);
  }

  private static IllegalArgumentException error(String constraint, String cidr) {
    return new IllegalArgumentException("cidr must " + constraint + ": " + cidr);
  }
}
