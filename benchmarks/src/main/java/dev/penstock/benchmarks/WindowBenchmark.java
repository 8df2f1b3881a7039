package dev.penstock.benchmarks;

import dev.penstock.CalendarUnit;
import dev.penstock.Identity;
import dev.penstock.Limit;
import dev.penstock.LimitPolicy;
import dev.penstock.RateLimiter;
import dev.penstock.memory.InMemoryRateLimiter;
import io.github.bucket4j.Bucket;
import io.github.resilience4j.ratelimiter.RateLimiterConfig;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * One request to a window in memory that always has room, or never, beside the floor: the time of
 * day, and one compare-and-set.
 *
 * <p>Bucket4j refills a bucket whole at the full hour of UTC, and Resilience4j counts in periods
 * from its start, which is what each has of fixed windows. Neither has a sliding one.
 *
 * <pre>
 * mvn -q -Pbenchmark -pl benchmarks -am package -DskipTests "-Djmh.arguments=WindowBenchmark -t 1 -prof gc"
 * </pre>
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(2)
@SuppressWarnings("NullAway.Init") // set by prepare()
public class WindowBenchmark {

  private static final int AMPLE = 250_000_000;
  private static final Duration HOUR = Duration.ofHours(1);

  private final Identity identity = Identity.user("acme", "u1");
  private final LimitPolicy fixed =
      LimitPolicy.perIdentity("fixed", Limit.fixedWindow(AMPLE, CalendarUnit.HOUR, ZoneOffset.UTC));
  private final LimitPolicy sliding =
      LimitPolicy.perIdentity("sliding", Limit.slidingWindow(AMPLE, HOUR));
  private final LimitPolicy usedUp =
      LimitPolicy.perIdentity("used-up", Limit.fixedWindow(1, CalendarUnit.YEAR, ZoneOffset.UTC));
  private final LimitPolicy usedUpSliding =
      LimitPolicy.perIdentity("used-up-sliding", Limit.slidingWindow(1, Duration.ofDays(300)));
  private final LimitPolicy tokensAndWindow =
      LimitPolicy.perIdentity("tokens", Limit.perSecond(AMPLE)).and(fixed);
  private AtomicLong word;
  private RateLimiter limiter;
  private Bucket bucket4j;
  private io.github.resilience4j.ratelimiter.RateLimiter resilience4j;

  /** Makes each anew, since a window is not refilled while it lasts. */
  @Setup(Level.Iteration)
  public void prepare() {
    word = new AtomicLong();
    limiter = InMemoryRateLimiter.create();
    Instant nextHour = Instant.now().truncatedTo(ChronoUnit.HOURS).plus(HOUR);
    bucket4j =
        Bucket.builder()
            .addLimit(limit -> limit.capacity(AMPLE).refillIntervallyAligned(AMPLE, HOUR, nextHour))
            .build();
    resilience4j =
        io.github.resilience4j.ratelimiter.RateLimiter.of(
            "ample",
            RateLimiterConfig.custom()
                .limitForPeriod(AMPLE)
                .limitRefreshPeriod(HOUR)
                .timeoutDuration(Duration.ZERO)
                .build());
  }

  /** The least that a window can cost. */
  @Benchmark
  public boolean floor() {
    long hour = System.currentTimeMillis() / 3_600_000 << 32;
    long seen = word.get();
    while (!word.compareAndSet(seen, Math.max(seen, hour) + 1)) {
      seen = word.get();
    }
    return true;
  }

  /** A window of the calendar. */
  @Benchmark
  public boolean fixed() {
    return limiter.tryAcquire(identity, fixed).permitted();
  }

  /** This window and the part of the last one that counts. */
  @Benchmark
  public boolean sliding() {
    return limiter.tryAcquire(identity, sliding).permitted();
  }

  /** A window of the calendar that says no. */
  @Benchmark
  public boolean deniedFixed() {
    return limiter.tryAcquire(identity, usedUp).permitted();
  }

  /** Likewise, of those that slide. */
  @Benchmark
  public boolean deniedSliding() {
    return limiter.tryAcquire(identity, usedUpSliding).permitted();
  }

  /** A token bucket and a window, of which one decision takes. */
  @Benchmark
  public boolean tokensAndFixed() {
    return limiter.tryAcquire(identity, tokensAndWindow).permitted();
  }

  /** Bucket4j, refilled at the full hour. */
  @Benchmark
  public boolean bucket4jFixed() {
    return bucket4j.tryConsume(1);
  }

  /** Resilience4j, by periods. */
  @Benchmark
  public boolean resilience4jFixed() {
    return resilience4j.acquirePermission();
  }
}
