package dev.penstock.benchmarks;

import dev.penstock.Cost;
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
 * <p>The floor is a compare-and-set for the estimate and one for the rest. Bucket4j has no
 * reservations: it takes the estimate, and the rest as debt, and whoever asks has to remember what
 * was taken.
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

  private static final int AMPLE = 1_000_000_000;
  private static final Cost ESTIMATE = Cost.of(2);
  private static final Cost TOTAL = Cost.of(3);

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
    request =
        switch (limiter) {
          case "floor" -> floor();
          case "penstock" -> penstock();
          case "bucket4j" -> bucket4j();
          default -> throw new IllegalArgumentException("limiter must be known: " + limiter);
        };
  }

  private static BooleanSupplier floor() {
    AtomicLong word = new AtomicLong();
    return () -> add(word, 2) & add(word, 1);
  }

  private static boolean add(AtomicLong word, long tokens) {
    long now = System.nanoTime();
    long seen = word.get();
    while (!word.compareAndSet(seen, Math.max(seen, now) + tokens)) {
      seen = word.get();
    }
    return true;
  }

  private BooleanSupplier penstock() {
    RateLimiter buckets = InMemoryRateLimiter.create();
    Identity identity = Identity.user("acme", "u1");
    LimitPolicy policy = LimitPolicy.perIdentity("user", Limit.perSecond(AMPLE));
    OpenReservations open =
        new OpenReservations(
            reservations,
            run -> {
              run.settle(TOTAL);
              run.close();
            });
    return () -> {
      open.endOldest();
      return open.begin(buckets.reserve(identity, policy, ESTIMATE));
    };
  }

  private static BooleanSupplier bucket4j() {
    Bucket bucket =
        Bucket.builder()
            .addLimit(limit -> limit.capacity(AMPLE).refillGreedy(AMPLE, Duration.ofSeconds(1)))
            .build();
    return () -> {
      bucket.consumeIgnoringRateLimits(1);
      return bucket.tryConsume(2);
    };
  }

  /** One request. */
  @Benchmark
  public boolean request() {
    return request.getAsBoolean();
  }
}
