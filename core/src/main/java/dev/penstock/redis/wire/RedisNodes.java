package dev.penstock.redis.wire;

import dev.penstock.Limit;
import dev.penstock.base.BoundedLog;
import dev.penstock.base.FlightRecorder;
import dev.penstock.base.Inside;
import dev.penstock.redis.wire.Greeting.Layout;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.UnifiedJedis;
import redis.clients.jedis.exceptions.JedisConnectionException;
import redis.clients.jedis.exceptions.JedisException;

/**
 * The server as this process finds it, or each node of a cluster by itself: whether it answers, and
 * what it is. While one is away, nobody asks it but a probe.
 */
public final class RedisNodes implements AutoCloseable {

  public static final Duration PROBE_INTERVAL = Duration.ofMillis(250);

  /** How long a server that is late is asked again before the limiter starts without it. */
  private static final Duration PATIENCE = Duration.ofMillis(500);

  private static final Limit PROBE_LIMIT = Limit.perSecond(1_000_000);

  private final RedisConnection connection;
  private final RedisPeer peer;
  private final RedisScript script;
  private final Greeting greeting;
  private final BoundedLog log = RedisLog.ofChanges();
  private final String instance = UUID.randomUUID().toString();
  private final List<String> probeKeys;
  private final Consumer<Boolean> availabilityListener;
  private final AtomicInteger epoch = new AtomicInteger();
  private final LongAdder lost = new LongAdder();
  private final Prober prober = new Prober(PROBE_INTERVAL);

  /** The server, or a cluster of which it is not known who serves what. */
  private final RedisNode whole;

  /** The nodes of a cluster by name. */
  private final Map<String, RedisNode> byName = new ConcurrentHashMap<>();

  private final AtomicInteger away = new AtomicInteger();
  private final Object changing = new Object();
  private volatile String lastFailure = "";
  private volatile Runnable whenBack = () -> {};

  /** What the log was last told of why a server is away. */
  private volatile String told = "";

  private volatile Layout layout;
  private volatile boolean greeted;

  public RedisNodes(
      RedisConnection connection,
      RedisPeer peer,
      RedisScript script,
      RedisKeys keys,
      Consumer<Boolean> availabilityListener) {
    this.connection = connection;
    this.peer = peer;
    this.script = script;
    this.greeting = new Greeting(script, keys, peer);
    this.probeKeys = keys.probes(instance);
    this.availabilityListener = availabilityListener;
    this.whole = new RedisNode(0, "", probeKeys.get(0));
    this.layout = connection.isCluster() ? Layout.CLUSTER : Layout.TOGETHER;
  }

  RedisConnection connection() {
    return connection;
  }

  /** Returns what the server is called, with its host and port where they are known. */
  String name() {
    return peer.name();
  }

  /**
   * Makes the first calls. A server that cannot be reached is left alone and probed; one that
   * answers and is of no use is an error that waiting does not mend.
   */
  public void greet() {
    connection.listen(connectionListener());
    Optional<JedisException> failure = greetingFailure();
    long since = System.nanoTime();
    while (failure.filter(RedisErrors::isLate).isPresent()
        && System.nanoTime() - since < PATIENCE.toNanos()) {
      // A server may have to warm up, and what it then says should be known now.
      failure = greetingFailure();
    }
    if (failure.isEmpty()) {
      return;
    }
    RuntimeException cause = explained(failure.get());
    if (cause instanceof UnusableException unusable) {
      close();
      throw new IllegalArgumentException(peer.name() + " must be usable: " + unusable.line(peer));
    }
    lastFailure = RedisErrors.describe(cause, peer);
    if (whole.breaker().trip()) {
      leaveAlone(whole);
    }
  }

  private Optional<JedisException> greetingFailure() {
    try {
      connection.callAnew(this::greet);
      return Optional.empty();
    } catch (JedisException e) {
      return Optional.of(e);
    }
  }

  private RuntimeException explained(RuntimeException e) {
    Optional<UnusableException> unusable =
        peer.lookInto(e, probeKeys.get(0)).or(() -> RedisErrors.refusal(e, peer.isFixed()));
    return unusable.isPresent() ? unusable.get() : e;
  }

  private boolean greet(UnifiedJedis jedis) {
    String key = whole.probeKey();
    layout = greeting.greet(jedis, key, isCluster());
    if (isCluster()) {
      connection.nodes().ifPresent(nodes -> nodes.learn(key));
    }
    if (!whole.breaker().isAvailable() && layout != Layout.TOGETHER) {
      log.warn(
          peer.name()
              + " turns out to have buckets of different hash slots apart: policies that join a"
              + " limit for everyone with others are kept by failover");
    }
    greeted = true;
    Greeting.evictingPolicy(jedis, key)
        .ifPresent(
            policy -> log.warn(peer.name() + " may drop buckets that are not full: " + policy));
    return true;
  }

  /** Returns how keys lie, as far as greeting has shown. */
  public Layout layout() {
    return layout;
  }

  boolean isCluster() {
    return layout == Layout.CLUSTER;
  }

  /** Returns whether keys of different hash slots may be asked for at once. */
  boolean takeSeveralSlots() {
    return switch (layout) {
      case TOGETHER -> greeted;
      case CLUSTER -> greeted && severalAtOnce().isPresent();
      case SHARDED -> false;
    };
  }

