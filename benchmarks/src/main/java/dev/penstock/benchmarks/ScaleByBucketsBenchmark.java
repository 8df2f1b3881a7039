package dev.penstock.benchmarks;

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
 * One decision over several buckets that always pay. Only Penstock takes from all or from none; the
 * peer is asked one bucket after the other, and the floor is one reading of the clock and a
 * compare-and-set for each.
 *
 * <pre>
 * mvn -q -Pbenchmark -pl benchmarks -am package -DskipTests "-Djmh.arguments=ScaleByBuckets -t 1"
 * </pre>
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(2)
public class ScaleByBucketsBenchmark {

  /** How many buckets pay for one decision. */
  @Param({"1", "2", "3", "4", "8"})
  public int buckets;

  /** Who decides. */
  @Param({"floor", "penstock", "bucket4j"})
  public String limiter = "";

  private BooleanSupplier decision = () -> false;

  /** Makes the limiter. */
  @Setup
  public void prepare() {
    decision = Contenders.ofSeveralBuckets(limiter, buckets);
  }

  /** One decision. */
  @Benchmark
  public boolean permitted() {
    return decision.getAsBoolean();
  }
}
