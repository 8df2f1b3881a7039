package dev.penstock.redis.wire;

import java.net.SocketTimeoutException;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.exceptions.JedisDataException;

/** What the errors of a server and of its client mean. */
final class RedisErrors {

  static final String SCRIPTED = "use a server, or a proxy, that runs Lua scripts";

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

  /**
   * Returns why the server cannot be used, if that is something that waiting does not mend.
   *
   * @param fixed whether the client speaks to one server, and looks for no other by itself
   */
  static Optional<UnusableException> refusal(Throwable e, boolean fixed) {
    for (Throwable cause = e; cause != null; cause = cause.getCause()) {
      if (cause instanceof UnusableException known) {
        return Optional.of(known);
      }
      if (cause instanceof JedisDataException && cause.getMessage() != null) {
        return refusal(ServerReply.of(cause.getMessage()), fixed, "");
      }
    }
    return TlsErrors.refusal(e).or(() -> foreign(e));
  }

  /**
   * Returns why a server that says so cannot be used, if waiting does not mend it.
   *
   * @param command that was refused, in capitals, if it is known which
   */
  static Optional<UnusableException> refusal(ServerReply reply, boolean fixed, String command) {
    Optional<UnusableException> known = known(reply, fixed, command);
    if (known.isPresent() || reply.isPassing()) {
      return known;
    }
    String refused = command.isEmpty() ? "the script" : command;
    return unusable("it refuses " + refused, SCRIPTED, reply);
  }

  private static Optional<UnusableException> known(
      ServerReply reply, boolean fixed, String command) {
    if (isCredentials(reply)) {
      return unusable("it refuses the user or the password", "correct them", reply);
    }
    if (reply.is("DENIED")) {
      return unusable(
          "it serves its own machine alone", "set a password there, or protected-mode no", reply);
    }
    // A client of a cluster follows these by itself.
    if (reply.is("MOVED") || reply.is("ASK") || (fixed && reply.is("CLUSTERDOWN"))) {
      return Optional.of(clusterNode(reply.text()));
    }
    if (fixed && reply.is("READONLY")) {
      return unusable(
          "it is a replica, which takes no writes",
          "name the primary, or pass a client that finds it, as RedisSentinelClient does",
          reply);
    }
    if (reply.says("DB index") || reply.says("SELECT is not allowed")) {
      return unusable("it has no database of this number", "correct the number", reply);
    }
    if (reply.says("Write commands not allowed after non deterministic commands")) {
      return unusable(
          "its scripts may not write after reading the time",
          "use version 5 or later, without lua-replicate-commands off",
          reply);
    }
    String named = reply.command().isEmpty() ? command : reply.command();
    if (reply.isUnknownCommand()) {
      String unknown = named.isEmpty() ? "EVAL" : named;
      return unusable("it does not know the command " + unknown, SCRIPTED, reply);
    }
    return reply.isForbidden() ? forbidden(reply, named) : Optional.empty();
  }

  private static Optional<UnusableException> forbidden(ServerReply reply, String command) {
    if (!command.isEmpty()) {
      String right = "+" + command.toLowerCase(Locale.ROOT);
      return unusable("the user may not run " + command, "add " + right + " to its ACL", reply);
    }
    if (reply.says("command or subcommand")) {
      return unusable(
          "the user may not run what the script calls", "compare its ACL with the README", reply);
    }
    return unusable(
        "the user may not use these keys", "add their prefix to its ACL, as ~penstock:*", reply);
  }

  /** Returns why one node of a cluster cannot be used by itself. */
  static UnusableException clusterNode(String said) {
    return new UnusableException(
        "it is one node of a cluster",
        "pass a client of the whole to RedisRateLimiter.builder(UnifiedJedis), a"
            + " RedisClusterClient",
        said);
  }

  /** Returns what went wrong: what the server said, where it did, without what may be a secret. */
  static String describe(Throwable e, RedisPeer peer) {
    Throwable innermost = e;
    for (Throwable cause = e; cause != null; cause = cause.getCause()) {
      if (cause instanceof UnusableException unusable) {
        return unusable.line(peer);
      }
      if (cause instanceof JedisDataException && cause.getMessage() != null) {
        ServerReply reply = ServerReply.of(cause.getMessage());
        return known(reply, peer.isFixed(), "")
            .map(unusable -> unusable.line(peer))
            .orElseGet(() -> "it says " + peer.hide(reply.text()));
      }
      innermost = cause;
    }
    @Nullable String message = innermost.getMessage();
    String name = innermost.getClass().getSimpleName();
    String said = message == null ? name : name + " " + peer.hide(ServerReply.of(message).text());
    return TlsErrors.refusal(e).map(unusable -> unusable.line(peer)).orElse(said);
  }

  private static boolean isCredentials(ServerReply reply) {
    return reply.is("WRONGPASS")
        || reply.is("NOAUTH")
        || reply.says("Protocol error: unauthenticated")
        || reply.says("ERR AUTH")
        || reply.says("ERR invalid password")
        || reply.says("ERR Client sent AUTH");
  }

  /** Says what jedis says of an answer whose first letter is none of the protocol's. */
  private static Optional<UnusableException> foreign(Throwable e) {
    for (Throwable cause = e; cause != null; cause = cause.getCause()) {
      if (startsWith(cause, "Unknown reply")) {
        return Optional.of(
            new UnusableException(
                "what answers there is no Redis, or wants TLS", "correct host and port", ""));
      }
    }
    return Optional.empty();
  }

  private static Optional<UnusableException> unusable(
      String reason, String remedy, ServerReply reply) {
    return Optional.of(new UnusableException(reason, remedy, reply.text()));
  }

  private static boolean startsWith(Throwable e, String start) {
    @Nullable String message = e.getMessage();
    return message != null && message.startsWith(start);
  }
}
