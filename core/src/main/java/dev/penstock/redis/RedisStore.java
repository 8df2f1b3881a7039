package dev.penstock.redis;

import dev.penstock.redis.Greeting.Layout;
import dev.penstock.redis.ScriptBatch.Answer;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Stream;

/**
 * Asks Redis and counts. No failure of it leaves this class but as an empty answer, at once where
 * it is away.
 */
final class RedisStore implements AutoCloseable {

  private static final Logger LOG = System.getLogger(RedisRateLimiter.class.getName());
  private static final Duration REPORT_INTERVAL = Duration.ofSeconds(10);

  /** How many batches of a queue are on the wire at once; as measured by {@code RedisBenchmark}. */
  private static final int LANES = 2;

  private static final long LONGEST_WAIT_NANOS = Duration.ofMillis(5).toNanos();

  /** Queues for the nodes of a cluster, or for its hash slots; a lone server needs only one. */
  private static final int QUEUES = 256;

  private final RedisNodes nodes;
  private final ScriptWire wire;
  private final RedisScript script;
  private final List<Gathering<ScriptCall, ScriptWire.Said>> queues;
  private final LongAdder calls = new LongAdder();
  private final LongAdder failures = new LongAdder();
  private final LongAdder timeouts = new LongAdder();
  private final MissedDecisions missed;
  private final AtomicLong foreignReportDue = new AtomicLong(System.nanoTime());
  private volatile String lastReason = "";

  RedisStore(RedisNodes nodes, RedisScript script) {
    this.nodes = nodes;
    this.script = script;
    this.missed = new MissedDecisions(nodes.name());
    this.wire = new ScriptWire(nodes, script);
    this.queues = Stream.generate(this::queue).limit(QUEUES).toList();
  }

  private Gathering<ScriptCall, ScriptWire.Said> queue() {
    long timeout = nodes.connection().timeoutNanos();
    return new Gathering<>(wire, LANES, Math.min(timeout / 10, LONGEST_WAIT_NANOS), timeout);
  }

  /** Returns whether Redis may be asked for this bucket, and what is in its hash slot. */
  boolean isAvailable(Question bucket) {
    return nodes.areAvailable() || nodes.of(bucket).breaker().isAvailable();
  }

  /** {@return how often a server has been away, or a connection to it was lost} */
  int epoch() {
    return nodes.epoch();
  }

  /**
   * Runs the script, together with what others ask at this moment; empty if the server did not
   * answer, or not with a decision.
   */
  Optional<Answer> call(ScriptCall call) {
    return said(call).answer();
  }

  /**
   * Runs the script as {@link #call} does; without an answer or a failure a key holds no bucket.
   */
  ScriptWire.Said said(ScriptCall call) {
    if (nodes.layout() != Layout.TOGETHER && call.crossesTags()) {
      // A proxy would look for all of them where the first one lies.
      failures.increment();
      lastReason = "its buckets lie in different hash slots";
      return failed(new NoConnectionException(lastReason));
    }
    RedisNode node = nodes.of(call);
    CircuitBreaker breaker = node.breaker();
    if (!breaker.isSuspect()) {
      return ask(call, node);
    }
    if (!breaker.beginTrial()) {
      lastReason = "it has been silent, and another request finds out";
      return failed(new NoConnectionException(lastReason));
    }
    try {
      return ask(call, node);
    } finally {
      breaker.endTrial();
    }
  }

  private ScriptWire.Said ask(ScriptCall call, RedisNode node) {
    calls.increment();
    try {
      int queue = nodes.takeSeveralSlots() ? node.number() : call.slot();
      ScriptWire.Said said = queues.get(queue % QUEUES).ask(call);
      if (said.failure() != null) {
        count(said.failure());
      } else if (said.answer().isEmpty()) {
        failures.increment();
        lastReason = "a key holds a foreign value";
        reportForeign();
      }
      return said;
    } catch (RuntimeException e) {
      count(e);
      return failed(e);
    }
  }

  private static ScriptWire.Said failed(RuntimeException e) {
    return new ScriptWire.Said(Optional.empty(), e);
  }

  /** Takes notice of a decision that Redis, which was asked for it, has not made. */
  void decidedWithout(Question bucket) {
    if (isAvailable(bucket)) {
      missed.count(lastReason);
    }
  }

  RedisStatistics statistics(long leasedDecisions, long cheapDenials, long failoverDecisions) {
    return new RedisStatistics(
        nodes.areAvailable(),
        calls.sum(),
        wire.roundTrips(),
        failures.sum(),
        timeouts.sum(),
        script.loads(),
        leasedDecisions,
        cheapDenials,
        failoverDecisions,
        missed.sum());
  }

  @Override
  public void close() {
    nodes.close();
  }

  /** Counts the failure of one call. */
  private void count(RuntimeException e) {
    failures.increment();
    boolean unasked = e instanceof NoConnectionException;
    lastReason = unasked ? "no connection: " + e.getMessage() : nodes.describe(e);
    if (unasked || RedisErrors.isLate(e)) {
      timeouts.increment();
    }
  }

  private void reportForeign() {
    long now = System.nanoTime();
    long due = foreignReportDue.get();
    if (now - due >= 0 && foreignReportDue.compareAndSet(due, now + REPORT_INTERVAL.toNanos())) {
      LOG.log(Level.WARNING, "A key of Penstock's holds a foreign value, it is left as it is");
    }
  }
}
