package dev.penstock.redis.wire;

import dev.penstock.MetricFamily;
import dev.penstock.MetricFamily.Sample;
import dev.penstock.base.BoundedLog;
import dev.penstock.redis.wire.Greeting.Layout;
import dev.penstock.redis.wire.ScriptBatch.Answer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Asks Redis and counts. No failure of it leaves this class but as an empty answer, at once where
 * it is away.
 */
public final class RedisStore implements AutoCloseable {

  /**
   * What has been counted so far, as {@code RedisStatistics} has it.
   *
   * @param available whether every node is asked now
   * @param calls what was put to Redis
   * @param roundTrips messages that bore the calls
   * @param failures calls that failed
   * @param timeouts calls that were not answered in time
   * @param scriptLoads how often a server had to be sent the script
   * @param missedDecisions decisions without Redis though it was not known to be away
   */
  public record Counts(
      boolean available,
      long calls,
      long roundTrips,
      long failures,
      long timeouts,
      long scriptLoads,
      long missedDecisions) {}

  /** How many batches of a queue are on the wire at once; as measured by {@code RedisBenchmark}. */
  private static final int LANES = 2;

  /** How many threads send what no caller waits for: two for each of many nodes. */
  private static final int LANE_THREADS = 16;

  private static final long LONGEST_WAIT_NANOS = Duration.ofMillis(5).toNanos();

  /** Calls in one message, so that others need not wait long for the server. */
  private static final int MOST_AT_ONCE = 20;

  /** Queues for the nodes of a cluster, or for its hash slots; a lone server needs only one. */
  private static final int QUEUES = 256;

  private final RedisNodes nodes;
  private final ScriptWire wire;
  private final RedisScript script;
  private final List<Gathering<ScriptCall, ScriptWire.CallOutcome>> queues;
  private final ExecutorService lanes = lanes();
  private final List<CallQueue> posts;
  private final LongAdder calls = new LongAdder();
  private final Map<CallFailure, LongAdder> failures = new EnumMap<>(CallFailure.class);
  private final LongAdder missed = new LongAdder();
  private final BoundedLog missedLog = RedisLog.ofRepetitions();
  private final BoundedLog foreignLog = RedisLog.ofRepetitions();
  private volatile String lastReason = "";

  public RedisStore(RedisNodes nodes, RedisScript script, ScriptWire wire) {
    this.nodes = nodes;
    this.script = script;
    this.wire = wire;
    for (CallFailure failure : CallFailure.values()) {
      failures.put(failure, new LongAdder());
    }
    long timeout = nodes.connection().timeoutNanos();
    long longestWait = Math.min(timeout / 10, LONGEST_WAIT_NANOS);
    this.queues =
        Stream.generate(() -> new Gathering<>(wire, LANES, longestWait, timeout))
            .limit(QUEUES)
            .toList();
    this.posts =
        Stream.generate(() -> new CallQueue(wire, lanes, LANES, timeout)).limit(QUEUES).toList();
  }

  /** Returns threads that live only while there is something to send. */
  private static ExecutorService lanes() {
    ThreadPoolExecutor threads =
        new ThreadPoolExecutor(
            LANE_THREADS,
            LANE_THREADS,
            10,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            task -> {
              Thread made = new Thread(task, "penstock-redis-async");
              made.setDaemon(true);
              return made;
            });
    threads.allowCoreThreadTimeOut(true);
    return threads;
  }

  /** Returns whether Redis may be asked for this bucket, and what is in its hash slot. */
  public boolean isAvailable(SharedBucket bucket) {
    return nodes.areAvailable() || nodes.of(bucket).breaker().isAvailable();
  }

  /** {@return how often a server has been away, or a connection to it was lost} */
  public int epoch() {
    return nodes.epoch();
  }

  /**
   * Runs the script, together with what others ask at this moment; empty if the server did not
   * answer, or not with a decision.
   */
  public Optional<Answer> call(ScriptCall call) {
    return outcome(call).answer();
  }

