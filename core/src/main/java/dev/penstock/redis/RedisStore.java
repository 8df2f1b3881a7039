package dev.penstock.redis;

import dev.penstock.Limit;
import dev.penstock.redis.ScriptBatch.Answer;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Stream;
import redis.clients.jedis.UnifiedJedis;
import redis.clients.jedis.exceptions.JedisClusterOperationException;
import redis.clients.jedis.exceptions.JedisConnectionException;
import redis.clients.jedis.exceptions.JedisDataException;
import redis.clients.jedis.exceptions.JedisException;

/**
 * The server as this process finds it: calls, counts, and leaves it alone while it is away. No
 * failure of it leaves this class but as an empty answer.
 */
final class RedisStore implements AutoCloseable {

  static final Duration PROBE_INTERVAL = Duration.ofMillis(250);

  private static final Logger LOG = System.getLogger(RedisRateLimiter.class.getName());
  private static final Duration REPORT_INTERVAL = Duration.ofSeconds(10);
  private static final int FAILURES_IN_A_ROW = 5;

  /** How many batches of a queue are on the wire at once; as measured by {@code RedisBenchmark}. */
  private static final int LANES = 2;

  private static final long LONGEST_WAIT_NANOS = Duration.ofMillis(5).toNanos();

  /** Queues for the hash slots of a cluster; a server that has none needs only one. */
  private static final int QUEUES = 256;

  private static final Limit PROBE_LIMIT = Limit.perSecond(1_000_000);

  private final RedisConnection connection;
  private final RedisScript script;
  private final List<String> probeKeys;
  private final Consumer<Boolean> availabilityListener;
  private final CircuitBreaker breaker;
  private final AtomicInteger epoch = new AtomicInteger();
  private final List<Gathering<ScriptCall, Optional<Answer>>> queues;
  private final LongAdder calls = new LongAdder();
  private final LongAdder roundTrips = new LongAdder();
  private final LongAdder failures = new LongAdder();
  private final LongAdder timeouts = new LongAdder();
  private final AtomicLong foreignReportDue = new AtomicLong(System.nanoTime());
  private volatile String lastFailure = "";
  private volatile boolean cluster;
  private volatile boolean greeted;

  RedisStore(
      Function<Consumer<RuntimeException>, RedisConnection> connecting,
      RedisScript script,
      RedisKeys keys,
      Consumer<Boolean> availabilityListener) {
    this.script = script;
    this.probeKeys = keys.probes(UUID.randomUUID().toString());
    this.availabilityListener = availabilityListener;
    this.breaker =
        new CircuitBreaker(FAILURES_IN_A_ROW, PROBE_INTERVAL, this::probe, this::changed);
    this.connection = connecting.apply(this::openingFailed);
    this.cluster = connection.isCluster();
    this.queues = Stream.generate(this::queue).limit(QUEUES).toList();
  }

