package dev.penstock.redis;

import dev.penstock.Limit;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.UnifiedJedis;
import redis.clients.jedis.exceptions.JedisClusterOperationException;
import redis.clients.jedis.exceptions.JedisConnectionException;
import redis.clients.jedis.exceptions.JedisDataException;
import redis.clients.jedis.exceptions.JedisException;

/**
 * The server as this process finds it, or each node of a cluster by itself: whether it answers, and
 * what it is. While one is away, nobody asks it but a probe.
 */
final class RedisNodes implements AutoCloseable {

  static final Duration PROBE_INTERVAL = Duration.ofMillis(250);

  private static final Logger LOG = System.getLogger(RedisRateLimiter.class.getName());
  private static final int FAILURES_IN_A_ROW = 5;
  private static final Limit PROBE_LIMIT = Limit.perSecond(1_000_000);

  private final RedisConnection connection;
  private final RedisScript script;
  private final String instance = UUID.randomUUID().toString();
  private final List<String> probeKeys;
  private final Consumer<Boolean> availabilityListener;
  private final AtomicInteger epoch = new AtomicInteger();

  /** The server, or a cluster of which it is not known who serves what. */
  private final RedisNode whole;

  /** The nodes of a cluster by name. */
  private final Map<String, RedisNode> byName = new ConcurrentHashMap<>();

  private final AtomicInteger away = new AtomicInteger();
  private final Object changing = new Object();
  private volatile String lastFailure = "";
  private volatile boolean cluster;
  private volatile boolean greeted;

  RedisNodes(
      Function<ConnectionListener, RedisConnection> connecting,
      RedisScript script,
      RedisKeys keys,
      Consumer<Boolean> availabilityListener) {
    this.script = script;
    this.probeKeys = keys.probes(instance);
    this.availabilityListener = availabilityListener;
    this.whole = new RedisNode(0, "", probeKeys.get(0), this::breaker);
    this.connection = connecting.apply(connectionListener());
    this.cluster = connection.isCluster();
  }

  private CircuitBreaker breaker(RedisNode node) {
    return new CircuitBreaker(
        FAILURES_IN_A_ROW,
        PROBE_INTERVAL,
        () -> probe(node),
        available -> changed(node, available));
  }

  RedisConnection connection() {
    return connection;
  }

  /**
   * Makes the first call. A server that cannot be reached is left alone and probed; one that
   * answers and refuses is an error that waiting does not mend.
   */
  void greet() {
    try {
      connection.callAnew(this::greet);
    } catch (JedisException e) {
      Optional<String> refusal = RedisErrors.refusal(e);
      if (refusal.isPresent()) {
        close();
        throw new IllegalArgumentException("Redis must be usable: " + refusal.get());
      }
      lastFailure = RedisErrors.describe(e);
      whole.breaker().trip();
    }
  }

  private boolean greet(UnifiedJedis jedis) {
    take(jedis, probeKeys.get(0));
    cluster |= refusesSeveralSlots(jedis);
    if (cluster) {
      connection.nodes().ifPresent(nodes -> nodes.learn(probeKeys.get(0)));
    }
    greeted = true;
    return cluster;
  }

  /** Returns whether keys of different hash slots are refused, as far as greeting has shown. */
  boolean isCluster() {
    return cluster;
  }

  /** Returns whether keys of different hash slots may be asked for at once. */
  boolean takeSeveralSlots() {
    return greeted && (!cluster || severalAtOnce().isPresent());
  }

  /** Returns the nodes of a cluster if several commands can be sent to one of them at once. */
  Optional<ClusterNodes> severalAtOnce() {
    return cluster ? connection.nodes().filter(ClusterNodes::takeSeveral) : Optional.empty();
  }

  /** Returns who decides about a call. */
  RedisNode of(ScriptCall call) {
    return ofKey(call.keys().get(0));
  }

  /** Returns who serves a bucket. */
  RedisNode of(Question question) {
    return cluster ? ofKey(question.key()) : whole;
  }

  /** Returns who serves a key. */
  RedisNode ofKey(String key) {
    @Nullable String name =
        cluster ? connection.nodes().map(nodes -> nodes.name(key)).orElse(null) : null;
    if (name == null) {
      return whole;
    }
    @Nullable RedisNode known = byName.get(name);
    return known != null ? known : byName.computeIfAbsent(name, any -> node(any, key));
  }

  private RedisNode node(String name, String key) {
    return new RedisNode(byName.size() + 1, name, RedisKeys.probe(key, instance), this::breaker);
  }

  /** Returns whether all that has been asked of late may be asked. */
  boolean areAvailable() {
    return away.get() == 0;
  }

