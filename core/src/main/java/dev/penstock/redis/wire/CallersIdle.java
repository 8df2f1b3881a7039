package dev.penstock.redis.wire;

import java.lang.reflect.Method;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.UnifiedJedis;

/**
 * The idle connections of a client that the caller passed, where it lets us at its pool: they can
 * be closed, as a server that has become a replica keeps its connections, and the pool keeps them.
 *
 * <p>Each line of jedis has another class with a pool, {@code JedisPooled} or {@code RedisClient},
 * so its method is found by name.
 */
final class CallersIdle {

  private final @Nullable Object pool;
  private final @Nullable Method clear;

  private CallersIdle(@Nullable Object pool, @Nullable Method clear) {
    this.pool = pool;
    this.clear = clear;
  }

  static CallersIdle of(UnifiedJedis jedis) {
    try {
      Object pool = jedis.getClass().getMethod("getPool").invoke(jedis);
      return new CallersIdle(pool, pool.getClass().getMethod("clear"));
    } catch (ReflectiveOperationException | RuntimeException e) {
      // Of a sentinel or a cluster the client sees to its connections itself.
      return new CallersIdle(null, null);
    }
  }

  /** Closes them; those in use are the callers' to close. */
  void discard() {
    if (pool != null && clear != null) {
      try {
        clear.invoke(pool);
      } catch (ReflectiveOperationException e) {
        // Then they are found broken one by one.
        return;
      }
    }
  }
}
