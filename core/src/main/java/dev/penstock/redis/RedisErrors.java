package dev.penstock.redis;

import java.net.SocketTimeoutException;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.exceptions.JedisAccessControlException;
import redis.clients.jedis.exceptions.JedisDataException;

/** What the errors of a server and of its client mean. */
final class RedisErrors {

  private RedisErrors() {}

  /** Returns whether the buckets of a decision lie apart, as a slot of a cluster is half moved. */
  static boolean isHalfMoved(RuntimeException e) {
    return startsWith(e, "TRYAGAIN");
  }

  /** Returns whether keys of different slots were refused. */
  static boolean isCrossSlot(JedisDataException e) {
    return startsWith(e, "CROSSSLOT");
  }

  /** Returns whether the server, or the connection to it, took longer than it may. */
  static boolean isLate(Throwable e) {
    return e instanceof SocketTimeoutException
        || (e.getCause() != null && isLate(e.getCause()))
        || Stream.of(e.getSuppressed()).anyMatch(RedisErrors::isLate);
  }

  /** Returns why the server cannot be used, if that is something that waiting does not mend. */
  static Optional<String> refusal(Throwable e) {
    for (Throwable cause = e; cause != null; cause = cause.getCause()) {
      if (startsWith(cause, "NOPERM")) {
        return Optional.of("the user may not run scripts on these keys");
      }
      if (cause instanceof JedisAccessControlException
          || startsWith(cause, "WRONGPASS")
          || startsWith(cause, "NOAUTH")
          || startsWith(cause, "ERR Protocol error: unauthenticated")
          || startsWith(cause, "ERR AUTH")
          || startsWith(cause, "ERR invalid password")) {
        return Optional.of("it refuses the user or the password");
      }
      if (startsWith(cause, "ERR unknown command")) {
        return Optional.of("it knows no scripts, not the command EVALSHA");
      }
      if (wraps(cause, "Write commands not allowed after non deterministic commands")) {
        return Optional.of(
            "its scripts may not write after reading the time: it is older than version 5, or has"
                + " lua-replicate-commands off");
      }
      if (startsWith(cause, "ERR DB index") || startsWith(cause, "ERR invalid DB index")) {
        return Optional.of("it has no database of this number");
      }
    }
    return Optional.empty();
  }

  /** Returns the class and the first word of the message: an error's name, but no value. */
  static String describe(Throwable e) {
    @Nullable String message = e.getMessage();
    String word = message == null ? "" : " " + message.split(" ", 2)[0];
    return e.getClass().getSimpleName() + word;
  }

  private static boolean startsWith(Throwable e, String start) {
    @Nullable String message = e.getMessage();
    return message != null && message.startsWith(start);
  }

  /** Before version 7 the error of a command in a script stands behind the script's own. */
  private static boolean wraps(Throwable e, String error) {
    @Nullable String message = e.getMessage();
    return message != null
        && message.startsWith("ERR Error running script")
        && message.contains(error);
  }
}
