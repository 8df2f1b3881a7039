package dev.penstock.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.penstock.ChildJvm;
import java.net.URI;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.exceptions.JedisConnectionException;
import redis.clients.jedis.exceptions.JedisDataException;

/** The servers that tests stand on do what they say. */
class RedisServerIT {

  private static final Duration SOON = Duration.ofSeconds(10);

  @Test
  void shared_answersAtItsUrl() {
    try (Jedis jedis = new Jedis(URI.create(SharedRedis.url()))) {
      assertThat(jedis.ping()).isEqualTo("PONG");
    }
  }

  @Test
  void binary_nothingOnThePath_isTheCarriedOne() {
    RedisBinary binary = RedisBinary.find("");
    assertThat(binary.source()).isEqualTo("embedded-redis");
    assertThat(binary.version()).startsWith("6.2.");
  }

  @Test
  void start_lines_areObeyed() {
    try (RedisServer server = RedisServer.start("requirepass secret", "maxmemory 1mb")) {
      assertThat(server.command("CONFIG", "GET", "maxmemory")).asString().contains("1048576");
      try (Jedis jedis = new Jedis(URI.create(server.url()))) {
        assertThat(jedis.ping()).isEqualTo("PONG");
      }
      assertThatThrownBy(() -> RedisCommand.send(server.port(), "wrong", "PING"))
          .isInstanceOf(JedisDataException.class);
      server.requirePassword("other");
      assertThat(server.command("PING")).isEqualTo("PONG");
    }
  }

  @Test
  void start_badLine_saysWhatTheServerSays() {
    assertThatThrownBy(() -> RedisServer.start("no-such-directive 1"))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("no-such-directive");
  }

  @Test
  void restart_appendOnly_keepsData() {
    try (RedisServer server = RedisServer.start(RedisServer.APPEND_ONLY)) {
      server.command("SET", "key", "value");
      server.kill();
      assertThat(server.isRunning()).isFalse();
      assertThatThrownBy(() -> server.command("PING")).isInstanceOf(JedisConnectionException.class);
      server.restart();
      assertThat(server.command("GET", "key")).isEqualTo("value");
      server.restartEmpty();
      assertThat(server.command("GET", "key")).isNull();
    }
  }

  @Test
  void restart_nothingPersisted_isRefused() {
    try (RedisServer server = RedisServer.start()) {
      assertThatThrownBy(server::restart).isInstanceOf(IllegalStateException.class);
      assertThat(server.isRunning()).isTrue();
    }
  }

  @Test
  void pause_connectionIsSilent_untilResumed() {
    try (RedisServer server = RedisServer.start();
        Jedis jedis = new Jedis("127.0.0.1", server.port(), 200)) {
      assertThat(jedis.ping()).isEqualTo("PONG");
      server.pause();
      assertThatThrownBy(jedis::ping).isInstanceOf(JedisConnectionException.class);
      assertThat(server.isRunning()).isTrue();
      server.resume();
      assertThat(server.command("PING")).isEqualTo("PONG");
      server.pause();
    }
  }

  @Test
  void close_endsTheProcess() {
    RedisServer server = RedisServer.start();
    long pid = Long.parseLong(server.info("server").get("process_id"));
    server.close();
    assertThat(isAlive(pid)).isFalse();
  }

  /** Starts a server and ends like a JVM that is killed: without its shutdown hooks. */
  static final class HaltingMain {
    private HaltingMain() {}

    @SuppressWarnings("resource") // left behind on purpose
    public static void main(String[] arguments) {
      System.out.println("process_id=" + RedisServer.start().info("server").get("process_id"));
      Runtime.getRuntime().halt(1);
    }
  }

  @Test
  void jvm_endsWithoutHooks_takesItsServersAlong() {
    String output;
    try (ChildJvm jvm = ChildJvm.start(HaltingMain.class)) {
      output = jvm.hearAll();
    }
    assertThat(output).contains("process_id=");
    long pid = Long.parseLong(output.substring(output.indexOf('=') + 1).strip());
    Await.until("the end of an orphan", SOON, () -> !isAlive(pid));
  }

  private static boolean isAlive(long pid) {
    return ProcessHandle.of(pid).filter(ProcessHandle::isAlive).isPresent();
  }

  @Test
  void sentinels_failover_promoteTheReplica() {
    try (RedisSentinelGroup group = RedisSentinelGroup.start()) {
      RedisServer killed = group.primary();
      RedisServer promoted = group.replica();
      killed.command("SET", "key", "value");
      assertThat(killed.command("WAIT", "1", "2000")).isEqualTo(1L);
      Duration taken = group.failover();
      System.out.println("Sentinels promoted the replica in " + taken.toMillis() + " ms");
      assertThat(group.primary()).isSameAs(promoted);
      assertThat(promoted.command("GET", "key")).isEqualTo("value");
      assertThat(promoted.command("SET", "key", "other")).isEqualTo("OK");
      assertThat(group.replica()).isSameAs(killed);
    }
  }

  @Test
  void cluster_moveSlot_ownerAnswersMoved() {
    try (RedisCluster cluster = RedisCluster.start()) {
      int slot = cluster.slot("{tag}key");
      RedisServer from = cluster.owner(slot);
      RedisServer to = cluster.nodes().get((cluster.nodes().indexOf(from) + 1) % 3);
      from.command("SET", "{tag}key", "value");
      cluster.startMove(slot, from, to);
      assertThatThrownBy(() -> from.command("GET", "{tag}other")).hasMessageContaining("ASK");
      cluster.moveKeys(slot, from, to);
      cluster.finishMove(slot, to);
      assertThat(cluster.owner(slot)).isSameAs(to);
      assertThat(to.command("GET", "{tag}key")).isEqualTo("value");
      assertThatThrownBy(() -> from.command("GET", "{tag}key")).hasMessageContaining("MOVED");
      cluster.moveSlot(slot, to, from);
      assertThat(from.command("GET", "{tag}key")).isEqualTo("value");
    }
  }

  @Test
  void await_neverTrue_namesWhatAndWhy() {
    IllegalStateException last = new IllegalStateException("still not");
    assertThatThrownBy(
            () ->
                Await.until(
                    "a miracle",
                    Duration.ofMillis(20),
                    () -> {
                      throw last;
                    }))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("a miracle")
        .hasCause(last);
  }
}
