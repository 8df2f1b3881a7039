package dev.penstock.redis.wire;

import redis.clients.jedis.exceptions.JedisException;

/** A server answers and cannot be used, which waiting does not mend but an operator does. */
final class UnusableException extends JedisException {

  private static final long serialVersionUID = 1;

  private final String said;

  /**
   * Makes one line.
   *
   * @param reason what is wrong with the server, which it calls "it"
   * @param remedy what an operator does
   * @param said what the server or the network said, or nothing
   */
  UnusableException(String reason, String remedy, String said) {
    super(reason + "; " + remedy);
    this.said = said;
  }

  /** Returns the line, with what was said, but for secrets. */
  String line(RedisPeer peer) {
    return getMessage() + (said.isEmpty() ? "" : "; it said: " + peer.hide(said));
  }
}
