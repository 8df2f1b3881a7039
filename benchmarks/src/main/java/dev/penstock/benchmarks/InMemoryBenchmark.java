package dev.penstock.benchmarks;

import dev.penstock.Decision;
import dev.penstock.Identity;
import dev.penstock.Limit;
import dev.penstock.LimitPolicy;
import dev.penstock.RateLimiter;
import dev.penstock.memory.InMemoryRateLimiter;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
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
 * Decisions over one bucket in memory, beside the floor: one reading of the clock and one
 * compare-and-set.
 *
 * <pre>
 * mvn -q -Pbenchmark -pl benchmarks -am package -DskipTests -Djmh.arguments=InMemoryBenchmark
 * </pre>
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(2)
public class InMemoryBenchmark {

  private final AtomicLong word = new AtomicLong();
  private final RateLimiter limiter = InMemoryRateLimiter.create();
  private final Identity identity = Identity.user("acme", "u1");
  private final LimitPolicy ample =
      LimitPolicy.perIdentity("ample", Limit.perSecond(1_000_000_000));
  private final LimitPolicy scarce = LimitPolicy.perIdentity("scarce", Limit.perDay(1));
  private final LimitPolicy three =
      ample
          .and(LimitPolicy.perWorkspace("workspace", Limit.perSecond(1_000_000_000)))
          .and(LimitPolicy.everyone("everyone", Limit.perSecond(1_000_000_000)));

  /** The least that a decision can cost. */
  @Benchmark
  public boolean floor() {
    return word.compareAndSet(word.get(), System.nanoTime());
  }

  /** One bucket that always pays. */
  @Benchmark
  public boolean permitted() {
    return limiter.tryAcquire(identity, ample).permitted();
  }

  /** One bucket that never pays. */
  @Benchmark
  public Decision denied() {
    return limiter.tryAcquire(identity, scarce);
  }

  /** Three buckets that always pay. */
  @Benchmark
  public boolean permittedByThree() {
    return limiter.tryAcquire(identity, three).permitted();
  }
}