  /**
   * Runs the script as {@link #call} does; without an answer or a failure a key holds no bucket.
   */
  public ScriptWire.CallOutcome outcome(ScriptCall call) {
    if (nodes.layout() != Layout.TOGETHER && call.crossesTags()) {
      // A proxy would look for all of them where the first one lies.
      count(CallFailure.DIFFERENT_SLOTS);
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

  private ScriptWire.CallOutcome ask(ScriptCall call, RedisNode node) {
    calls.increment();
    try {
      int queue = nodes.takeSeveralSlots() ? node.number() : call.slot();
      ScriptWire.CallOutcome outcome = queues.get(queue % QUEUES).ask(call);
      count(outcome);
      return outcome;
    } catch (RuntimeException e) {
      count(e);
      return failed(e);
    }
  }

  /**
   * Has the script run, together with what others ask, by threads of the limiter's own; a caller
   * does not wait.
   *
   * @param wanted whether anybody still wants the answer; asked just before it is sent
   * @param then hears the answer once, on another thread or on this one; empty if the server did
   *     not answer, or not with a decision, or nobody wanted it
   */
  public void post(ScriptCall call, BooleanSupplier wanted, Consumer<Optional<Answer>> then) {
    if (nodes.layout() != Layout.TOGETHER && call.crossesTags()) {
      then.accept(call(call)); // refused before anything is sent
      return;
    }
    RedisNode node = nodes.of(call);
    CircuitBreaker breaker = node.breaker();
    boolean tries = breaker.isSuspect();
    if (tries && !breaker.beginTrial()) {
      lastReason = "it has been silent, and another request finds out";
      then.accept(Optional.empty());
      return;
    }
    calls.increment();
    int queue = nodes.takeSeveralSlots() ? node.number() : call.slot();
    posts.get(queue % QUEUES).post(new PostedCall(call, wanted, then, tries ? breaker : null));
  }

  /** A call that is counted once it is over. */
  private final class PostedCall implements CallQueue.Posted {

    private final ScriptCall call;
    private final BooleanSupplier wanted;
    private final Consumer<Optional<Answer>> then;

    /** Which server it tries, if that is suspect. */
    private final @Nullable CircuitBreaker tried;

    PostedCall(
        ScriptCall call,
        BooleanSupplier wanted,
        Consumer<Optional<Answer>> then,
        @Nullable CircuitBreaker tried) {
      this.call = call;
      this.wanted = wanted;
      this.then = then;
      this.tried = tried;
    }

    @Override
    public ScriptCall call() {
      return call;
    }

    @Override
    public boolean isWanted() {
      return wanted.getAsBoolean();
    }

    @Override
    public void heard(ScriptWire.CallOutcome outcome) {
      if (tried != null) {
        tried.endTrial();
      }
      if (wanted.getAsBoolean() || outcome.failure() == null) {
        count(outcome);
      }
      then.accept(outcome.answer());
    }
  }

  /**
   * Says what is to be done when a server that was away is asked again.
   *
   * @param task returns at once, and does not fail
   */
  public void whenBack(Runnable task) {
    nodes.whenBack(task);
  }

  /**
   * Runs the script for many at once, beside what others ask, in as few messages as there can be;
   * those of a server that is away are left out.
   *
   * @param all none of which is long
   * @return those that were not carried out
   */
  public List<ScriptCall> callAll(List<ScriptCall> all) {
    List<ScriptCall> failed = new ArrayList<>();
    Map<Object, List<ScriptCall>> together = new LinkedHashMap<>();
    for (ScriptCall call : all) {
      Object place = nodes.takeSeveralSlots() ? nodes.of(call).number() : call.tag();
      together.computeIfAbsent(place, any -> new ArrayList<>()).add(call);
    }
    for (List<ScriptCall> of : together.values()) {
      for (int from = 0; from < of.size(); from += MOST_AT_ONCE) {
        failed.addAll(failedOf(of.subList(from, Math.min(of.size(), from + MOST_AT_ONCE))));
      }
    }
    return failed;
  }

  private List<ScriptCall> failedOf(List<ScriptCall> some) {
    if (!nodes.of(some.get(0)).breaker().isAvailable()) {
      return some;
    }
    calls.add(some.size());
    List<ScriptCall> failed = new ArrayList<>();
    try {
      List<ScriptWire.CallOutcome> outcomes = wire.ask(some, System.nanoTime());
      for (int i = 0; i < some.size(); i++) {
        @Nullable RuntimeException failure = outcomes.get(i).failure();
        if (failure != null) {
          count(failure);
          failed.add(some.get(i));
        }
      }
    } catch (RuntimeException e) {
      count(e);
      return some;
    }
    return failed;
  }

  private static ScriptWire.CallOutcome failed(RuntimeException e) {
    return new ScriptWire.CallOutcome(Optional.empty(), e);
  }

  /** Takes notice of a decision that Redis, which was asked for it, has not made. */
  public void decidedWithout(SharedBucket bucket) {
    if (isAvailable(bucket)) {
      missed.increment();
      missedLog.warn(
          "A decision was made by failover though "
              + nodes.name()
              + " is not known to be away, as "
              + lastReason);
    }
  }

  /** {@return what has been counted so far} */
  public Counts counts() {
    return new Counts(
        nodes.areAvailable(),
        calls.sum(),
        wire.roundTrips(),
        failures.values().stream().mapToLong(LongAdder::sum).sum(),
        failures(CallFailure.NO_CONNECTION) + failures(CallFailure.TIMEOUT),
        script.loads(),
        missed.sum());
  }

  /** {@return the same for a monitor, with why calls failed and how many travelled together} */
  public List<MetricFamily> metrics() {
    List<Sample> errors = new ArrayList<>();
    failures.forEach((kind, count) -> errors.add(Sample.of(count.sum(), "kind", kind.label())));
    return List.of(
        MetricFamily.of(
            MetricFamily.Type.GAUGE,
            "penstock_redis_available",
            "Whether Redis is asked now, on a cluster every node; else limits are kept without it.",
            Sample.of(nodes.areAvailable() ? 1 : 0)),
        counter("calls", "Calls to Redis.", calls.sum()),
        counter("round_trips", "Messages to Redis that bore the calls.", wire.roundTrips()),
        new MetricFamily(
            MetricFamily.Type.COUNTER,
            "penstock_redis_errors_total",
            "Calls that failed, by kind.",
            errors),
        counter("script_loads", "Times that a server was sent the script.", script.loads()),
        counter("connections_opened", "Connections opened.", nodes.connection().opened()),
        counter("connections_lost", "Connections that the other side ended.", nodes.lost()),
        counter(
            "missed_decisions",
            "Decisions without Redis though it was not known to be away.",
            missed.sum()),
        wire.batches().metrics());
  }

  /** {@return a counter of one number, of Redis} */
  public static MetricFamily counter(String name, String help, long value) {
    return MetricFamily.of(
        MetricFamily.Type.COUNTER, "penstock_redis_" + name + "_total", help, Sample.of(value));
  }

  @Override
  public void close() {
    lanes.shutdown();
    nodes.close();
  }

  private void count(ScriptWire.CallOutcome outcome) {
    if (outcome.failure() != null) {
      count(outcome.failure());
    } else if (outcome.answer().isEmpty()) {
      count(CallFailure.FOREIGN_VALUE);
      lastReason = "a key holds a foreign value";
      foreignLog.warn("A key of Penstock's holds a foreign value, it is left as it is");
    }
  }

  /** Counts the failure of one call. */
  private void count(RuntimeException e) {
    CallFailure failure = CallFailure.of(e);
    count(failure);
    lastReason =
        failure == CallFailure.NO_CONNECTION
            ? "no connection: " + e.getMessage()
            : nodes.describe(e);
  }

  private void count(CallFailure failure) {
    Objects.requireNonNull(failures.get(failure)).increment();
  }

  private long failures(CallFailure failure) {
    return Objects.requireNonNull(failures.get(failure)).sum();
  }
}
