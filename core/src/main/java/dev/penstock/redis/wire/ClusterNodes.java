package dev.penstock.redis.wire;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.Connection;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.Protocol;
import redis.clients.jedis.UnifiedJedis;
import redis.clients.jedis.exceptions.JedisDataException;
import redis.clients.jedis.exceptions.JedisException;
import redis.clients.jedis.util.JedisClusterCRC16;

/**
 * The nodes of a Redis Cluster, as a client that the caller passed reaches them: which of them
 * serves a hash slot, and several commands to one of them at once.
 *
 * <p>Which node serves a slot is learned from the cluster, and corrected by each answer that a slot
 * has moved. It only says what is worth sending together: the connection is the client's choice,
 * and a node that does not serve a slot says so and does nothing.
 */
final class ClusterNodes {

  private static final int SLOTS = 16_384;

  private final UnifiedJedis jedis;
  private final @Nullable IntFunction<Connection> connections;

  /** The address of the node by slot; nothing before it is learned. */
  private volatile @Nullable AtomicReferenceArray<@Nullable String> names;

  /**
   * Knows no node yet.
   *
   * @param connections finds a connection to the node that serves a slot; nothing if the client
   *     does not tell
   */
  ClusterNodes(UnifiedJedis jedis, @Nullable IntFunction<Connection> connections) {
    this.jedis = jedis;
    this.connections = connections;
  }

  /** Returns whether several commands can be sent to a node at once. */
  boolean takeSeveral() {
    return connections != null && names != null;
  }

  /** Returns the node that serves a key, or nothing if that is not known. */
  @Nullable String name(String key) {
    AtomicReferenceArray<@Nullable String> known = names;
    return known == null ? null : known.get(JedisClusterCRC16.getSlot(key));
  }

  /**
   * Asks the cluster who serves which slot. Where it does not say, what was known stays.
   *
   * @param key any key, which leads to a node that is asked
   */
  @SuppressWarnings("deprecation") // a command with a key is what every line of jedis can send
  void learn(String key) {
    try {
      Object reply = jedis.sendCommand(key, Protocol.Command.CLUSTER, "SLOTS");
      if (reply instanceof List<?> ranges) {
        names = named(ranges);
      }
    } catch (JedisException e) {
      // Then each slot is asked apart.
      return;
    }
  }

  private static AtomicReferenceArray<@Nullable String> named(List<?> ranges) {
    AtomicReferenceArray<@Nullable String> named = new AtomicReferenceArray<>(SLOTS);
    for (Object element : ranges) {
      List<?> range = (List<?>) element;
      List<?> primary = (List<?>) range.get(2);
      String host = primary.get(0) instanceof byte[] name ? text(name) : "";
      for (int slot = number(range.get(0)); slot <= number(range.get(1)); slot++) {
        named.set(slot, host + ":" + primary.get(1));
      }
    }
    return named;
  }

  private static int number(Object reply) {
    return Math.toIntExact((Long) reply);
  }

  private static String text(byte[] reply) {
    return new String(reply, StandardCharsets.UTF_8);
  }

  /** Says that another node serves a slot than was known. */
  void moved(int slot, HostAndPort node) {
    AtomicReferenceArray<@Nullable String> known = names;
    if (known != null) {
      known.set(slot, node.toString());
    }
  }

  /**
   * Sends commands to the node that serves a slot, all at once.
   *
   * @return what it says to each in turn, a reply or a {@link JedisDataException}; where the
   *     connection fails meanwhile, or there is none, that failure to each that is not answered
   */
  List<Object> ask(int slot, List<byte[][]> evalshas) {
    IntFunction<Connection> toSlot = Objects.requireNonNull(connections);
    List<Object> said = new ArrayList<>(evalshas.size());
    try (Connection connection = toSlot.apply(slot)) {
      exchange(connection, evalshas, said);
    } catch (RuntimeException e) {
      while (said.size() < evalshas.size()) {
        said.add(e);
      }
    }
    return said;
  }

  /** Leaves no reply behind for whoever has the connection next. */
  static void exchange(Connection connection, List<byte[][]> evalshas, List<Object> said) {
    try {
      for (byte[][] arguments : evalshas) {
        connection.sendCommand(Protocol.Command.EVALSHA, arguments);
      }
      while (said.size() < evalshas.size()) {
        said.add(next(connection));
      }
    } catch (RuntimeException e) {
      connection.setBroken();
      throw e;
    }
  }

  private static Object next(Connection connection) {
    try {
      return connection.getOne();
    } catch (JedisDataException e) {
      if (WrongServer.says(e)) {
        connection.setBroken();
      }
      return e;
    }
  }
}
