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
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * A slot in flight that is taken while others are held, and given back when as many have been taken
 * after it.
 *
 * <p>The floor counts up and down. A semaphore for each identity, in a map, is what an application
 * would write itself; nothing gives its slots back if a request is lost.
 *
 * <pre>
 * mvn -q -Pbenchmark -pl benchmarks -am package -DskipTests "-Djmh.arguments=ScaleBySlots -t 1"
 * </pre>
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(2)
public class ScaleBySlotsBenchmark {

  private static final int AMPLE = 1_000_000;

  /** How many are held at once. */
  @Param({"1", "10", "100", "1000", "10000"})
  public int slots;

  /** Who decides. */
  @Param({"floor", "penstock", "semaphore"})
  public String limiter = "";

  private BooleanSupplier request = () -> false;

  /** Makes the limiter. */
  @Setup(Level.Iteration)
  public void prepare() {
    request =
        switch (limiter) {
          case "floor" -> floor();
          case "penstock" -> penstock();
          case "semaphore" -> semaphore();
          default -> throw new IllegalArgumentException("limiter must be known: " + limiter);
        };
  }

  private static BooleanSupplier floor() {
    AtomicLong held = new AtomicLong();
    return () -> add(held, -1) & add(held, 1);
  }

  private static boolean add(AtomicLong held, long amount) {
    long seen = held.get();
    while (!held.compareAndSet(seen, seen + amount)) {
      seen = held.get();
    }
    return seen < AMPLE;
  }

  private BooleanSupplier penstock() {
    RateLimiter buckets = InMemoryRateLimiter.create();
    Identity identity = Identity.user("acme", "u1");
    LimitPolicy policy = LimitPolicy.perIdentity("slots", Limit.inFlight(AMPLE));
    OpenReservations open = new OpenReservations(slots, Reservation::close);
    return () -> {
      open.endOldest();
      return open.begin(buckets.reserve(identity, policy));
    };
  }

  private BooleanSupplier semaphore() {
    Map<Identity, Semaphore> semaphores = new ConcurrentHashMap<>();
    Identity identity = Identity.user("acme", "u1");
    semaphores.computeIfAbsent(identity, id -> new Semaphore(AMPLE)).acquireUninterruptibly(slots);
    return () -> {
      Semaphore semaphore = semaphores.computeIfAbsent(identity, id -> new Semaphore(AMPLE));
      semaphore.release();
      return semaphore.tryAcquire();
    };
  }

  /** One request. */
  @Benchmark
  public boolean request() {
    return request.getAsBoolean();
  }
}
