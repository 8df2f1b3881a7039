package dev.penstock.benchmarks;

import dev.penstock.Cost;
import dev.penstock.Identity;
import dev.penstock.Limit;
import dev.penstock.LimitPolicy;
import dev.penstock.RateLimiter;
import dev.penstock.Reservation;
import dev.penstock.memory.InMemoryRateLimiter;
import java.util.concurrent.TimeUnit;
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
 * A reservation of one token bucket in memory from its beginning to its end, beside a decision.
 *
 * <pre>
 * mvn -q -Pbenchmark -pl benchmarks -am package -DskipTests "-Djmh.arguments=ReservationBenchmark -t 1 -prof gc"
 * </pre>
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(2)
public class ReservationBenchmark {

  private static final Cost ESTIMATE = Cost.of(2);
  private static final Cost TOTAL = Cost.of(3);

  private final RateLimiter limiter = InMemoryRateLimiter.create();
  private final Identity identity = Identity.user("acme", "u1");
  private final LimitPolicy policy =
      LimitPolicy.perIdentity("user", Limit.perSecond(1_000_000_000));

  /** Takes, and remembers nothing. */
  @Benchmark
  public boolean tryAcquire() {
    return limiter.tryAcquire(identity, policy).permitted();
  }

  /** Reserves, charges one token more, and closes. */
  @Benchmark
  public boolean reserveSettleClose() {
    try (Reservation run = limiter.reserve(identity, policy, ESTIMATE)) {
      run.settle(TOTAL);
      return run.permitted();
    }
  }
}
