package dev.penstock.redis;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * A primary, its replica and three sentinels, each a process of its own. The sentinels hold a
 * primary for down after one second of silence. For one thread.
 */
public final class RedisSentinelGroup implements AutoCloseable {

  /** The name by which sentinels know the primary. */
  public static final String PRIMARY_NAME = "penstock";

  private static final Duration DEADLINE = Duration.ofSeconds(30);
  private static final int SENTINELS = 3;

  private final List<RedisServer> sentinels = new ArrayList<>();
  private RedisServer primary;
  private RedisServer replica;

  private RedisSentinelGroup(String... lines) {
    this.primary = RedisServer.start(lines);
    try {
      this.replica = RedisServer.start(withReplicaOf(primary, lines));
    } catch (Throwable e) {
      primary.close();
      throw e;
    }
  }

  /**
   * Starts all of them and waits until each sentinel knows the replica and the others.
   *
   * @param lines of {@code redis.conf}, for the primary and the replica
   */
  public static RedisSentinelGroup start(String... lines) {
    RedisSentinelGroup group = new RedisSentinelGroup(lines);
    try {
      group.startSentinels();
      return group;
    } catch (Throwable e) {
      group.close();
      throw e;
    }
  }

  private void startSentinels() {
    Await.until("a replica in step", DEADLINE, () -> inStep(replica));
    for (int i = 0; i < SENTINELS; i++) {
      sentinels.add(
          RedisServer.startSentinel(
              "sentinel monitor %s %s %d 2"
                  .formatted(PRIMARY_NAME, LoopbackPorts.HOST, primary.port()),
              "sentinel down-after-milliseconds " + PRIMARY_NAME + " 1000",
              "sentinel failover-timeout " + PRIMARY_NAME + " 5000"));
    }
    String known = "slaves=1,sentinels=" + SENTINELS;
    for (RedisServer sentinel : sentinels) {
      Await.until(
          "a sentinel that knows all others",
          DEADLINE,
          () -> sentinel.info("sentinel").getOrDefault("master0", "").endsWith(known));
    }
  }

  private static String[] withReplicaOf(RedisServer primary, String... lines) {
    String line = "replicaof " + LoopbackPorts.HOST + " " + primary.port();
    return Stream.concat(Stream.of(lines), Stream.of(line)).toArray(String[]::new);
  }

  private static boolean inStep(RedisServer server) {
    return "up".equals(server.info("replication").get("master_link_status"));
  }

  /** Returns the server that takes writes: after a failover, the promoted one. */
  public RedisServer primary() {
    return primary;
  }

  /** Returns the other server: after a failover, the one that was killed. */
  public RedisServer replica() {
    return replica;
  }

  /** Returns the three sentinels. */
  public List<RedisServer> sentinels() {
    return List.copyOf(sentinels);
  }

  /**
   * Kills the primary and waits until the replica takes writes and every sentinel says so.
   *
   * @return how long the promotion took
   */
  public Duration failover() {
    RedisServer promoted = replica;
    primary.kill();
    Duration taken =
        Await.until(
            "a promoted replica",
            DEADLINE,
            () ->
                "master".equals(promoted.info("replication").get("role"))
                    && sentinels.stream().allMatch(sentinel -> names(sentinel, promoted)));
    replica = primary;
    primary = promoted;
    return taken;
  }

  private static boolean names(RedisServer sentinel, RedisServer server) {
    Object address = sentinel.command("SENTINEL", "get-master-addr-by-name", PRIMARY_NAME);
    return List.of(LoopbackPorts.HOST, Integer.toString(server.port())).equals(address);
  }

  @Override
  public void close() {
    sentinels.forEach(RedisServer::close);
    replica.close();
    primary.close();
  }
}
