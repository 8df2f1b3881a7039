package dev.penstock.http;

import dev.penstock.Identity;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * Who is charged nothing, whatever the request.
 *
 * @param addresses clients of these addresses
 * @param kinds identities of these kinds
 */
record Exemptions(List<Addresses> addresses, List<Identity.Kind> kinds) {

  static final Exemptions NONE = new Exemptions(List.of(), List.of());

  /** Some blocks, and the resolver whose clients are looked for in them. */
  record Addresses(ClientAddress clients, List<CidrBlock> blocks) {

    boolean exempt(RequestView request) {
      return clients
          .client(request)
          .filter(client -> blocks.stream().anyMatch(block -> block.contains(client)))
          .isPresent();
    }
  }

  /**
   * Returns these and the clients of these blocks.
   *
   * @throws IllegalArgumentException if there is no block, or one is malformed or holds a trusted
   *     proxy: its address is charged where the client behind it is not known
   */
  Exemptions and(ClientAddress clients, List<String> cidrs) {
    Objects.requireNonNull(clients, "clients");
    if (cidrs.isEmpty()) {
      throw new IllegalArgumentException("cidrs must not be empty");
    }
    List<CidrBlock> blocks = cidrs.stream().map(CidrBlock::parse).toList();
    for (CidrBlock block : blocks) {
      if (clients.trustsAnyOf(block)) {
        throw new IllegalArgumentException("cidr must hold no trusted proxy: " + block);
      }
    }
    return new Exemptions(with(addresses, List.of(new Addresses(clients, blocks))), kinds);
  }

  /**
   * Returns these and the identities of these kinds.
   *
   * @throws IllegalArgumentException if there is no kind, or one is that of an address: everybody
   *     could be unlimited by sending no token
   */
  Exemptions and(List<Identity.Kind> added) {
    if (added.isEmpty()) {
      throw new IllegalArgumentException("kinds must not be empty");
    }
    if (added.contains(Identity.Kind.ADDRESS)) {
      throw new IllegalArgumentException(
          "kind must not be the one of callers without a token: " + Identity.Kind.ADDRESS);
    }
    return new Exemptions(addresses, with(kinds, added));
  }

  boolean exempt(RequestView request) {
    for (Addresses each : addresses) {
      if (each.exempt(request)) {
        return true;
      }
    }
    return false;
  }

  boolean exempt(Identity identity) {
    return kinds.contains(identity.kind());
  }

  private static <T> List<T> with(List<T> present, List<T> added) {
    List<T> all = new ArrayList<>(present);
    all.addAll(added);
    return List.copyOf(all);
  }
}
