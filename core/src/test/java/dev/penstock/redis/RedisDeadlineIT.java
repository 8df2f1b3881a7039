package dev.penstock.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.Crowd;
import dev.penstock.Decision;
import dev.penstock.Identity;
import dev.penstock.Limit;
import dev.penstock.LimitPolicy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAccumulator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a caller waits for a server that is slow but alive, and for one that stands still. */
class RedisDeadlineIT {

  private static final String PASSWORD = "requirepass verysecret";

  /** As 50 and 30 ms, only that a pause of the machine passes for no fault of the limiter's. */
  private static final Duration TIMEOUT = Duration.ofMillis(400);

  private static final Duration DELAY = Duration.ofMillis(240);
  private static final Duration SLOWEST = TIMEOUT.plusMillis(20);
  private static final int THREADS = 8;
  private static final int REQUESTS = 12;

  /** The machine may pause in one round or another; the limiter is as slow in each of them. */
  private static final int ROUNDS = 2;

  /** Longer than a pause of the machine. */
  private static final long WAITED = TIMEOUT.toNanos() / 2;

  private static final int BUSY = 24;
  private static final int FAILURES_IN_A_ROW = 5;

  private static final LimitPolicy POLICY =
      LimitPolicy.perIdentity("roomy", Limit.perHour(1_000_000));

  @ParameterizedTest
  @ValueSource(strings = {"", PASSWORD})
  void cold_slowServer_noDecisionIsLate(String line) {
    try (RedisServer server = RedisServer.start(line);
        FaultProxy proxy = FaultProxy.to(server.port())) {
      String credentials = line.isEmpty() ? "" : ":verysecret@";
      String url = "redis://" + credentials + LoopbackPorts.HOST + ":" + proxy.port() + "/1";
      slowestOfACrowd(url); // loads the classes
      proxy.delay(DELAY);
      long slowest = Long.MAX_VALUE;
      for (int i = 0; i < ROUNDS; i++) {
        slowest = Math.min(slowest, slowestOfACrowd(url));
      }
      System.out.println("Slowest cold decision, " + line + ": " + slowest / 1_000_000 + " ms");
      assertThat(slowest).isLessThanOrEqualTo(SLOWEST.toNanos());
    }
  }

  private static long slowestOfACrowd(String url) {
    LongAccumulator slowest = new LongAccumulator(Math::max, 0);
    AtomicInteger byRedis = new AtomicInteger();
    List<Boolean> changes = new CopyOnWriteArrayList<>();
    try (RedisRateLimiter limiter =
            RedisRateLimiter.builder(url).timeout(TIMEOUT).onAvailability(changes::add).build();
        Crowd crowd = new Crowd(THREADS)) {
      crowd.permitted(
          thread -> {
            Decision last = Decision.open();
            for (int i = 0; i < REQUESTS; i++) {
              long start = System.nanoTime();
              last = limiter.tryAcquire(Identity.user("u" + thread), POLICY);
              slowest.accumulate(System.nanoTime() - start);
              if (last.source() == Decision.Source.REDIS) {
                byRedis.incrementAndGet();
              }
            }
            return last;
          });
    }
    assertThat(byRedis.get()).isGreaterThanOrEqualTo(THREADS);
    assertThat(changes).as("Redis gone or back").isEmpty();
    return slowest.get();
  }

  /** What each request of a busy process has waited for, in nanoseconds. */
  private static List<Long> waitsWhileStopped() {
    try (RedisServer server = RedisServer.start();
        RedisRateLimiter limiter = RedisRateLimiter.builder(server.url()).timeout(TIMEOUT).build();
        Crowd crowd = new Crowd(BUSY)) {
      crowd.ask(thread -> waits(limiter, thread)); // loads the classes
      server.pause();
      return crowd.ask(thread -> waits(limiter, thread)).stream().flatMap(List::stream).toList();
    }
  }

  private static List<Long> waits(RedisRateLimiter limiter, int thread) {
    List<Long> waits = new ArrayList<>();
    for (int i = 0; i < REQUESTS; i++) {
      long start = System.nanoTime();
      limiter.tryAcquire(Identity.user("u" + thread), POLICY);
      waits.add(System.nanoTime() - start);
    }
    return waits;
  }

  /** Who asks at that moment waits; after that one at a time, until the circuit breaker opens. */
  @Test
  void stopped_busyProcess_eachCallerWaitsOnceAndForOneTimeout() {
    long slowest = Long.MAX_VALUE;
    for (int i = 0; i < ROUNDS; i++) {
      List<Long> waits = waitsWhileStopped();
      long waited = waits.stream().filter(nanos -> nanos > WAITED).count();
      slowest = Math.min(slowest, Collections.max(waits));
      System.out.println(BUSY + " callers of a stopped server: " + waited + " requests waited");
      assertThat(waited).isBetween((long) BUSY, BUSY + FAILURES_IN_A_ROW - 1L);
    }
    System.out.println("Slowest decision of a stopped server: " + slowest / 1_000_000 + " ms");
    assertThat(slowest).isLessThanOrEqualTo(SLOWEST.toNanos());
  }
}
