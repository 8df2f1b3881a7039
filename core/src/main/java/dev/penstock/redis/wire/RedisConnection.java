package dev.penstock.redis.wire;

import java.util.Optional;
import java.util.function.Function;
import redis.clients.jedis.UnifiedJedis;

/** The way to Redis: a client that the caller passed, or connections of our own. */
interface RedisConnection extends AutoCloseable {

  /**
   * Runs the commands of one call.
   *
   * @param since the nanosecond since which a caller has waited for it, of whose time that is part
   * @throws redis.clients.jedis.exceptions.JedisException if Redis does not answer, or refuses
   * @throws NoConnectionException if no connection was free in time, which is no failure of Redis
   */
  <T> T call(long since, Function<UnifiedJedis, T> commands);

  /**
   * Runs commands off the request path, with a timeout for each of them. Connections of our own
   * that nobody uses are closed before, as they may be dead, and a new one is made: nothing else
   * shows whether Redis can be used.
   *
   * @throws redis.clients.jedis.exceptions.JedisException if Redis does not answer, or refuses
   */
  <T> T callAnew(Function<UnifiedJedis, T> commands);

  /** Returns how long a call may take; longer than anybody waits if the client alone knows. */
  long timeoutNanos();

  /** Whether the client is known to be that of a Redis Cluster. */
  boolean isCluster();

  /** Returns the nodes behind the client, which are known only if it is that of a cluster. */
  default Optional<ClusterNodes> nodes() {
    return Optional.empty();
  }

  /** Says who is told of what becomes of connections of our own off the request path. */
  default void listen(ConnectionListener listener) {}

  /** Returns how many connections of our own have been opened. */
  default long opened() {
    return 0;
  }

  /** Closes connections of our own; a caller's client stays open. */
  @Override
  void close();
}
