package dev.penstock.redis;

import dev.penstock.Limit;
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
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.UnifiedJedis;
import redis.clients.jedis.exceptions.JedisAccessControlException;
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
  private static final Limit PROBE_LIMIT = Limit.perSecond(1_000_000);

  private final RedisConnection connection;
  private final RedisScript script;
  private final List<String> probeKeys;
  private final Consumer<Boolean> availabilityListener;
  private final CircuitBreaker breaker;
  private final AtomicInteger epoch = new AtomicInteger();
  private final LongAdder calls = new LongAdder();
  private final LongAdder failures = new LongAdder();
  private final LongAdder timeouts = new LongAdder();
  private final AtomicLong foreignReportDue = new AtomicLong(System.nanoTime());
  private volatile String lastFailure = "";
  private boolean cluster;

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
  }

  /**
   * Makes the first call. A server that cannot be reached is left alone and probed; one that
   * answers and refuses is an error that waiting does not mend.
   */
  void greet() {
    try {
      boolean refused =
          connection.callAnew(
              jedis -> {
                take(jedis);
                return refusesSeveralSlots(jedis);
              });
      cluster |= refused;
    } catch (JedisException e) {
      Optional<String> refusal = refusal(e);
      if (refusal.isPresent()) {
        close();
        throw new IllegalArgumentException("Redis must be usable: " + refusal.get());
      }
      lastFailure = describe(e);
      breaker.trip();
    }
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

  /** Runs the script; empty if the server did not answer, or not with a decision. */
  Optional<long[]> call(ScriptCall call) {
    calls.increment();
    try {
      List<?> reply = connection.call(jedis -> script.call(jedis, call.keys(), call.arguments()));
      breaker.succeeded();
      return Optional.of(reply.stream().mapToLong(number -> (Long) number).toArray());
    } catch (RuntimeException e) {
      failed(e);
      return Optional.empty();
    }
  }

  void delete(List<String> keys) {
    if (!isAvailable()) {
      return;
    }
    calls.increment();
    try {
      connection.call(jedis -> jedis.del(keys.toArray(String[]::new)));
      breaker.succeeded();
    } catch (RuntimeException e) {
      failed(e);
    }
  }

  RedisStatistics statistics(long cheapDenials, long failoverDecisions) {
    return new RedisStatistics(
        isAvailable(),
        calls.sum(),
        failures.sum(),
        timeouts.sum(),
        script.loads(),
        cheapDenials,
        failoverDecisions);
  }

  @Override
  public void close() {
    breaker.close();
    connection.close();
  }

  /**
   * A value under a key that is none of ours is no fault of the server's, nor is a slot of a
   * cluster that is half moved, so that the buckets of a decision lie apart for a moment.
   */
  private void failed(RuntimeException e) {
    failures.increment();
    if (e instanceof NoConnectionException) {
      timeouts.increment();
      return;
    }
    lastFailure = describe(e);
    if (isForeign(e)) {
      reportForeign();
      breaker.succeeded();
      return;
    }
    if (startsWith(e, "TRYAGAIN")) {
      breaker.succeeded();
      return;
    }
    if (e.getCause() instanceof SocketTimeoutException) {
      timeouts.increment();
    }
    if (e instanceof JedisConnectionException) {
      epoch.incrementAndGet();
    }
    breaker.failed();
  }

  private void openingFailed(RuntimeException e) {
    lastFailure = describe(e);
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
      connection.callAnew(this::take);
      return true;
    } catch (RuntimeException e) {
      lastFailure = describe(e);
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
      return startsWith(e, "CROSSSLOT");
    }
  }

  private List<?> probe(UnifiedJedis jedis, ScriptCall.Operation operation, List<String> keys) {
    ScriptCall call = new ScriptCall(operation);
    keys.forEach(key -> call.add(key, PROBE_LIMIT, 1, 0, 0, 0));
    return script.call(jedis, call.keys(), call.arguments());
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

  private static boolean isForeign(RuntimeException e) {
    return e instanceof JedisDataException
        && (startsWith(e, "FOREIGN") || startsWith(e, "WRONGTYPE") || wraps(e, ": WRONGTYPE"));
  }

  private static Optional<String> refusal(JedisException e) {
    for (Throwable cause = e; cause != null; cause = cause.getCause()) {
      if (startsWith(cause, "NOPERM")) {
        return Optional.of("the user may not run scripts on these keys");
      }
      if (cause instanceof JedisAccessControlException
          || startsWith(cause, "WRONGPASS")
          || startsWith(cause, "NOAUTH")
          || startsWith(cause, "ERR Protocol error: unauthenticated")
          || startsWith(cause, "ERR AUTH")
          || startsWith(cause, "ERR invalid password")) {
        return Optional.of("it refuses the user or the password");
      }
      if (startsWith(cause, "ERR unknown command")) {
        return Optional.of("it knows no scripts, not the command EVALSHA");
      }
      if (wraps(cause, "Write commands not allowed after non deterministic commands")) {
        return Optional.of(
            "its scripts may not write after reading the time: it is older than version 5, or has"
                + " lua-replicate-commands off");
      }
      if (startsWith(cause, "ERR DB index") || startsWith(cause, "ERR invalid DB index")) {
        return Optional.of("it has no database of this number");
      }
    }
    return Optional.empty();
  }

  private static boolean startsWith(Throwable e, String start) {
    @Nullable String message = e.getMessage();
    return message != null && message.startsWith(start);
  }

  /** Before version 7 the error of a command in a script stands behind the script's own. */
  private static boolean wraps(Throwable e, String error) {
    @Nullable String message = e.getMessage();
    return message != null
        && message.startsWith("ERR Error running script")
        && message.contains(error);
  }

  /** The class and the first word of the message, which bears an error's name but no value. */
  private static String describe(Throwable e) {
    @Nullable String message = e.getMessage();
    String word = message == null ? "" : " " + message.split(" ", 2)[0];
    return e.getClass().getSimpleName() + word;
  }
}
