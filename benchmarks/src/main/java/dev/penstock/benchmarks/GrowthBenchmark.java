package dev.penstock.benchmarks;

import dev.penstock.Identity;
import dev.penstock.Limit;
import dev.penstock.LimitPolicy;
import dev.penstock.RateLimiter;
import dev.penstock.memory.InMemoryRateLimiter;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.List;
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
import org.openjdk.jmh.annotations.Threads;
import org.openjdk.jmh.annotations.Warmup;

/**
 * The slowest decision while a limiter grows to many identities. The floor does everything but
 * decide.
 *
 * <p>A slow decision may be one in which the collector, the scheduler or the host of a virtual
 * machine stopped the thread; the last of these shows in no clock of the guest. So the limiter
 * grows several times in one process, with the same hashes, and so does the same work at the same
 * decision each time: what is slow every time is the limiter's own.
 *
 * <pre>
 * mvn -q -Pbenchmark -pl benchmarks -am package -DskipTests "-Djmh.arguments=GrowthBenchmark -jvmArgs -Xmx3g"
 * </pre>
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 0)
@Measurement(iterations = 1)
@Fork(1)
@Threads(1)
public class GrowthBenchmark {

  private static final int GROWTHS = 3;
  private static final int MILLI = 1_000_000;

  private final List<GarbageCollectorMXBean> collectors =
      ManagementFactory.getGarbageCollectorMXBeans();

  /** How many identities there are at last. */
  @Param({"100000", "10000000"})
  public int identities;

  /** Who decides. */
  @Param({"floor", "penstock"})
  public String limiter = "";

  /** What is counted beside the time. */
  @State(Scope.Thread)
  @AuxCounters(AuxCounters.Type.EVENTS)
  public static class Slow {
    /** The slowest decision by the clock. */
    public long slowestMicros;

    /** How many took longer than one millisecond. */
    public long overOneMilli;

    /** How many of those a collection ended in. */
    public long overOneMilliCollecting;

    /** The slowest decision, each taken at its fastest. */
    public long slowestEveryTimeMicros;

    /** How many took longer than one millisecond every time. */
    public long overOneMilliEveryTime;

    private void count(long nanos, boolean collecting) {
      slowestMicros = Math.max(slowestMicros, nanos / 1_000);
      overOneMilli += nanos > MILLI ? 1 : 0;
      overOneMilliCollecting += collecting ? 1 : 0;
    }

    private void countEveryTime(int nanos) {
      slowestEveryTimeMicros = Math.max(slowestEveryTimeMicros, nanos / 1_000);
      overOneMilliEveryTime += nanos > MILLI ? 1 : 0;
    }
  }

  /**
   * Grows from nothing, several times, asking once for each identity.
   *
   * @param slow counts
   * @return how many were permitted
   */
  @Benchmark
  public int grow(Slow slow) {
    int[] fastestNanos = new int[identities];
    Arrays.fill(fastestNanos, Integer.MAX_VALUE);
    int permitted = 0;
    for (int growth = 0; growth < GROWTHS; growth++) {
      Predicate<Identity> decision = limiter.equals("floor") ? identity -> true : penstock();
      permitted += grow(decision, fastestNanos, slow);
    }
    for (int nanos : fastestNanos) {
      slow.countEveryTime(nanos);
    }
    return permitted;
  }

  private int grow(Predicate<Identity> decision, int[] fastestNanos, Slow slow) {
    int permitted = 0;
    for (int i = 0; i < identities; i++) {
      Identity identity = Identity.address("a" + i);
      long collectionsBefore = collections();
      long before = System.nanoTime();
      permitted += decision.test(identity) ? 1 : 0;
      long nanos = System.nanoTime() - before;
      slow.count(nanos, nanos > MILLI && collections() > collectionsBefore);
      fastestNanos[i] = (int) Math.min(fastestNanos[i], nanos);
    }
    return permitted;
  }

  private long collections() {
    long collections = 0;
    for (GarbageCollectorMXBean collector : collectors) {
      collections += collector.getCollectionCount();
    }
    return collections;
  }

  private Predicate<Identity> penstock() {
    RateLimiter memory = InMemoryRateLimiter.create(identities);
    LimitPolicy policy = LimitPolicy.perIdentity("daily", Limit.perDay(1));
    return identity -> memory.tryAcquire(identity, policy).permitted();
  }
}
