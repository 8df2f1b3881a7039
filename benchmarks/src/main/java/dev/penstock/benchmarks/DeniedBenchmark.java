package dev.penstock.benchmarks;

import dev.penstock.Identity;
import dev.penstock.Limit;
import dev.penstock.LimitPolicy;
import dev.penstock.RateLimiter;
import dev.penstock.memory.InMemoryRateLimiter;
import io.github.bucket4j.Bucket;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * One bucket in memory that never pays. The floor is one reading of the clock.
 *
 * <pre>
 * mvn -q -Pbenchmark -pl benchmarks -am package -DskipTests "-Djmh.arguments=DeniedBenchmark -t 1 -prof gc"
 * </pre>
 *
 * <p>and the same with {@code -t 2}, which costs the same if nothing shared is written.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(2)
public class DeniedBenchmark {

  /** Who decides. */
  @Param({"floor", "penstock", "bucket4j"})
  public String limiter = "";

  private BooleanSupplier decision = () -> true;

  /** Makes the limiter, and empties the bucket. */
  @Setup
  public void prepare() {
    decision =
        switch (limiter) {
          case "floor" -> () -> System.nanoTime() == 0;
          case "penstock" -> penstock();
          default -> bucket4j();
        };
    boolean isEmpty = limiter.equals("floor") || decision.getAsBoolean();
    if (!isEmpty || decision.getAsBoolean()) {
      throw new IllegalStateException("the bucket must be empty: " + limiter);
    }
  }

  /** One decision. */
  @Benchmark
  public boolean denied() {
    return decision.getAsBoolean();
  }

  private static BooleanSupplier penstock() {
    RateLimiter memory = InMemoryRateLimiter.create();
    Identity identity = Identity.user("acme", "u1");
    LimitPolicy policy = LimitPolicy.perIdentity("scarce", Limit.perDay(1));
    return () -> memory.tryAcquire(identity, policy).permitted();
  }

  private static BooleanSupplier bucket4j() {
    Bucket bucket =
        Bucket.builder()
            .addLimit(limit -> limit.capacity(1).refillGreedy(1, Duration.ofDays(1)))
            .build();
    return () -> bucket.tryConsume(1);
  }
}