  /** {@return how often a server has been away, or a connection to it was lost} */
  int epoch() {
    return epoch.get();
  }

  /** Takes notice that a node has answered. */
  void answered(RedisNode node) {
    node.lost(false);
    node.breaker().succeeded(System.nanoTime());
  }

  /**
   * Takes the failure of a round trip for one of the server's, whatever travelled in it. A slot of
   * a cluster that is half moved is none, nor is a virtual thread that was interrupted, which
   * closes its connection.
   *
   * @param key of a bucket that was asked for
   * @param sentAt when, by {@link System#nanoTime}
   */
  void failed(RedisNode node, RuntimeException e, String key, long sentAt) {
    boolean lost = e instanceof JedisConnectionException;
    if (e instanceof NoConnectionException || (lost && Thread.currentThread().isInterrupted())) {
      return;
    }
    lastFailure = RedisErrors.describe(e);
    if (RedisErrors.isHalfMoved(e)) {
      answered(node);
      return;
    }
    if (node != whole) {
      node.probeBy(RedisKeys.probe(key, instance));
    }
    boolean late = RedisErrors.isLate(e);
    node.lost(lost && !late);
    if (lost) {
      epoch.incrementAndGet();
    }
    if (late) {
      node.breaker().late(sentAt, System.nanoTime());
    } else {
      node.breaker().failed();
    }
  }

  /** Takes notice that a connection was lost, and with it maybe data. */
  void lostConnection() {
    epoch.incrementAndGet();
  }

  private ConnectionListener connectionListener() {
    return new ConnectionListener() {
      @Override
      public void onOpeningFailed(RuntimeException e) {
        lastFailure = RedisErrors.describe(e);
        whole.breaker().failed();
      }

      @Override
      public void onIdleLost() {
        lostConnection();
      }
    };
  }

  private boolean probe(RedisNode node) {
    try {
      connection.callAnew(jedis -> greeted ? take(jedis, node.probeKey()) : greet(jedis));
      learn(node);
      return true;
    } catch (RuntimeException e) {
      lastFailure = RedisErrors.describe(e);
      byName.values().stream()
          .filter(other -> other.breaker().isAvailable())
          .findAny()
          .ifPresent(this::learn);
      return false;
    }
  }

  /** Asks a node who serves which slot: others may have taken over those of one that is away. */
  private void learn(RedisNode node) {
    if (node != whole) {
      connection.nodes().ifPresent(nodes -> nodes.learn(node.probeKey()));
    }
  }

  /**
   * Writes, so that a server which cannot, full or a replica, does not pass for one that is back.
   */
  private List<?> take(UnifiedJedis jedis, String key) {
    return probe(jedis, ScriptCall.Operation.TAKE, List.of(key));
  }

  /** Asks, as the class of a client does not tell whether it speaks to a cluster. */
  private boolean refusesSeveralSlots(UnifiedJedis jedis) {
    try {
      probe(jedis, ScriptCall.Operation.LOOK, probeKeys);
      return false;
    } catch (JedisClusterOperationException e) {
      // The client knows the slots by itself.
      return true;
    } catch (JedisDataException e) {
      return RedisErrors.isCrossSlot(e);
    }
  }

  private List<?> probe(UnifiedJedis jedis, ScriptCall.Operation operation, List<String> keys) {
    ScriptCall call = new ScriptCall(operation);
    long cost = PROBE_LIMIT.nanosPerToken();
    keys.forEach(key -> call.add(key, PROBE_LIMIT, cost, ScriptCall.UNKNOWN, 0, 0));
    ScriptBatch batch = new ScriptBatch(List.of(call));
    return script.call(jedis, batch.keys(), batch.arguments());
  }

  private void changed(RedisNode node, boolean available) {
    epoch.incrementAndGet();
    String which = node.name().isEmpty() ? "Redis" : "Redis at " + node.name();
    if (available) {
      LOG.log(Level.INFO, which + " is back");
    } else {
      LOG.log(Level.WARNING, which + " is away, limits are kept by failover: " + lastFailure);
    }
    synchronized (changing) {
      if (available ? away.decrementAndGet() == 0 : away.incrementAndGet() == 1) {
        tell(available);
      }
    }
  }

  private void tell(boolean available) {
    try {
      availabilityListener.accept(available);
    } catch (Throwable e) { // an Error would end the probe, and with it the way back to Redis
      LOG.log(Level.WARNING, availabilityListener.getClass().getName() + " failed", e);
    }
  }

  @Override
  public void close() {
    whole.breaker().close();
    byName.values().forEach(node -> node.breaker().close());
    connection.close();
  }
}
