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
 * One request that estimates two tokens and turns out to cost three, while others are under way:
 * what is reserved now is settled and closed when as many have begun after it.
 *
 * <p>The floor is a compare-and-set for the estimate and one for the rest.
 *
 * <pre>
 * mvn -q -Pbenchmark -pl benchmarks -am package -DskipTests "-Djmh.arguments=ScaleByReservations -t 1"
 * </pre>
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(2)
public class ScaleByReservationsBenchmark {

  /** How many are open at once. */
  @Param({"1", "10", "100", "1000", "10000"})
  public int reservations;

  /** Who decides. */
  @Param({"floor", "penstock", "bucket4j"})
  public String limiter = "";

  private BooleanSupplier request = () -> false;

  /** Makes the limiter. */
  @Setup(Level.Iteration)
  public void prepare() {
    request = Contenders.ofReservations(limiter, reservations);
  }

  /** One request. */
  @Benchmark
  public boolean request() {
    return request.getAsBoolean();
  }
}
