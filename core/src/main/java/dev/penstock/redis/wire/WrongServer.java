package dev.penstock.redis.wire;

import java.util.List;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.exceptions.JedisDataException;

/**
 * Answers of a server that cannot serve now, while another may at the same address: it has become a
 * replica, or has not its data yet. Its connections are not worth keeping.
 */
final class WrongServer {

  private static final List<String> ERRORS = List.of("READONLY ", "MASTERDOWN ", "LOADING ");

  private WrongServer() {}

  /** Returns whether this is such an answer; before version 7 it stands behind a script's error. */
  static boolean says(Throwable e) {
    @Nullable String message = e.getMessage();
    return e instanceof JedisDataException
        && message != null
        && ERRORS.stream().anyMatch(error -> says(message, error));
  }

  private static boolean says(String message, String error) {
    return message.startsWith(error)
        || (message.startsWith("ERR Error running script") && message.contains("-" + error));
  }
}
