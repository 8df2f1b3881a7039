package dev.penstock.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.Decision;
import dev.penstock.Identity;
import dev.penstock.Limit;
import dev.penstock.LimitPolicy;
import dev.penstock.RateLimiter;
import dev.penstock.TokenBucketLimit;
import dev.penstock.base.Inside;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * Threads that ask a limiter for more than a few buckets hold, while the test breaks the server;
 * afterwards the figures of all their requests. The test's own methods are for one thread.
 */
final class FaultLoad implements AutoCloseable {

  static final int BUCKETS = 4;
  static final TokenBucketLimit LIMIT = Limit.of(50, 50, Duration.ofSeconds(1));

  private static final LimitPolicy POLICY = LimitPolicy.perIdentity("fault", LIMIT);

  private static final int THREADS = 6;

  private static final int BREAKER_THRESHOLD = 5;
  private static final int WARM_UP = 200;
  private static final int SOME = 300;
  private static final long PAUSE_NANOS = 500_000;
  private static final Duration SOON = Duration.ofSeconds(10);
  private static final Duration RETURN = Duration.ofSeconds(2);

  /** The target is the timeout and 20 ms; the rest is for a machine that is busy. */
  private static final Duration SLACK = Duration.ofMillis(200);

  private record Request(long start, long end, int bucket, Decision decision) {
    long nanos() {
      return end - start;
    }
  }

  private final RateLimiter limiter;
  private final Duration timeout;
  private final List<Thread> threads = new ArrayList<>();
  private final Queue<Request> requests = new ConcurrentLinkedQueue<>();
  private final Queue<RuntimeException> failures = new ConcurrentLinkedQueue<>();
  private final Map<Decision.Source, AtomicInteger> sources = new ConcurrentHashMap<>();
  private final AtomicLong firstRedis = new AtomicLong();
  private volatile long returnedAt = Long.MAX_VALUE;
  private volatile boolean stopped;
  private final long startedAt;
  private long endedAt;
  private Duration slowestReturn = Duration.ZERO;

  private FaultLoad(RateLimiter limiter, Duration timeout) {
    this.limiter = limiter;
    this.timeout = timeout;
    Identity warm = Identity.user("warm-up");
    for (int i = 0; i < WARM_UP; i++) {
      limiter.tryAcquire(warm, POLICY, 1);
    }
    this.startedAt = System.nanoTime();
  }

  /** Starts the threads on a limiter of the default timeout. */
  static FaultLoad on(RateLimiter limiter) {
    return on(limiter, RedisRateLimiter.DEFAULT_TIMEOUT);
  }

  /**
   * Starts the threads.
   *
   * @param timeout the limiter's
   */
  static FaultLoad on(RateLimiter limiter, Duration timeout) {
    FaultLoad load = new FaultLoad(limiter, timeout);
    for (int i = 0; i < THREADS; i++) {
      int number = i;
      Thread thread = new Thread(() -> load.ask(number), "fault-load-" + i);
      thread.setDaemon(true);
      load.threads.add(thread);
      thread.start();
    }
    return load;
  }

  private void ask(int number) {
    for (int i = number; !stopped; i++) {
      int bucket = i % BUCKETS;
      long start = System.nanoTime();
      try {
        Decision decision = limiter.tryAcquire(Identity.user("user-" + bucket), POLICY, 1);
        long end = System.nanoTime();
        requests.add(new Request(start, end, bucket, decision));
        if (decision.source() == Decision.Source.REDIS && start - returnedAt >= 0) {
          firstRedis.compareAndSet(0, end);
        }
        count(decision.source()).incrementAndGet();
      } catch (RuntimeException e) {
        failures.add(e);
      }
      LockSupport.parkNanos(PAUSE_NANOS);
    }
  }

  private AtomicInteger count(Decision.Source source) {
    return sources.computeIfAbsent(source, any -> new AtomicInteger());
  }

  /** Has Redis go and come back, and holds the figures against what is promised. */
  void breakAndMend(String fault, Runnable breaking, Runnable mending) {
    awaitDecisions(Decision.Source.REDIS);
    breaking.run();
    mend(fault, mending);
  }

  /** Has Redis, which is away, come back, and holds the figures against what is promised. */
  void mend(String fault, Runnable mending) {
    awaitDecisions(Decision.Source.LOCAL);
    mending.run();
    awaitReturn();
    awaitDecisions(Decision.Source.REDIS);
    finish(fault, 1, 0);
  }

  /** Waits for some hundred more decisions of this source. */
  void awaitDecisions(Decision.Source source) {
    int enough = count(source).get() + SOME;
    Await.until("more decisions by " + source, SOON, () -> count(source).get() >= enough);
  }

  /** Lets the load go on for this long. */
  void goOn(Duration time) {
    long start = System.nanoTime();
    Duration more = time.plus(SOON);
    Await.until("some time", more, () -> System.nanoTime() - start >= time.toNanos());
  }

  /** Says that the server is back, and waits for the first decision of its that is asked now. */
  void awaitReturn() {
    firstRedis.set(0);
    long now = System.nanoTime();
    returnedAt = now;
    Await.until("a decision by Redis", SOON, () -> firstRedis.get() != 0);
    Duration taken = Duration.ofNanos(firstRedis.get() - now);
    slowestReturn = taken.compareTo(slowestReturn) > 0 ? taken : slowestReturn;
  }

  int decisions(Decision.Source source) {
    return count(source).get();
  }

  /**
   * Stops the load, prints its figures and holds them against what is promised.
   *
   * @param outages how often the server stopped answering
   * @param capacities how often the buckets may have been filled over again
   */
  void finish(String fault, int outages, int capacities) {
    close();
    long slowest = requests.stream().mapToLong(Request::nanos).max().orElse(0);
    long over = requests.stream().filter(request -> request.nanos() > timeout.toNanos()).count();
    long nanos = endedAt - startedAt;
    long allowed =
        LIMIT.capacity() * (1 + capacities) + (nanos - 1) / Inside.nanosPerToken(LIMIT) + 1;
    long[] permitted = new long[BUCKETS];
    for (Request request : requests) {
      permitted[request.bucket] += request.decision.permitted() ? 1 : 0;
    }
    long total = Arrays.stream(permitted).sum();
    System.out.println(
        "Fault "
            + fault
            + ": "
            + requests.size()
            + " requests, "
            + failures.size()
            + " failed, slowest "
            + TimeUnit.NANOSECONDS.toMicros(slowest) / 1000.0
            + " ms, over the timeout "
            + over
            + ", permitted "
            + total
            + " of at most "
            + allowed * BUCKETS
            + (outages == 0 ? "" : ", back in " + slowestReturn.toMillis() + " ms")
            + ", by "
            + new EnumMap<>(sources));
    assertThat(failures).isEmpty();
    assertThat(Duration.ofNanos(slowest)).isLessThanOrEqualTo(timeout.plus(SLACK));
    assertThat(over).isLessThanOrEqualTo((long) outages * (BREAKER_THRESHOLD + THREADS));
    assertThat(slowestReturn).isLessThanOrEqualTo(RETURN);
    for (long each : permitted) {
      assertThat(each).as("permitted of one bucket").isLessThanOrEqualTo(allowed);
    }
  }

  @Override
  public void close() {
    stopped = true;
    for (Thread thread : threads) {
      Await.until("the end of " + thread.getName(), SOON, () -> !thread.isAlive());
    }
    endedAt = System.nanoTime();
  }
}
