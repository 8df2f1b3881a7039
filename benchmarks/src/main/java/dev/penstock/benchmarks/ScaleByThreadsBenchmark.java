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
 * One bucket that always pays and that all threads want at once.
 *
 * <pre>
 * mvn -q -Pbenchmark -pl benchmarks -am package -DskipTests "-Djmh.arguments=ScaleByThreads -t 1"
 * </pre>
 *
 * <p>and the same with {@code -t 2}, {@code -t 4}, {@code -t 8}: a call's own time grows with the
 * threads that wait for a processor, too.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(2)
public class ScaleByThreadsBenchmark {

  /** Who decides. */
  @Param({"floor", "penstock", "bucket4j", "resilience4j", "guava"})
  public String limiter = "";

  private BooleanSupplier decision = () -> false;

  /** Makes the limiter. */
  @Setup
  public void prepare() {
    decision = Contenders.ofOneBucket(limiter);
  }

  /** One decision. */
  @Benchmark
  public boolean permitted() {
    return decision.getAsBoolean();
  }
}
