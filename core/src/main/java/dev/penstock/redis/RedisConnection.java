package dev.penstock.redis;

import java.util.Set;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.UnifiedJedis;

/**
 * A client, and whose it is.
 *
 * @param jedis the client
 * @param own its connections, if it is ours to close
 */
record RedisConnection(UnifiedJedis jedis, @Nullable LazyConnections own) implements AutoCloseable {

  private static final Set<String> CLUSTER_CLIENTS =
      Set.of("redis.clients.jedis.RedisClusterClient", "redis.clients.jedis.JedisCluster");

  static RedisConnection owned(UnifiedJedis jedis, LazyConnections own) {
    return new RedisConnection(jedis, own);
  }

  static RedisConnection borrowed(UnifiedJedis jedis) {
    return new RedisConnection(jedis, null);
  }

  boolean isCluster() {
    return isCluster(jedis.getClass());
  }

  /** Each line of jedis has one or the other of these classes, so they are known by name. */
  static boolean isCluster(Class<? extends UnifiedJedis> client) {
    for (Class<?> type = client; type != null; type = type.getSuperclass()) {
      if (CLUSTER_CLIENTS.contains(type.getName())) {
        return true;
      }
    }
    return false;
  }

  /**
   * Closes the connections that nobody uses: those from before an outage may be dead, and each
   * would fail one call more. A caller's client keeps its own.
   */
  void dropIdle() {
    if (own != null) {
      own.dropIdle();
    }
  }

  @Override
  public void close() {
    if (own != null) {
      jedis.close();
    }
  }
}
