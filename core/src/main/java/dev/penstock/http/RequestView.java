package dev.penstock.http;

import java.security.Principal;
import java.util.List;
import java.util.Optional;

/**
 * What the pipeline sees of a request. An adapter implements it over its server's own request; it
 * holds no decision.
 *
 * <p>Read on the request's own thread only. Everything but {@link #peer} and {@link #principal} is
 * the client's word.
 */
public interface RequestView {

  /** {@return the method as it was sent, such as {@code POST}} */
  String method();

  /**
   * {@return the request target as it was sent, not decoded, query included: {@code
   * /agents/a%2Fb/runs?stream=true}}
   *
   * <p>What stands before the first question mark is taken for the path, and a fragment for part of
   * it. Where a server gives only a decoded path, a question mark in that is to be encoded.
   */
  String target();

  /**
   * {@return the values of all lines of a header field, in their order; empty where there is none}
   *
   * @param name the name of the field, in any case
   */
  List<String> headerLines(String name);

  /**
   * {@return the address of the socket's other end as an IP literal without a port, such as {@code
   * 192.0.2.1} or {@code fe80::1%eth0}; an empty text where the server does not know it}
   */
  String peer();

  /**
   * {@return the user whom the server has found out, by whatever way of its own; empty where it has
   * not, or not yet} For {@link ServerUser}. Empty unless an adapter says otherwise.
   */
  default Optional<Principal> principal() {
    return Optional.empty();
  }
}
