package dev.penstock.redis;

import java.time.Duration;
import java.util.Set;
import java.util.function.Function;
import redis.clients.jedis.UnifiedJedis;

/** A client that the caller passed, with its own connections, which are the caller's to close. */
record CallersClient(UnifiedJedis jedis) implements RedisConnection {

  private static final long UNKNOWN_NANOS = Duration.ofDays(365).toNanos();

  private static final Set<String> CLUSTER_CLIENTS =
      Set.of("redis.clients.jedis.RedisClusterClient", "redis.clients.jedis.JedisCluster");

  @Override
  public <T> T call(long since, Function<UnifiedJedis, T> commands) {
    return commands.apply(jedis);
  }

  @Override
  public <T> T callAnew(Function<UnifiedJedis, T> commands) {
    return commands.apply(jedis);
  }

  @Override
  public long timeoutNanos() {
    return UNKNOWN_NANOS;
  }

  @Override
  public boolean isCluster() {
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

  @Override
  public void close() {}
}