  private Gathering<ScriptCall, Optional<Answer>> queue() {
    long timeout = connection.timeoutNanos();
    return new Gathering<>(
        new Batches(), LANES, Math.min(timeout / 10, LONGEST_WAIT_NANOS), timeout);
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
      breaker.trip();
    }
  }

  private boolean greet(UnifiedJedis jedis) {
    take(jedis);
    cluster |= refusesSeveralSlots(jedis);
    greeted = true;
    return cluster;
  }

  /** Returns whether keys of different hash slots are refused, as far as greeting has shown. */
  boolean isCluster() {
    return cluster;
  }

  boolean isAvailable() {
    return breaker.isAvailable();
  }

  /** {@return how often the server has been away, or a connection to it was lost} */
  int epoch() {
    return epoch.get();
  }

  /**
   * Runs the script, together with what others ask at this moment; empty if the server did not
   * answer, or not with a decision.
   */
  Optional<Answer> call(ScriptCall call) {
    calls.increment();
    try {
      int queue = joinsAll() ? 0 : Math.floorMod(slot(call).hashCode(), QUEUES);
      Optional<Answer> answer = queues.get(queue).ask(call);
      if (answer.isEmpty()) {
        failures.increment();
        reportForeign();
      }
      return answer;
    } catch (RuntimeException e) {
      count(e);
      return Optional.empty();
    }
  }

  /** What is asked at once travels as one call of the script; on a cluster, what is in one slot. */
  private final class Batches implements Gathering.Wire<ScriptCall, Optional<Answer>> {

    @Override
    public List<Optional<Answer>> ask(List<ScriptCall> calls, long since) {
      ScriptBatch batch = new ScriptBatch(calls);
      roundTrips.increment();
      try {
        List<?> reply =
            connection.call(since, jedis -> script.call(jedis, batch.keys(), batch.arguments()));
        breaker.succeeded();
        return batch.answers(reply);
      } catch (RuntimeException e) {
        react(e);
        throw e;
      }
    }

    /** What was known of a bucket before Redis went may be what Redis has lost. */
    @Override
    public boolean isStale(ScriptCall call) {
      return call.epoch() != epoch();
    }

    @Override
    public boolean mayJoin(ScriptCall call, ScriptCall other) {
      return joinsAll() || slot(call).equals(slot(other));
    }
  }

  private boolean joinsAll() {
    return greeted && !cluster;
  }

  private static String slot(ScriptCall call) {
    return RedisKeys.hashed(call.keys().get(0));
  }

  void delete(List<String> keys) {
    if (!isAvailable()) {
      return;
    }
    calls.increment();
    roundTrips.increment();
    try {
      connection.call(System.nanoTime(), jedis -> jedis.del(keys.toArray(String[]::new)));
      breaker.succeeded();
    } catch (RuntimeException e) {
      react(e);
      count(e);
    }
  }

  RedisStatistics statistics(long leasedDecisions, long cheapDenials, long failoverDecisions) {
    return new RedisStatistics(
        isAvailable(),
        calls.sum(),
        roundTrips.sum(),
        failures.sum(),
        timeouts.sum(),
        script.loads(),
        leasedDecisions,
        cheapDenials,
        failoverDecisions);
  }

  @Override
  public void close() {
    breaker.close();
    connection.close();
  }

  /** Counts the failure of one call. */
  private void count(RuntimeException e) {
    failures.increment();
    if (e instanceof NoConnectionException || e.getCause() instanceof SocketTimeoutException) {
      timeouts.increment();
    }
  }

  /**
   * Takes the failure of a round trip for one of the server's, whatever travelled in it. A slot of
   * a cluster that is half moved is none, nor is a virtual thread that was interrupted, which
   * closes its connection.
   */
  private void react(RuntimeException e) {
    boolean lost = e instanceof JedisConnectionException;
    if (e instanceof NoConnectionException || (lost && Thread.currentThread().isInterrupted())) {
      return;
    }
    lastFailure = RedisErrors.describe(e);
    if (RedisErrors.isHalfMoved(e)) {
      breaker.succeeded();
      return;
    }
    if (lost) {
      epoch.incrementAndGet();
    }
    breaker.failed();
  }

  private void openingFailed(RuntimeException e) {
    lastFailure = RedisErrors.describe(e);
    breaker.failed();
  }

  private void reportForeign() {
    long now = System.nanoTime();
    long due = foreignReportDue.get();
    if (now - due >= 0 && foreignReportDue.compareAndSet(due, now + REPORT_INTERVAL.toNanos())) {
      LOG.log(Level.WARNING, "A key of Penstock's holds a foreign value, it is left as it is");
    }
  }

  private boolean probe() {
    try {
      connection.callAnew(jedis -> greeted ? take(jedis) : greet(jedis));
      return true;
    } catch (RuntimeException e) {
      lastFailure = RedisErrors.describe(e);
      return false;
    }
  }

  /**
   * Writes, so that a server which cannot, full or a replica, does not pass for one that is back.
   */
  private List<?> take(UnifiedJedis jedis) {
    return probe(jedis, ScriptCall.Operation.TAKE, probeKeys.subList(0, 1));
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
    ScriptCall call = new ScriptCall(operation, epoch());
    keys.forEach(key -> call.add(key, PROBE_LIMIT, 1, 0, 0, 0));
    ScriptBatch batch = new ScriptBatch(List.of(call));
    return script.call(jedis, batch.keys(), batch.arguments());
  }

  private void changed(boolean available) {
    epoch.incrementAndGet();
    if (available) {
      LOG.log(Level.INFO, "Redis is back");
    } else {
      LOG.log(Level.WARNING, "Redis is away, limits are kept by failover: " + lastFailure);
    }
    try {
      availabilityListener.accept(available);
    } catch (RuntimeException e) {
      LOG.log(Level.WARNING, availabilityListener.getClass().getName() + " failed", e);
    }
  }
}
