package dev.penstock.memory;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.CalendarUnit;
import dev.penstock.Cost;
import dev.penstock.FakeClock;
import dev.penstock.Identity;
import dev.penstock.Limit;
import dev.penstock.LimitPolicy;
import dev.penstock.Reservation;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** Windows in a bounded table, and many threads at them. */
class InMemoryWindowsTest {

  private static final Instant START = Instant.parse("2026-05-04T10:00:00Z");
  private static final Identity USER = Identity.user("acme", "u1");
  private static final LimitPolicy DAY =
      LimitPolicy.perIdentity("day", Limit.fixedWindow(10, CalendarUnit.DAY, ZoneOffset.UTC));
  private static final LimitPolicy SLIDING =
      LimitPolicy.perIdentity("sliding", Limit.slidingWindow(10, Duration.ofMinutes(10)));

  private final FakeClock clock = new FakeClock(0);
  private final AtomicReference<Instant> wall = new AtomicReference<>(START);

  private InMemoryRateLimiter limiter(int maxBuckets) {
    return InMemoryRateLimiter.builder()
        .maxBuckets(maxBuckets)
        .clock(clock)
        .wallClock(wall::get)
        .build();
  }

  private void advance(Duration time) {
    clock.advance(time);
    wall.updateAndGet(now -> now.plus(time));
  }

  private static void crowd(InMemoryRateLimiter limiter, String name, int size) {
    LimitPolicy perSecond = LimitPolicy.perIdentity("crowd", Limit.perSecond(1));
    for (int i = 0; i < size; i++) {
      limiter.tryAcquire(Identity.user("acme", name + i), perSecond);
    }
  }

  @Test
  void table_windowIsOver_forgetsIt() {
    InMemoryRateLimiter limiter = limiter(100);
    for (int i = 0; i < 100; i++) {
      limiter.tryAcquire(Identity.user("acme", "a" + i), DAY);
    }
    assertThat(limiter.size()).isEqualTo(100);
    advance(Duration.ofHours(14));
    crowd(limiter, "b", 90);
    assertThat(limiter.size()).isLessThanOrEqualTo(100);
    assertThat(limiter.peek(Identity.user("acme", "b0"), DAY).permitted()).isTrue();
    assertThat(limiter.hasRoom(Identity.Kind.USER)).isTrue();
  }

  @Test
  void table_wallClockSetBack_keepsWhatIsNotOver() {
    InMemoryRateLimiter limiter = limiter(10);
    assertThat(limiter.tryAcquire(USER, DAY, 10).permitted()).isTrue();
    wall.set(START.minus(Duration.ofHours(9)));
    advance(Duration.ofHours(22));
    crowd(limiter, "b", 100);
    assertThat(limiter.tryAcquire(USER, DAY).permitted()).isFalse();
    assertThat(limiter.tryAcquire(USER, DAY).retryAfter()).contains(Duration.ofHours(1));
    advance(Duration.ofHours(1));
    assertThat(limiter.tryAcquire(USER, DAY, 10).permitted()).isTrue();
  }

  @Test
  void table_crowdBetweenTwoSlidingWindows_keepsTheLast() {
    InMemoryRateLimiter limiter = limiter(100);
    assertThat(limiter.tryAcquire(USER, SLIDING, 10).permitted()).isTrue();
    advance(Duration.ofMinutes(10));
    crowd(limiter, "b", 1000);
    advance(Duration.ofMinutes(1));
    assertThat(limiter.tryAcquire(USER, SLIDING, 1).permitted()).isTrue();
    advance(Duration.ofSeconds(30));
    crowd(limiter, "c", 1000);
    assertThat(limiter.tryAcquire(USER, SLIDING, 1).permitted()).isFalse();
    advance(Duration.ofSeconds(30));
    assertThat(limiter.tryAcquire(USER, SLIDING, 1).permitted()).isTrue();
  }

  @Test
  void table_noRoomForTheLastWindow_countsItAsTakenNow() {
    InMemoryRateLimiter limiter = limiter(1);
    assertThat(limiter.tryAcquire(USER, SLIDING, 10).permitted()).isTrue();
    advance(Duration.ofMinutes(15));
    assertThat(limiter.tryAcquire(USER, SLIDING, 5).permitted()).isTrue();
    advance(Duration.ofMinutes(4));
    assertThat(limiter.tryAcquire(USER, SLIDING).permitted()).isFalse();
    assertThat(limiter.tryAcquire(USER, SLIDING).retryAfter()).contains(Duration.ofMinutes(2));
  }

