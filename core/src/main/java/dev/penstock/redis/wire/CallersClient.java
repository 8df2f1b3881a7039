package dev.penstock.redis.wire;

import java.time.Duration;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.Connection;
import redis.clients.jedis.RedisClusterClient;
import redis.clients.jedis.UnifiedJedis;
import redis.clients.jedis.exceptions.JedisConnectionException;

/** A client that the caller passed, with its own connections, which are the caller's to close. */
public final class CallersClient implements RedisConnection, RedisPeer {

  private static final long UNKNOWN_NANOS = Duration.ofDays(365).toNanos();

  private static final String CLIENT = "redis.clients.jedis.RedisClient";
  private static final String OLDER_CLIENT = "redis.clients.jedis.JedisPooled";
  private static final String CLUSTER_CLIENT = "redis.clients.jedis.RedisClusterClient";
  private static final String OLDER_CLUSTER_CLIENT = "redis.clients.jedis.JedisCluster";

  private final UnifiedJedis jedis;
  private final ClusterNodes nodes;
  private final CallersIdle idle;

  public CallersClient(UnifiedJedis jedis) {
    this.jedis = jedis;
    this.idle = CallersIdle.of(jedis);
    this.nodes = new ClusterNodes(jedis, connections(jedis));
  }

  /** Names the classes only where the client is of one, as a line of jedis may have one alone. */
  @SuppressWarnings("deprecation") // the only client of a cluster that older lines of jedis have
  private static @Nullable IntFunction<Connection> connections(UnifiedJedis jedis) {
    if (isA(CLUSTER_CLIENT, jedis.getClass())) {
      return ((RedisClusterClient) jedis)::getConnectionFromSlot;
    }
    if (isA(OLDER_CLUSTER_CLIENT, jedis.getClass())) {
      return ((redis.clients.jedis.JedisCluster) jedis)::getConnectionFromSlot;
    }
    return null;
  }

  @Override
  public <T> T call(long since, Function<UnifiedJedis, T> commands) {
    try {
      return commands.apply(jedis);
    } catch (RuntimeException e) {
      boolean lost = e instanceof JedisConnectionException && !RedisErrors.isLate(e);
      if (lost || WrongServer.says(e)) {
        idle.discard();
      }
      throw e;
    }
  }

  @Override
  public <T> T callAnew(Function<UnifiedJedis, T> commands) {
    return call(System.nanoTime(), commands);
  }

  @Override
  public long timeoutNanos() {
    return UNKNOWN_NANOS;
  }

  @Override
  public boolean isCluster() {
    return isCluster(jedis.getClass());
  }

  @Override
  public Optional<ClusterNodes> nodes() {
    return Optional.of(nodes);
  }

  /** Not each line of jedis has both of these classes, so they are known by name. */
  static boolean isCluster(Class<? extends UnifiedJedis> client) {
    return isA(CLUSTER_CLIENT, client) || isA(OLDER_CLUSTER_CLIENT, client);
  }

  private static boolean isA(String name, Class<? extends UnifiedJedis> client) {
    for (Class<?> type = client; type != null; type = type.getSuperclass()) {
      if (name.equals(type.getName())) {
        return true;
      }
    }
    return false;
  }

  /** The caller has given the client an address, which not every one of them tells. */
  @Override
  public String name() {
    return "Redis";
  }

  @Override
  public boolean isFixed() {
    return isA(CLIENT, jedis.getClass()) || isA(OLDER_CLIENT, jedis.getClass());
  }

  @Override
  public boolean isAlone() {
    return false;
  }

  /** The password is the client's, and in none of its errors but those that hold an argument. */
  @Override
  public String hide(String text) {
    return text;
  }

  @Override
  public Optional<UnusableException> lookInto(RuntimeException failure, String key) {
    return Optional.empty();
  }

  @Override
  public void close() {}
}
