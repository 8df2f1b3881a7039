package dev.penstock.redis;

import java.net.SocketTimeoutException;
import java.util.concurrent.TimeUnit;
import redis.clients.jedis.CommandObject;
import redis.clients.jedis.Connection;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.JedisClientConfig;
import redis.clients.jedis.RedisProtocol;
import redis.clients.jedis.UnifiedJedis;
import redis.clients.jedis.exceptions.JedisConnectionException;
import redis.clients.jedis.executors.SimpleCommandExecutor;

/**
 * A connection whose commands share a deadline, once there is one; until then each has the timeout
 * of the configuration. For one thread at a time.
 */
final class BoundedConnection extends Connection {

  private final UnifiedJedis jedis;
  private boolean hasDeadline;
  private long deadline;
  private long usedAt;

  /** Connects and, where that is needed, authenticates and selects the database. */
  BoundedConnection(HostAndPort address, JedisClientConfig config) {
    super(address, config);
    this.jedis = new OneConnection(this);
    this.usedAt = System.nanoTime();
  }

  UnifiedJedis jedis() {
    return jedis;
  }

  /** Sets until when the next commands must be answered, by {@link System#nanoTime}. */
  void answerBy(long nanoTime) {
    hasDeadline = true;
    deadline = nanoTime;
  }

  /** Says that the connection is not used from now on. */
  void rest() {
    usedAt = System.nanoTime();
  }

  boolean hasRestedFor(long nanos) {
    return System.nanoTime() - usedAt > nanos;
  }

  @Override
  public <T> T executeCommand(CommandObject<T> command) {
    if (hasDeadline) {
      long nanosLeft = deadline - System.nanoTime();
      if (nanosLeft <= 0) {
        throw new JedisConnectionException(new SocketTimeoutException("no time left"));
      }
      setSoTimeout(Math.toIntExact(TimeUnit.NANOSECONDS.toMillis(nanosLeft) + 1));
    }
    return super.executeCommand(command);
  }

  /** The commands of jedis on one connection. */
  private static final class OneConnection extends UnifiedJedis {
    OneConnection(Connection connection) {
      super(
          new SimpleCommandExecutor(connection),
          null,
          RedisProtocol.orServerDefault(connection.getRedisProtocol()),
          null);
    }
  }
}