  /** Returns the nodes of a cluster if several commands can be sent to one of them at once. */
  Optional<ClusterNodes> severalAtOnce() {
    return isCluster() ? connection.nodes().filter(ClusterNodes::takeSeveral) : Optional.empty();
  }

  /** Returns who decides about a call. */
  RedisNode of(ScriptCall call) {
    return ofKey(call.firstKey());
  }

  /** Returns who serves a bucket. */
  RedisNode of(SharedBucket bucket) {
    return isCluster() ? ofKey(bucket.key()) : whole;
  }

  /** Returns who serves a key. */
  RedisNode ofKey(String key) {
    @Nullable String name =
        isCluster() ? connection.nodes().map(nodes -> nodes.name(key)).orElse(null) : null;
    if (name == null) {
      return whole;
    }
    @Nullable RedisNode known = byName.get(name);
    return known != null ? known : byName.computeIfAbsent(name, any -> node(any, key));
  }

  private RedisNode node(String name, String key) {
    return new RedisNode(byName.size() + 1, name, RedisKeys.probe(key, instance));
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
    lastFailure = RedisErrors.describe(e, peer);
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
      lostConnection();
    }
    CircuitBreaker breaker = node.breaker();
    if (late ? breaker.late(sentAt, System.nanoTime()) : breaker.failed()) {
      leaveAlone(node);
    }
  }

  /** Returns what happened, with the place and without a secret. */
  String describe(RuntimeException e) {
    return RedisErrors.describe(e, peer);
  }

  /** Takes notice that a connection was lost, and with it maybe data. */
  void lostConnection() {
    lost.increment();
    epoch.incrementAndGet();
  }

  /** Returns how often a connection was lost. */
  long lost() {
    return lost.sum();
  }

  private ConnectionListener connectionListener() {
    return new ConnectionListener() {
      @Override
      public void onOpeningFailed(RuntimeException e) {
        lastFailure = RedisErrors.describe(e, peer);
        if (whole.breaker().failed()) {
          leaveAlone(whole);
        }
      }

      @Override
      public void onIdleLost() {
        lostConnection();
      }
    };
  }

  /** Says that a node is away, and has it probed until it is back. */
  private void leaveAlone(RedisNode node) {
    if (!prober.isClosed()) {
      changed(node, false);
      prober.start(() -> isBack(node));
    }
  }

  private boolean isBack(RedisNode node) {
    if (!probe(node)) {
      return false;
    }
    node.breaker().succeeded(System.nanoTime());
    changed(node, true);
    node.breaker().back();
    whenBack.run();
    return true;
  }

  /**
   * Says what is to be done when a node is asked again.
   *
   * @param task returns at once, and does not fail
   */
  void whenBack(Runnable task) {
    whenBack = task;
  }

  private boolean probe(RedisNode node) {
    try {
      connection.callAnew(jedis -> greeted ? check(jedis, node.probeKey()) : greet(jedis));
      learn(node);
      return true;
    } catch (RuntimeException e) {
      tellOther(node, e);
      byName.values().stream()
          .filter(other -> other.breaker().isAvailable())
          .findAny()
          .ifPresent(this::learn);
      return false;
    }
  }

  /** Says why a server that is away does not come back, whenever that is something else. */
  private void tellOther(RedisNode node, RuntimeException e) {
    String described = RedisErrors.describe(e, peer);
    lastFailure = described;
    if (!described.equals(told)) {
      told = described;
      log.warn(name(node) + " is still away: " + RedisErrors.describe(explained(e), peer));
    }
  }

  /** Asks a node who serves which slot: others may have taken over those of one that is away. */
  private void learn(RedisNode node) {
    if (node != whole) {
      connection.nodes().ifPresent(nodes -> nodes.learn(node.probeKey()));
    }
  }

  /**
   * Tries all that requests need: a server which cannot write, full or a replica, does not pass for
   * one that is back, nor one that refuses a command to some requests only.
   */
  private boolean check(UnifiedJedis jedis, String key) {
    greeting.requireCommands(jedis, key);
    ScriptCall call = new ScriptCall(ScriptCall.Operation.TAKE);
    call.addOwn(key, PROBE_LIMIT, Inside.nanosPerToken(PROBE_LIMIT));
    script.call(jedis, new ScriptBatch(List.of(call)));
    return true;
  }

  private void changed(RedisNode node, boolean available) {
    epoch.incrementAndGet();
    if (available) {
      log.info(name(node) + " is back");
    } else {
      told = lastFailure;
      log.warn(name(node) + " is away, limits are kept by failover: " + told);
    }
    synchronized (changing) {
      if (available ? away.decrementAndGet() == 0 : away.incrementAndGet() == 1) {
        tell(available);
      }
    }
  }

  private String name(RedisNode node) {
    return node.name().isEmpty() ? peer.name() : "Redis at " + node.name();
  }

  private void tell(boolean available) {
    FlightRecorder.ofThisProcess().failover(name(), available);
    try {
      availabilityListener.accept(available);
    } catch (Throwable e) { // an Error would end the probe, and with it the way back to Redis
      log.error(availabilityListener.getClass().getName() + " failed", e);
    }
  }

  @Override
  public void close() {
    prober.close();
    connection.close();
  }
}
