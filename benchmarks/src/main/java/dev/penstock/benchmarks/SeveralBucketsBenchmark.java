package dev.penstock.benchmarks;

import dev.penstock.Decision;
import dev.penstock.Identity;
import dev.penstock.Limit;
import dev.penstock.LimitPolicy;
import dev.penstock.RateLimiter;
import dev.penstock.memory.InMemoryRateLimiter;
import java.util.concurrent.TimeUnit;
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
 * A decision over one bucket, and over three: of the user, the workspace and everyone, all or
 * nothing, which no peer has.
 *
 * <pre>
 * mvn -q -Pbenchmark -pl benchmarks -am package -DskipTests "-Djmh.arguments=SeveralBucketsBenchmark -t 1 -prof gc"
 * </pre>
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(2)
public class SeveralBucketsBenchmark {

  private static final Limit AMPLE = Limit.perSecond(1_000_000_000);

  /** How many buckets take part. */
  @Param({"1", "3"})
  public int buckets;

  private final RateLimiter limiter = InMemoryRateLimiter.create();
  private final Identity identity = Identity.user("acme", "u1");
  private LimitPolicy policy = LimitPolicy.perIdentity("user", AMPLE);

  /** Makes the policy. */
  @Setup
  public void prepare() {
    if (buckets == 3) {
      policy =
          policy
              .and(LimitPolicy.perWorkspace("workspace", AMPLE))
              .and(LimitPolicy.everyone("everyone", AMPLE));
    }
  }

  /** Reads whether it is permitted. */
  @Benchmark
  public boolean permitted() {
    return limiter.tryAcquire(identity, policy).permitted();
  }

  /** Reads the tokens that are left in the first bucket. */
  @Benchmark
  public long details() {
    return limiter.tryAcquire(identity, policy).buckets().get(0).remaining();
  }

  /** Keeps the decision, so that it is an object. */
  @Benchmark
  public Decision kept() {
    return limiter.tryAcquire(identity, policy);
  }
}
