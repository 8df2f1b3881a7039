package dev.penstock.redis.wire;

import java.util.Locale;
import redis.clients.jedis.exceptions.JedisConnectionException;
import redis.clients.jedis.exceptions.JedisDataException;

/** Why Redis has not decided, coarse enough for the label of a metric. */
enum CallFailure {
  /** No connection was free in time. */
  NO_CONNECTION,
  /** The server, or the connection, took longer than it may. */
  TIMEOUT,
  /** The connection ended, or none could be opened. */
  LOST_CONNECTION,
  /** The server answered with an error. */
  REFUSED,
  /** A key of ours holds what is no bucket. */
  FOREIGN_VALUE,
  /** Its buckets lie in different hash slots. */
  DIFFERENT_SLOTS,
  /** Anything else that the client fails with. */
  OTHER;

  static CallFailure of(RuntimeException e) {
    if (e instanceof NoConnectionException) {
      return NO_CONNECTION;
    }
    if (RedisErrors.isLate(e)) {
      return TIMEOUT;
    }
    if (e instanceof JedisDataException) {
      return REFUSED;
    }
    return e instanceof JedisConnectionException ? LOST_CONNECTION : OTHER;
  }

  String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
