package dev.penstock.benchmarks.report;

import dev.penstock.redis.RedisServer;
import java.util.List;
import java.util.stream.IntStream;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;

/**
 * Redis servers of the benchmarks' own: the {@code redis-server} on the path, else the one that a
 * test dependency carries. For one thread.
 */
public final class LocalRedis implements AutoCloseable {

  private static final int NODES = 3;

  private final List<RedisServer> servers;

  private LocalRedis(List<RedisServer> servers) {
    this.servers = servers;
  }

  /** {@return servers that have just been started} */
  public static LocalRedis start() {
    return new LocalRedis(IntStream.range(0, NODES).mapToObj(i -> RedisServer.start()).toList());
  }

  /**
   * Tells the benchmarks that use Redis where the servers are.
   *
   * @param options of a run of JMH
   */
  public void addTo(ChainedOptionsBuilder options) {
    List<String> addresses = servers.stream().map(server -> "127.0.0.1:" + server.port()).toList();
    options.param(Scenario.SERVER, addresses.get(0));
    options.param(Scenario.SERVERS, String.join(" ", addresses));
  }

  /** {@return the URL of the first server} */
  public String url() {
    return servers.get(0).url();
  }

  /** {@return what kind of server this is} */
  public String version() {
    return "Redis " + servers.get(0).info("server").getOrDefault("redis_version", "of no version");
  }

  @Override
  public void close() {
    servers.forEach(RedisServer::close);
  }
}
