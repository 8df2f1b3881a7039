package dev.penstock.benchmarks;

import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.LoadingCache;
import com.google.common.util.concurrent.RateLimiter;
import dev.penstock.Cost;
import dev.penstock.Identity;
import dev.penstock.Limit;
import dev.penstock.LimitPolicy;
import dev.penstock.Reservation;
import dev.penstock.memory.InMemoryRateLimiter;
import io.github.bucket4j.Bucket;
import io.github.resilience4j.ratelimiter.RateLimiterConfig;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import java.util.stream.IntStream;

/**
 * Who is compared in memory, each with the setting that serves it best. All buckets always pay, so
 * nobody gains by denying.
 *
 * <p>Floor: one reading of the clock and one compare-and-set that is repeated until it succeeds,
 * since no bucket that many threads share can do with less. Over many names it is the making of the
 * name alone, which all have to pay.
 *
 * <p>Bucket4j: its default, lock-free and by the clock of milliseconds, its fastest; greedy refill,
 * which is a token bucket as ours is. It has no keys, so a map finds its buckets: a {@code
 * ConcurrentHashMap}, the fastest and never emptied, or Caffeine, the bounded one that it
 * recommends, with a bound that is never reached, so that it never evicts. It has no decision over
 * several buckets, so one is asked after the other, without taking back what the first ones gave.
 * It has no reservations either: it takes the estimate, and the rest as debt, and whoever asks has
 * to remember what was taken.
 *
 * <p>Resilience4j: its default, lock-free; a timeout of zero, so that it answers as the others do
 * instead of waiting. Guava: {@code tryAcquire} without a timeout, for the same reason, and a rate
 * at which it never denies, as its burst cannot be set.
 *
 * <p>Semaphore: one for each identity, in a map, is what an application would write itself for
 * slots; nothing gives them back if a request is lost.
 */
final class Contenders {

  /** Tokens of a bucket, and tokens a second: more than can be taken. */
  private static final int AMPLE = 1_000_000_000;

  private static final int AMPLE_SLOTS = 1_000_000;

  private static final Duration SECOND = Duration.ofSeconds(1);

  private Contenders() {}

  /** Returns a decision over one bucket. */
  static BooleanSupplier ofOneBucket(String limiter) {
    return switch (limiter) {
      case "floor" -> floor();
      case "penstock" -> penstock(1);
      case "bucket4j" -> bucket4j(1);
      case "resilience4j" -> resilience4j();
      case "guava" -> guava();
      default -> throw unknown(limiter);
    };
  }

  /** Returns a decision over several buckets, all of which pay. */
  static BooleanSupplier ofSeveralBuckets(String limiter, int buckets) {
    return switch (limiter) {
      case "floor" -> floors(buckets);
      case "penstock" -> penstock(buckets);
      case "bucket4j" -> bucket4j(buckets);
      default -> throw unknown(limiter);
    };
  }

  /**
   * Returns a decision over the bucket of a name. The buckets stay live once they are used, so none
   * may be forgotten.
   */
  static Predicate<String> ofManyNames(String limiter, int names) {
    return switch (limiter) {
      case "floor" -> name -> !name.isEmpty();
      case "penstock" -> penstockByName(2 * names);
      case "map+bucket4j" -> mapOfBucket4j();
      case "caffeine+bucket4j" -> caffeineOfBucket4j(2 * names);
      default -> throw unknown(limiter);
    };
  }

  /**
   * Returns a request that estimates two tokens and turns out to cost three, beside others that are
   * under way: what is reserved is settled and closed when as many have begun after it.
   */
  static BooleanSupplier ofReservations(String limiter, int underWay) {
    return switch (limiter) {
      case "floor" -> floorOfReservations();
      case "penstock" -> penstockReservations(underWay);
      case "bucket4j" -> bucket4jWithDebt();
      default -> throw unknown(limiter);
    };
  }

  /** Returns a request that gives back the oldest of the slots that are held, and takes one. */
  static BooleanSupplier ofSlots(String limiter, int held) {
    return switch (limiter) {
      case "floor" -> floorOfSlots();
      case "penstock" -> penstockSlots(held);
      case "semaphore" -> semaphores(held);
      default -> throw unknown(limiter);
    };
  }

  private static BooleanSupplier floor() {
    AtomicLong word = new AtomicLong();
    return () -> take(word, 1);
  }

  private static boolean take(AtomicLong word, long tokens) {
    long now = System.nanoTime();
    long seen = word.get();
    while (!word.compareAndSet(seen, Math.max(seen, now) + tokens)) {
      seen = word.get();
    }
    return true;
  }

  private static BooleanSupplier floorOfReservations() {
    AtomicLong word = new AtomicLong();
    return () -> take(word, 2) & take(word, 1);
  }

  private static BooleanSupplier floorOfSlots() {
    AtomicLong held = new AtomicLong();
    return () -> count(held, -1) & count(held, 1);
  }

  private static boolean count(AtomicLong held, long slots) {
    long seen = held.get();
    while (!held.compareAndSet(seen, seen + slots)) {
      seen = held.get();
    }
    return seen < AMPLE_SLOTS;
  }

