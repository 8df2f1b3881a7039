package dev.penstock.http;

import java.util.Objects;

/**
 * How patient a gate is, and with whom.
 *
 * @param all with everybody else
 * @param proxies who gets another patience
 * @param toProxies that
 */
record PatienceByPeer(Patience all, ClientAddress proxies, Patience toProxies) {

  /** The standard, with everybody: who takes the peer for the client trusts no proxy. */
  static final PatienceByPeer STANDARD =
      new PatienceByPeer(Patience.standard(), ClientAddress.ofPeer(), Patience.standard());

  PatienceByPeer withAll(Patience patience) {
    return new PatienceByPeer(Objects.requireNonNull(patience, "patience"), proxies, toProxies);
  }

  PatienceByPeer withProxies(ClientAddress trusting, Patience patience) {
    return new PatienceByPeer(
        all,
        Objects.requireNonNull(trusting, "proxies"),
        Objects.requireNonNull(patience, "patience"));
  }

  Patience with(RequestView request) {
    return proxies.trustsPeer(request) ? toProxies : all;
  }
}
