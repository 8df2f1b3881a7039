package dev.penstock.jwt;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;

/**
 * Hosts that are on this machine or a private network: 127.0.0.0/8 and ::1, 10.0.0.0/8,
 * 172.16.0.0/12 and 192.168.0.0/16 (RFC 1918), fc00::/7 (RFC 4193).
 */
final class PrivateHost {

  private PrivateHost() {}

  /**
   * {@return whether a host has only such addresses} Looks a name up, and so may wait. A name that
   * has none has not only such.
   *
   * @param host as the operator has written it, an IPv6 address in brackets
   */
  static boolean is(String host) {
    try {
      for (InetAddress address : InetAddress.getAllByName(host)) {
        if (!is(address)) {
          return false;
        }
      }
      return true;
    } catch (UnknownHostException e) {
      return false;
    }
  }

  static boolean is(InetAddress address) {
    if (address.isLoopbackAddress()) {
      return true;
    }
    return address instanceof Inet6Address
        ? (address.getAddress()[0] & 0xFE) == 0xFC
        : address.isSiteLocalAddress();
  }
}
