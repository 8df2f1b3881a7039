package dev.penstock.redis;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.RedisClusterClient;

/** A cluster of three primaries without replicas, the slots shared out evenly. For one thread. */
public final class RedisCluster implements AutoCloseable {

  /** How many hash slots a cluster has. */
  public static final int SLOTS = 16_384;

  private static final Duration DEADLINE = Duration.ofSeconds(30);
  private static final int NODES = 3;
  private static final int MIGRATE_KEYS = 100;
  private static final String MIGRATE_TIMEOUT_MILLIS = "5000";

  private final List<RedisServer> nodes = new ArrayList<>();
  private final RedisServer[] owners = new RedisServer[SLOTS];

  private RedisCluster() {}

  /**
   * Starts three nodes and waits until each of them knows the cluster to be whole.
   *
   * @param lines of {@code redis.conf}, for every node
   */
  public static RedisCluster start(String... lines) {
    RedisCluster cluster = new RedisCluster();
    try {
      cluster.launch(lines);
      return cluster;
    } catch (Throwable e) {
      cluster.close();
      throw e;
    }
  }

  private void launch(String... lines) {
    String[] all =
        Stream.concat(
                Stream.of("cluster-enabled yes", "cluster-node-timeout 2000"), Stream.of(lines))
            .toArray(String[]::new);
    for (int i = 0; i < NODES; i++) {
      RedisServer node = RedisServer.start(all);
      nodes.add(node);
      int first = SLOTS * i / NODES;
      int end = SLOTS * (i + 1) / NODES;
      Arrays.fill(owners, first, end, node);
      node.command("CLUSTER", "SET-CONFIG-EPOCH", Integer.toString(i + 1));
      node.command(
          Stream.concat(
                  Stream.of("CLUSTER", "ADDSLOTS"),
                  IntStream.range(first, end).mapToObj(Integer::toString))
              .toArray(String[]::new));
    }
    for (RedisServer node : nodes) {
      nodes.get(0).command("CLUSTER", "MEET", LoopbackPorts.HOST, Integer.toString(node.port()));
    }
    Await.until("a whole cluster", DEADLINE, () -> nodes.stream().allMatch(RedisCluster::whole));
  }

  private static boolean whole(RedisServer node) {
    Map<String, String> info =
        RedisCommand.fields(Objects.requireNonNull(node.command("CLUSTER", "INFO")));
    return "ok".equals(info.get("cluster_state"))
        && Integer.toString(NODES).equals(info.get("cluster_known_nodes"))
        && Integer.toString(NODES).equals(info.get("cluster_size"));
  }

  public List<RedisServer> nodes() {
    return List.copyOf(nodes);
  }

  /** Returns a client, to be closed by whoever has asked for it. */
  RedisClusterClient client() {
    return RedisClusterClient.builder()
        .nodes(
            nodes.stream()
                .map(node -> new HostAndPort(LoopbackPorts.HOST, node.port()))
                .collect(Collectors.toSet()))
        .clientConfig(DefaultJedisClientConfig.builder().timeoutMillis(1_000).build())
        .build();
  }

  /** Returns the slot of a key, by its hash tag where it has one. */
  public int slot(String key) {
    Object slot = Objects.requireNonNull(nodes.get(0).command("CLUSTER", "KEYSLOT", key));
    return ((Long) slot).intValue();
  }

  /** Returns the node that serves a slot, from 0 to {@link #SLOTS} - 1. */
  public RedisServer owner(int slot) {
    return owners[slot];
  }

  /** Moves a slot with its keys from its owner, which answers MOVED from then on. */
  public void moveSlot(int slot, RedisServer from, RedisServer to) {
    startMove(slot, from, to);
    moveKeys(slot, from, to);
    finishMove(slot, to);
  }

  /**
   * Makes the owner answer ASK for keys of the slot that it does not hold.
   *
   * <p>Waits until the nodes agree on their epochs. The new owner will claim the slot by an epoch
   * above all that it knows; if the old one had a later one, an old message of its could take the
   * slot back, and each would name the other as the owner from then on.
   */
  public void startMove(int slot, RedisServer from, RedisServer to) {
    Await.until(
        "agreement on epochs",
        DEADLINE,
        () -> nodes.stream().map(RedisCluster::epochs).distinct().count() == 1);
    setSlot(to, slot, "IMPORTING", id(from));
    setSlot(from, slot, "MIGRATING", id(to));
  }

  /** Moves the keys that the slot holds now, after {@link #startMove}. */
  public void moveKeys(int slot, RedisServer from, RedisServer to) {
    for (List<?> keys = keys(from, slot); !keys.isEmpty(); keys = keys(from, slot)) {
      for (Object key : keys) {
        from.command(
            "MIGRATE",
            LoopbackPorts.HOST,
            Integer.toString(to.port()),
            key.toString(),
            "0",
            MIGRATE_TIMEOUT_MILLIS);
      }
    }
  }

  /** Makes the new owner known to every node; its keys have been moved. */
  public void finishMove(int slot, RedisServer to) {
    String id = id(to);
    setSlot(to, slot, "NODE", id);
    nodes.stream().filter(node -> node != to).forEach(node -> setSlot(node, slot, "NODE", id));
    owners[slot] = to;
  }

  /** Gives the slot of a node that is dead, without its keys, to another. */
  public void takeOver(int slot, RedisServer to, RedisServer dead) {
    String id = id(to);
    nodes.stream().filter(node -> node != dead).forEach(node -> setSlot(node, slot, "NODE", id));
    owners[slot] = to;
  }

  /** Returns the epoch of each node, by its id, as this one knows them. */
  private static Map<String, String> epochs(RedisServer node) {
    return Objects.requireNonNull(node.command("CLUSTER", "NODES"))
        .toString()
        .lines()
        .map(line -> line.split(" "))
        .collect(Collectors.toMap(fields -> fields[0], fields -> fields[6]));
  }

  private static void setSlot(RedisServer node, int slot, String state, String id) {
    node.command("CLUSTER", "SETSLOT", Integer.toString(slot), state, id);
  }

  private static List<?> keys(RedisServer node, int slot) {
    return (List<?>)
        Objects.requireNonNull(
            node.command(
                "CLUSTER",
                "GETKEYSINSLOT",
                Integer.toString(slot),
                Integer.toString(MIGRATE_KEYS)));
  }

  private static String id(RedisServer node) {
    return Objects.requireNonNull(node.command("CLUSTER", "MYID")).toString();
  }

  @Override
  public void close() {
    nodes.forEach(RedisServer::close);
  }
}
