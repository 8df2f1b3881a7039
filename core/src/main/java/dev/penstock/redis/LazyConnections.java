package dev.penstock.redis;

import redis.clients.jedis.CommandArguments;
import redis.clients.jedis.Connection;
import redis.clients.jedis.ConnectionPool;
import redis.clients.jedis.ConnectionPoolConfig;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.JedisClientConfig;
import redis.clients.jedis.providers.ConnectionProvider;

/**
 * The connections to one server, each opened by the call that needs it.
 *
 * <p>The pool below would replace a broken connection at once, in the thread whose call has just
 * broken it: that call would wait a second time for a server that does not answer.
 */
final class LazyConnections implements ConnectionProvider {

  private final ConnectionPool pool;

  LazyConnections(HostAndPort address, JedisClientConfig config, ConnectionPoolConfig poolConfig) {
    this.pool = new Pool(address, config, poolConfig);
  }

  @Override
  public Connection getConnection() {
    return pool.getResource();
  }

  @Override
  public Connection getConnection(CommandArguments any) {
    return pool.getResource();
  }

  void dropIdle() {
    pool.clear();
  }

  @Override
  public void close() {
    pool.close();
  }

  private static final class Pool extends ConnectionPool {

    Pool(HostAndPort address, JedisClientConfig config, ConnectionPoolConfig poolConfig) {
      super(address, config, poolConfig);
    }

    /** Is asked for only to replace a broken connection. */
    @Override
    public void addObject() {}
  }
}
