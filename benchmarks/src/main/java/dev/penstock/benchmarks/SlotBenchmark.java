package dev.penstock.benchmarks;

import dev.penstock.Identity;
import dev.penstock.Limit;
import dev.penstock.LimitPolicy;
import dev.penstock.RateLimiter;
import dev.penstock.Reservation;
import dev.penstock.memory.InMemoryRateLimiter;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * A slot in flight that is taken and given back: of one identity beside two compare-and-sets of one
 * number, and of 100,000 identities beside a semaphore for each.
 *
 * <pre>
 * mvn -q -Pbenchmark -pl benchmarks -am package -DskipTests "-Djmh.arguments=SlotBenchmark -t 1 -prof gc"
 * </pre>
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(2)
public class SlotBenchmark {

  private static final int IDENTITIES = 100_000;
  private static final int SLOTS = 1000;

  private final RateLimiter limiter = InMemoryRateLimiter.create(2 * IDENTITIES);
  private final LimitPolicy policy = LimitPolicy.perIdentity("slots", Limit.inFlight(SLOTS));
  private final Map<Identity, Semaphore> semaphores = new ConcurrentHashMap<>();
  private final AtomicLong held = new AtomicLong();
  private final Identity[] identities =
      IntStream.range(0, IDENTITIES)
          .mapToObj(i -> Identity.user("acme", "u" + i))
          .toArray(Identity[]::new);

  private Identity any() {
    return identities[ThreadLocalRandom.current().nextInt(IDENTITIES)];
  }

  /** The floor: counts up and down. */
  @Benchmark
  public boolean twoCompareAndSets() {
    return add(1) & add(-1);
  }

  private boolean add(long amount) {
    long seen = held.get();
    while (!held.compareAndSet(seen, seen + amount)) {
      seen = held.get();
    }
    return seen < SLOTS;
  }

  /** One identity. */
  @Benchmark
  public boolean reserveClose() {
    try (Reservation run = limiter.reserve(identities[0], policy)) {
      return run.permitted();
    }
  }

  /** Any of the identities. */
  @Benchmark
  public boolean reserveCloseOfMany() {
    try (Reservation run = limiter.reserve(any(), policy)) {
      return run.permitted();
    }
  }

  /** What an application would write itself. */
  @Benchmark
  public boolean semaphoreOfMany() {
    Semaphore semaphore = semaphores.computeIfAbsent(any(), id -> new Semaphore(SLOTS));
    boolean permitted = semaphore.tryAcquire();
    if (permitted) {
      semaphore.release();
    }
    return permitted;
  }
}