  private static BooleanSupplier floors(int words) {
    AtomicLong[] all =
        IntStream.range(0, words).mapToObj(i -> new AtomicLong()).toArray(AtomicLong[]::new);
    return () -> {
      long now = System.nanoTime();
      for (AtomicLong word : all) {
        long seen = word.get();
        while (!word.compareAndSet(seen, Math.max(seen, now) + 1)) {
          seen = word.get();
        }
      }
      return true;
    };
  }

  private static BooleanSupplier penstock(int buckets) {
    InMemoryRateLimiter limiter = InMemoryRateLimiter.create();
    Identity identity = Identity.user("acme", "u1");
    Limit[] limits = new Limit[buckets];
    Arrays.fill(limits, Limit.perSecond(AMPLE));
    LimitPolicy policy = LimitPolicy.perIdentity("ample", limits);
    return () -> limiter.tryAcquire(identity, policy).permitted();
  }

  private static BooleanSupplier penstockReservations(int underWay) {
    Cost total = Cost.of(3);
    OpenReservations open =
        new OpenReservations(
            underWay,
            run -> {
              run.settle(total);
              run.close();
            });
    return reserving(Limit.perSecond(AMPLE), Cost.of(2), open);
  }

  private static BooleanSupplier penstockSlots(int held) {
    OpenReservations open = new OpenReservations(held, Reservation::close);
    return reserving(Limit.inFlight(AMPLE_SLOTS), Cost.of(1), open);
  }

  private static BooleanSupplier reserving(Limit limit, Cost cost, OpenReservations open) {
    InMemoryRateLimiter limiter = InMemoryRateLimiter.create();
    Identity identity = Identity.user("acme", "u1");
    LimitPolicy policy = LimitPolicy.perIdentity("ample", limit);
    return () -> {
      open.endOldest();
      return open.begin(limiter.reserve(identity, policy, cost));
    };
  }

  private static BooleanSupplier semaphores(int held) {
    Map<Identity, Semaphore> semaphores = new ConcurrentHashMap<>();
    Identity identity = Identity.user("acme", "u1");
    semaphores
        .computeIfAbsent(identity, id -> new Semaphore(AMPLE_SLOTS))
        .acquireUninterruptibly(held);
    return () -> {
      Semaphore semaphore = semaphores.computeIfAbsent(identity, id -> new Semaphore(AMPLE_SLOTS));
      semaphore.release();
      return semaphore.tryAcquire();
    };
  }

  private static Predicate<String> penstockByName(int maxBuckets) {
    InMemoryRateLimiter limiter = InMemoryRateLimiter.create(maxBuckets);
    LimitPolicy policy = LimitPolicy.perIdentity("many", Limit.of(AMPLE / 10, 1, SECOND));
    return name -> limiter.tryAcquire(Identity.user(name), policy).permitted();
  }

  private static BooleanSupplier bucket4j(int buckets) {
    List<Bucket> all = IntStream.range(0, buckets).mapToObj(i -> bucket4jOf(AMPLE)).toList();
    if (buckets == 1) {
      return () -> all.get(0).tryConsume(1);
    }
    return () -> {
      boolean permitted = true;
      for (int i = 0; i < buckets; i++) {
        permitted &= all.get(i).tryConsume(1);
      }
      return permitted;
    };
  }

  private static BooleanSupplier bucket4jWithDebt() {
    Bucket bucket = bucket4jOf(AMPLE);
    return () -> {
      bucket.consumeIgnoringRateLimits(1);
      return bucket.tryConsume(2);
    };
  }

  private static Predicate<String> mapOfBucket4j() {
    ConcurrentHashMap<String, Bucket> buckets = new ConcurrentHashMap<>();
    return name -> buckets.computeIfAbsent(name, key -> bucket4jOf(1)).tryConsume(1);
  }

  private static Predicate<String> caffeineOfBucket4j(int maxBuckets) {
    LoadingCache<String, Bucket> buckets =
        Caffeine.newBuilder().maximumSize(maxBuckets).build(key -> bucket4jOf(1));
    return name -> buckets.get(name).tryConsume(1);
  }

  private static Bucket bucket4jOf(long tokensPerSecond) {
    return Bucket.builder()
        .addLimit(limit -> limit.capacity(AMPLE).refillGreedy(tokensPerSecond, SECOND))
        .build();
  }

  private static BooleanSupplier resilience4j() {
    RateLimiterConfig config =
        RateLimiterConfig.custom()
            .limitForPeriod(AMPLE)
            .limitRefreshPeriod(SECOND)
            .timeoutDuration(Duration.ZERO)
            .build();
    io.github.resilience4j.ratelimiter.RateLimiter limiter =
        io.github.resilience4j.ratelimiter.RateLimiter.of("ample", config);
    return limiter::acquirePermission;
  }

  @SuppressWarnings("UnstableApiUsage") // the peer is what Guava's users have
  private static BooleanSupplier guava() {
    RateLimiter limiter = RateLimiter.create(AMPLE);
    return limiter::tryAcquire;
  }

  private static IllegalArgumentException unknown(String limiter) {
    return new IllegalArgumentException("limiter must be one that is compared: " + limiter);
  }
}
