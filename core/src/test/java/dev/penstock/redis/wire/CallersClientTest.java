package dev.penstock.redis.wire;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.RedisClient;
import redis.clients.jedis.RedisClusterClient;
import redis.clients.jedis.RedisProtocol;
import redis.clients.jedis.RedisSentinelClient;
import redis.clients.jedis.UnifiedJedis;
import redis.clients.jedis.providers.PooledConnectionProvider;

class CallersClientTest {

  private static final class Counted extends UnifiedJedis {
    private int closed;

    private Counted() {
      super(new PooledConnectionProvider(new HostAndPort("127.0.0.1", 1)), RedisProtocol.RESP2);
    }

    @Override
    public void close() {
      closed++;
      super.close();
    }
  }

  @Test
  void isCluster_knowsTheClientsOfAClusterByName() throws ClassNotFoundException {
    assertThat(CallersClient.isCluster(RedisClusterClient.class)).isTrue();
    Class<?> older = Class.forName("redis.clients.jedis.JedisCluster");
    assertThat(CallersClient.isCluster(older.asSubclass(UnifiedJedis.class))).isTrue();
  }

  @Test
  void isCluster_otherClients_areNot() {
    assertThat(CallersClient.isCluster(RedisClient.class)).isFalse();
    assertThat(CallersClient.isCluster(RedisSentinelClient.class)).isFalse();
    assertThat(CallersClient.isCluster(UnifiedJedis.class)).isFalse();
    assertThat(CallersClient.isCluster(Counted.class)).isFalse();
    try (UnifiedJedis jedis = RedisClient.create("redis://127.0.0.1:1")) {
      assertThat(new CallersClient(jedis).isCluster()).isFalse();
    }
  }

  @Test
  void close_borrowedClient_staysOpen() {
    Counted jedis = new Counted();
    new CallersClient(jedis).close();
    assertThat(jedis.closed).isZero();
  }
}
