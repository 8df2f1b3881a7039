package dev.penstock.benchmarks;

import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.LoadingCache;
import dev.penstock.Identity;
import dev.penstock.Limit;
import dev.penstock.LimitPolicy;
import dev.penstock.RateLimiter;
import dev.penstock.memory.InMemoryRateLimiter;
import io.github.bucket4j.Bucket;
import java.time.Duration;
import java.util.concurrent.ConcurrentHashMap;
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
 * One bucket for each of many identities, asked at random by a string that is made for each
 * request, as it comes off the wire. The floor is the string alone. All buckets stay live, so
 * Penstock may forget none. Caffeine is given a bound that it never reaches.
 *
 * <pre>
 * mvn -q -Pbenchmark -pl benchmarks -am package -DskipTests "-Djmh.arguments=ManyIdentitiesBenchmark -t 1 -prof gc -jvmArgs -Xmx3g"
 * </pre>
 *
 * <p>and the same with {@code -t 2}.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class ManyIdentitiesBenchmark {

  private static final long CAPACITY = 1_000_000_000;

  /** How many identities there are. */
  @Param({"1000", "1000000"})
  public int identities;

  /** Who decides. */
  @Param({"floor", "penstock", "map+bucket4j", "caffeine+bucket4j"})
  public String limiter = "";

  private Predicate<String> decision = name -> false;

  /** Makes the limiter, and every bucket. */
  @Setup
  public void prepare() {
    decision =
        switch (limiter) {
          case "floor" -> name -> !name.isEmpty();
          case "penstock" -> penstock(2 * identities);
          case "map+bucket4j" -> mapOfBucket4j();
          default -> caffeineOfBucket4j(2 * identities);
        };
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

  private static Predicate<String> penstock(int maxBuckets) {
    RateLimiter memory = InMemoryRateLimiter.create(maxBuckets);
    LimitPolicy policy =
        LimitPolicy.perIdentity("many", Limit.of(CAPACITY, 1, Duration.ofSeconds(1)));
    return name -> memory.tryAcquire(Identity.user(name), policy).permitted();
  }

  private static Predicate<String> mapOfBucket4j() {
    ConcurrentHashMap<String, Bucket> buckets = new ConcurrentHashMap<>();
    return name -> buckets.computeIfAbsent(name, key -> bucket4j()).tryConsume(1);
  }

  private static Predicate<String> caffeineOfBucket4j(int maxBuckets) {
    LoadingCache<String, Bucket> buckets =
        Caffeine.newBuilder().maximumSize(maxBuckets).build(key -> bucket4j());
    return name -> buckets.get(name).tryConsume(1);
  }

  private static Bucket bucket4j() {
    return Bucket.builder()
        .addLimit(limit -> limit.capacity(CAPACITY).refillGreedy(1, Duration.ofSeconds(1)))
        .build();
  }
}
