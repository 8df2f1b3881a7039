package dev.penstock.redis.wire;

import redis.clients.jedis.exceptions.JedisException;

/** No connection was free in time. Says nothing of the server: the calls that have one do. */
final class NoConnectionException extends JedisException {

  private static final long serialVersionUID = 1;

  NoConnectionException(String message) {
    super(message);
  }
}
