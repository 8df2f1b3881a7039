package dev.penstock.benchmarks;

import java.util.concurrent.TimeUnit;
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
 * <p>The floor counts up and down.
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
    request = Contenders.ofSlots(limiter, slots);
  }

  /** One request. */
  @Benchmark
  public boolean request() {
    return request.getAsBoolean();
  }
}
