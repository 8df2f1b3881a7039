package dev.penstock.benchmarks;

import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
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
 * One bucket for each of many identities, asked for at random by a name that is made for each
 * decision, as it comes off the wire. All buckets exist before and stay live.
 *
 * <pre>
 * mvn -q -Pbenchmark -pl benchmarks -am package -DskipTests "-Djmh.arguments=ScaleByIdentities -t 1"
 * </pre>
 *
 * <p>Ten million buckets of the peers take about 5 GB of heap; {@code -p identities=1000} takes
 * fewer.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 1, jvmArgsAppend = "-Xmx8g")
public class ScaleByIdentitiesBenchmark {

  /** How many identities there are. */
  @Param({"1000", "10000", "100000", "1000000", "10000000"})
  public int identities;

  /** Who decides. */
  @Param({"floor", "penstock", "map+bucket4j", "caffeine+bucket4j"})
  public String limiter = "";

  private Predicate<String> decision = name -> false;

  /** Makes the limiter, and every bucket. */
  @Setup
  public void prepare() {
    decision = Contenders.ofManyNames(limiter, identities);
    for (int i = 0; i < identities; i++) {
      if (!decision.test(name(i))) {
        throw new IllegalStateException("every bucket must pay: " + limiter);
      }
    }
  }

  /** One decision. */
  @Benchmark
  public boolean permitted() {
    return decision.test(name(ThreadLocalRandom.current().nextInt(identities)));
  }

  private static String name(int number) {
    return "user-" + number;
  }
}