  @Test
  void table_noRoom_newcomersShareAWindow() {
    InMemoryRateLimiter limiter = limiter(1);
    limiter.tryAcquire(Identity.user("acme", "first"), LimitPolicy.everyone("x", Limit.perDay(9)));
    for (LimitPolicy policy : List.of(DAY, SLIDING)) {
      Identity other = Identity.user("acme", "other");
      Reservation run = limiter.reserve(other, policy, Cost.of(6));
      assertThat(run.permitted()).isTrue();
      assertThat(limiter.tryAcquire(USER, policy, 5).permitted()).isFalse();
      assertThat(limiter.tryAcquire(USER, policy, 4).permitted()).isTrue();
      run.settle(Cost.of(1));
      assertThat(limiter.peek(USER, policy).buckets().get(0).remaining()).isEqualTo(5);
    }
    advance(Duration.ofMinutes(10));
    assertThat(limiter.tryAcquire(USER, SLIDING, 5).permitted()).isTrue();
    assertThat(limiter.tryAcquire(USER, SLIDING).permitted()).isFalse();
  }

  @Test
  void tryAcquire_manyThreads_exactlyTheCapacity() throws Exception {
    InMemoryRateLimiter limiter = limiter(10_000);
    LimitPolicy fixed =
        LimitPolicy.perIdentity("f", Limit.fixedWindow(5_000, CalendarUnit.HOUR, ZoneOffset.UTC));
    LimitPolicy sliding =
        LimitPolicy.perIdentity("s", Limit.slidingWindow(5_000, Duration.ofHours(1)));
    for (int round = 0; round < 4; round++) {
      for (LimitPolicy policy : List.of(fixed, sliding)) {
        long expected = limiter.peek(USER, policy).buckets().get(0).remaining();
        assertThat(permittedByThreads(limiter, policy)).isEqualTo(expected);
      }
      advance(Duration.ofMinutes(90));
    }
  }

  /** Each of eight threads takes, and gives a third of it back in between. */
  private static long permittedByThreads(InMemoryRateLimiter limiter, LimitPolicy policy)
      throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(8);
    List<Future<Long>> counts = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      counts.add(
          threads.submit(
              () -> {
                long permitted = 0;
                for (int j = 0; j < 3_000; j++) {
                  Reservation run = limiter.reserve(USER, policy);
                  if (run.permitted() && j % 3 == 0) {
                    run.cancel();
                  } else if (run.permitted()) {
                    permitted++;
                  }
                }
                return permitted;
              }));
    }
    long sum = 0;
    for (Future<Long> count : counts) {
      sum += count.get();
    }
    threads.shutdown();
    return sum + takeAll(limiter, policy);
  }

  private static long takeAll(InMemoryRateLimiter limiter, LimitPolicy policy) {
    long taken = 0;
    while (limiter.tryAcquire(USER, policy).permitted()) {
      taken++;
    }
    return taken;
  }

  /** The same as two counters for each window, in exact numbers, and retry-after to the tick. */
  @Test
  void tryAcquire_atRandom_isWhatTheCountersSay() {
    Random random = new Random(20260504);
    for (int round = 0; round < 60; round++) {
      long seconds = round % 2 == 0 ? 60 * (1 + random.nextInt(20)) : 1 + random.nextInt(100);
      Limit limit = Limit.slidingWindow(1 + random.nextInt(50), Duration.ofSeconds(seconds));
      compare(limit, seconds * 1_000_000_000, "round-" + round, random);
    }
  }

  private void compare(Limit limit, long nanos, String name, Random random) {
    InMemoryRateLimiter limiter = limiter(100);
    LimitPolicy policy = LimitPolicy.perIdentity(name, limit);
    Map<Long, Long> taken = new HashMap<>();
    for (int i = 0; i < 300; i++) {
      Instant at = Objects.requireNonNull(wall.get());
      long now = at.getEpochSecond() * 1_000_000_000 + at.getNano();
      long window = Math.floorDiv(now, nanos);
      long left = (window + 1) * nanos - now;
      long last = taken.getOrDefault(window - 1, 0L);
      long used = taken.getOrDefault(window, 0L) + (last * left + nanos - 1) / nanos;
      long cost = 1 + random.nextLong(limit.capacity());
      var decision = limiter.tryAcquire(USER, policy, cost);
      assertThat(decision.permitted()).isEqualTo(used + cost <= limit.capacity());
      if (decision.permitted()) {
        taken.merge(window, cost, Long::sum);
        advance(Duration.ofNanos(random.nextLong(nanos)));
      } else {
        Duration wait = decision.retryAfter().orElseThrow();
        advance(wait.minusNanos(1));
        assertThat(limiter.peek(USER, policy, cost).permitted()).isFalse();
        advance(Duration.ofNanos(1));
        assertThat(limiter.peek(USER, policy, cost).permitted()).isTrue();
      }
    }
  }
}
