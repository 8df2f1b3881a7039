package dev.penstock.redis.wire;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.Crowd;
import dev.penstock.Limit;
import dev.penstock.redis.Await;
import dev.penstock.redis.LoopbackPorts;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.UnifiedJedis;
import redis.clients.jedis.exceptions.JedisConnectionException;

class RedisStoreTest {

  private static final Duration DEADLINE = Duration.ofSeconds(20);

  private static final RedisPeer PEER =
      new UrlPeer(
          new HostAndPort(LoopbackPorts.HOST, 1),
          RedisUrl.parse("redis://127.0.0.1:1").config(DEADLINE, null));

  /** As many as failures in a row keep requests off. */
  private static final int CALLERS = 5;

  /** A connection that breaks in each call. */
  private static final class Breaking implements RedisConnection {

    private final CountDownLatch held = new CountDownLatch(1);

    @Override
    public <T> T call(long since, Function<UnifiedJedis, T> commands) {
      try {
        held.await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      throw new JedisConnectionException("broken");
    }

    @Override
    public <T> T callAnew(Function<UnifiedJedis, T> commands) {
      throw new JedisConnectionException("broken");
    }

    @Override
    public long timeoutNanos() {
      return DEADLINE.toNanos();
    }

    @Override
    public boolean isCluster() {
      return false;
    }

    @Override
    public void close() {}
  }

  /** Who travels with whom is up to the machine: it is tried until some travel together. */
  @Test
  void call_batchThatFails_isOneFailureOfTheServer() {
    Await.until("a batch of several", DEADLINE, RedisStoreTest::failsInFewerRoundTripsThanCalls);
  }

  private static boolean failsInFewerRoundTripsThanCalls() {
    Breaking connection = new Breaking();
    RedisKeys keys = new RedisKeys("penstock", false);
    RedisScript script = new RedisScript(RedisScript.resource());
    RedisNodes nodes = new RedisNodes(connection, PEER, script, keys, available -> {});
    try (RedisStore store =
            new RedisStore(nodes, script, new ScriptWire(nodes, script, KnownBuckets.NONE));
        Crowd crowd = new Crowd(CALLERS + 1)) {
      crowd.ask(thread -> thread < CALLERS ? call(store) : breakWhenAllAsk(store, connection));
      RedisStore.Counts counted = counted(store);
      assertThat(counted.failures()).isEqualTo(CALLERS);
      // Each is sent once more, as its connection was lost.
      boolean together = counted.roundTrips() < 2 * CALLERS;
      assertThat(nodes.areAvailable()).isEqualTo(together);
      return together;
    }
  }

  private static boolean call(RedisStore store) {
    ScriptCall call = new ScriptCall(ScriptCall.Operation.TAKE);
    call.addOwn("penstock:3:{*}key", Limit.perMinute(10), 1_000);
    return store.call(call).isPresent();
  }

  /** What has a lane by then breaks, and what waits travels with whom it meets. */
  private static boolean breakWhenAllAsk(RedisStore store, Breaking connection) {
    try {
      Await.until("all calls", DEADLINE, () -> counted(store).calls() == CALLERS);
    } finally {
      connection.held.countDown();
    }
    return true;
  }

  private static RedisStore.Counts counted(RedisStore store) {
    return store.counts();
  }
}
