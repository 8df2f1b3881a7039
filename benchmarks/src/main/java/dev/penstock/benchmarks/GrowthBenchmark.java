package dev.penstock.benchmarks;

import dev.penstock.Identity;
import dev.penstock.Limit;
import dev.penstock.LimitPolicy;
import dev.penstock.RateLimiter;
import dev.penstock.memory.InMemoryRateLimiter;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * The slowest decision while a limiter grows to ten million identities. The floor does everything
 * but decide, so what it shows are the pauses of the machine and of the collector; the time that
 * the thread itself ran leaves most of them out.
 *
 * <pre>
 * mvn -q -Pbenchmark -pl benchmarks -am package -DskipTests "-Djmh.arguments=GrowthBenchmark -jvmArgs -Xmx3g"
 * </pre>
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 1)
@Measurement(iterations = 3)
@Fork(1)
public class GrowthBenchmark {

  private static final int IDENTITIES = 10_000_000;

  /** Who decides. */
  @Param({"floor", "penstock"})
  public String limiter = "";

  /** What is counted beside the time. */
  @State(Scope.Thread)
  @AuxCounters(AuxCounters.Type.EVENTS)
  public static class Slow {
    /** The slowest decision by the clock. */
    public long slowestMicros;

    /** How many took longer than one millisecond by the clock. */
    public long overOneMilli;

    /** The slowest decision by the time that its thread ran. */
    public long slowestCpuMicros;

    /** How many ran longer than one millisecond. */
    public long overOneMilliCpu;

    private void count(long nanos, long cpuNanos) {
      slowestMicros = Math.max(slowestMicros, nanos / 1_000);
      overOneMilli += nanos > 1_000_000 ? 1 : 0;
      slowestCpuMicros = Math.max(slowestCpuMicros, cpuNanos / 1_000);
      overOneMilliCpu += cpuNanos > 1_000_000 ? 1 : 0;
    }
  }

  /**
   * Asks once for each identity.
   *
   * @param slow counts
   * @return how many were permitted
   */
  @Benchmark
  public int grow(Slow slow) {
    Predicate<Identity> decision = limiter.equals("floor") ? identity -> true : penstock();
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    int permitted = 0;
    for (int i = 0; i < IDENTITIES; i++) {
      Identity identity = Identity.address("a" + i);
      long before = System.nanoTime();
      long cpuBefore = threads.getCurrentThreadCpuTime();
      permitted += decision.test(identity) ? 1 : 0;
      slow.count(System.nanoTime() - before, threads.getCurrentThreadCpuTime() - cpuBefore);
    }
    return permitted;
  }

  private static Predicate<Identity> penstock() {
    RateLimiter memory = InMemoryRateLimiter.create(IDENTITIES);
    LimitPolicy policy = LimitPolicy.perIdentity("daily", Limit.perDay(1));
    return identity -> memory.tryAcquire(identity, policy).permitted();
  }
}
