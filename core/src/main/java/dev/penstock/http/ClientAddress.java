package dev.penstock.http;

import dev.penstock.Identity;
import dev.penstock.IdentityResolver;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * Finds the address of the client, through the proxies that the operator trusts. {@link #ofPeer}
 * takes the socket's other end and believes no header. Behind proxies, {@link #trusting} names
 * their addresses: if the peer is one of them, the chosen header field is read from right to left,
 * each trusted address hands on to the one on its left, and the first that is not trusted is the
 * client. Only what a trusted proxy has written counts.
 *
 * <p>Where the chain breaks, the last trusted proxy is charged, a bucket that its clients share: at
 * {@code unknown}, an obfuscated identifier or anything malformed; after 32 hops; and after 8192
 * characters from the right. If all addresses are trusted, the left-most is the client.
 *
 * <p>IPv4 is charged by address, IPv6 by prefix, since one host has a whole /64 at its disposal. An
 * address that carries an IPv4 address is charged as that, by NAT64 ({@code 64:ff9b::/96}, RFC
 * 6052), 6to4 ({@code 2002::/16}, RFC 3056) and Teredo ({@code 2001::/32}, RFC 4380), but trusted
 * as it is. Clients whose peer the server does not know share one bucket.
 *
 * <p>Immutable and thread-safe. Every request has an address identity; nothing is looked up in DNS,
 * and the work is bounded whatever the client sends.
 *
 * <pre>{@code
 * ClientAddress.trusting("10.0.0.0/8", "2001:db8:ffff::/48").readingForwarded()
 * }</pre>
 */
public final class ClientAddress implements IdentityResolver<RequestView> {

  private static final int MAX_HOPS = 32;
  private static final int MIN_IPV6_PREFIX = 48;
  private static final int MAX_IPV6_PREFIX = 64;
  private static final Identity UNKNOWN = Identity.address("unknown");

  private final List<CidrBlock> trusted;
  private final ForwardingHeader header;
  private final int ipv6Prefix;

  private ClientAddress(List<CidrBlock> trusted, ForwardingHeader header, int ipv6Prefix) {
    this.trusted = trusted;
    this.header = header;
    this.ipv6Prefix = ipv6Prefix;
  }

  /** {@return a resolver that takes the socket's peer and ignores every forwarding header} */
  public static ClientAddress ofPeer() {
    return new ClientAddress(List.of(), ForwardingHeader.X_FORWARDED_FOR, MAX_IPV6_PREFIX);
  }

  /**
   * Returns a resolver that believes these proxies, and reads {@code X-Forwarded-For}.
   *
   * @param cidrs the addresses of the proxies, at least one block, as in {@link #trusting(List)}
   * @return the resolver
   * @throws IllegalArgumentException naming the block, if one is malformed; or if there is none
   */
  public static ClientAddress trusting(String... cidrs) {
    Objects.requireNonNull(cidrs, "cidrs");
    return trusting(Arrays.asList(cidrs));
  }

  /**
   * Returns a resolver that believes these proxies, and reads {@code X-Forwarded-For}.
   *
   * <p>A block is written as {@code 10.0.0.0/8} or {@code 2001:db8::/32}, a single address also
   * without a prefix length. No bit may be set behind the prefix: {@code 10.0.0.1/8} is a mistake.
   * Whoever sends from a trusted address chooses the address that is charged.
   *
   * @param cidrs the addresses of the proxies, at least one block
   * @return the resolver
   * @throws IllegalArgumentException naming the block, if one is malformed; or if there is none
   */
  public static ClientAddress trusting(List<String> cidrs) {
    Objects.requireNonNull(cidrs, "cidrs");
    if (cidrs.isEmpty()) {
      throw new IllegalArgumentException("cidrs must not be empty");
    }
    List<CidrBlock> trusted = cidrs.stream().map(CidrBlock::parse).toList();
    return new ClientAddress(trusted, ForwardingHeader.X_FORWARDED_FOR, MAX_IPV6_PREFIX);
  }

  /**
   * {@return a resolver like this one, but reading {@code Forwarded} (RFC 7239) instead of {@code
   * X-Forwarded-For}} Choose the field that the proxies write: the other one is the client's.
   */
  public ClientAddress readingForwarded() {
    return new ClientAddress(trusted, ForwardingHeader.FORWARDED, ipv6Prefix);
  }

  /**
   * {@return a resolver like this one, but charging IPv6 clients by a prefix of this length}
   *
   * @param bits 48 to 64; 64 if never set
   * @throws IllegalArgumentException if it is out of range
   */
  public ClientAddress ipv6Prefix(int bits) {
    if (bits < MIN_IPV6_PREFIX || bits > MAX_IPV6_PREFIX) {
      throw new IllegalArgumentException(
          "bits must be from " + MIN_IPV6_PREFIX + " to " + MAX_IPV6_PREFIX + ": " + bits);
    }
    return new ClientAddress(trusted, header, bits);
  }

  /**
   * {@return the address or IPv6 prefix that is charged, never empty: {@code 192.0.2.1}, {@code
   * 2001:db8:1:2::/64}, or {@code unknown}}
   */
  @Override
  public Optional<Identity> resolve(RequestView request) {
    Objects.requireNonNull(request, "request");
    return Optional.of(
        client(request).map(client -> Identity.address(bucket(client))).orElse(UNKNOWN));
  }

  /** Returns the client's full address; empty if the peer is unknown. */
  Optional<IpAddress> client(RequestView request) {
    return peer(request)
        .map(
            peer ->
                isTrusted(peer)
                    ? lastReached(peer, request.headerLines(header.fieldName()))
                    : peer);
  }

  /** Returns whether the socket's other end is a trusted proxy. */
  boolean trustsPeer(RequestView request) {
    return peer(request).filter(this::isTrusted).isPresent();
  }

  /** Returns whether an address of this block is a trusted proxy's. */
  boolean trustsAnyOf(CidrBlock block) {
    return trusted.stream().anyMatch(block::overlaps);
  }

  /** The zone id names an interface of this machine and is no part of the address (RFC 4007). */
  private static Optional<IpAddress> peer(RequestView request) {
    String peer = request.peer();
    int zone = peer.indexOf('%');
    return IpAddress.parse(zone < 0 ? peer : peer.substring(0, zone));
  }

  private IpAddress lastReached(IpAddress peer, List<String> lines) {
    ElementsFromRight elements = new ElementsFromRight(lines);
    IpAddress reached = peer;
    for (int hop = 0; hop < MAX_HOPS && isTrusted(reached); hop++) {
      Optional<IpAddress> next = elements.next().flatMap(header::address);
      if (next.isEmpty()) {
        // Further left is the client's own word, so nothing is ever skipped.
        return reached;
      }
      reached = next.get();
    }
    return reached;
  }

  private boolean isTrusted(IpAddress address) {
    return trusted.stream().anyMatch(block -> block.contains(address));
  }

  private String bucket(IpAddress client) {
    IpAddress charged = client.unwrapped();
    return charged.isIpv4()
        ? charged.toString()
        : charged.truncatedTo(ipv6Prefix) + "/" + ipv6Prefix;
  }
}
