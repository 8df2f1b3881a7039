package dev.penstock.benchmarks;

import dev.penstock.Identity;
import dev.penstock.Limit;
import dev.penstock.LimitPolicy;
import dev.penstock.RateLimiter;
import dev.penstock.memory.InMemoryRateLimiter;
import io.github.bucket4j.Bucket;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
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
 * One bucket in memory that always pays, of one identity. The floor is one reading of the clock and
 * one compare-and-set, tried until it succeeds. Bucket4j is called on the bucket itself, without a
 * map from identities to buckets, and keeps its default clock of milliseconds, which is its
 * fastest.
 *
 * <pre>
 * mvn -q -Pbenchmark -pl benchmarks -am package -DskipTests "-Djmh.arguments=OneBucketBenchmark -t 1 -prof gc"
 * </pre>
 *
 * <p>and the same with {@code -t 2}.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(2)
public class OneBucketBenchmark {

  /** Who decides. */
  @Param({"floor", "penstock", "bucket4j"})
  public String limiter = "";

  private BooleanSupplier decision = () -> false;

  /** Makes the limiter. */
  @Setup
  public void prepare() {
    decision =
        switch (limiter) {
          case "floor" -> floor();
          case "penstock" -> penstock();
          default -> bucket4j();
        };
  }

  /** One decision. */
  @Benchmark
  public boolean permitted() {
    return decision.getAsBoolean();
  }

  private static BooleanSupplier floor() {
    AtomicLong word = new AtomicLong();
    return () -> {
      long now = System.nanoTime();
      long seen = word.get();
      while (!word.compareAndSet(seen, Math.max(seen, now) + 1)) {
        seen = word.get();
      }
      return true;
    };
  }

  private static BooleanSupplier penstock() {
    RateLimiter memory = InMemoryRateLimiter.create();
    Identity identity = Identity.user("acme", "u1");
    LimitPolicy policy = LimitPolicy.perIdentity("ample", Limit.perSecond(1_000_000_000));
    return () -> memory.tryAcquire(identity, policy).permitted();
  }

  private static BooleanSupplier bucket4j() {
    Bucket bucket =
        Bucket.builder()
            .addLimit(
                limit ->
                    limit
                        .capacity(1_000_000_000)
                        .refillGreedy(1_000_000_000, Duration.ofSeconds(1)))
            .build();
    return () -> bucket.tryConsume(1);
  }
}
