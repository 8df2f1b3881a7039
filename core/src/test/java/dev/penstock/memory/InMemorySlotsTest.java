package dev.penstock.memory;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.CapturedLog;
import dev.penstock.Cost;
import dev.penstock.Crowd;
import dev.penstock.FakeClock;
import dev.penstock.Identity;
import dev.penstock.Limit;
import dev.penstock.LimitPolicy;
import dev.penstock.Reservation;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.logging.LogRecord;
import org.junit.jupiter.api.Test;

class InMemorySlotsTest {

  private final FakeClock clock = new FakeClock(Long.MAX_VALUE - 5);
  private InMemoryRateLimiter limiter = InMemoryRateLimiter.create(1_000, clock);

  private static Identity user(int number) {
    return Identity.user("acme", "u" + number);
  }

  private long free(Identity identity, LimitPolicy policy) {
    return limiter.peek(identity, policy).buckets().get(0).remaining();
  }

  @Test
  void heldAtMost_held_isGivenBackThenAndSaidOnce() {
    LimitPolicy hour =
        LimitPolicy.perIdentity(
            "hour", Limit.inFlight(2).withHeldAtMost(Duration.ofHours(1)).withUnit("runs"));
    Reservation forgotten = limiter.reserve(user(1), hour, Cost.units("runs", 1));
    clock.advance(Duration.ofMinutes(1));
    Reservation ended = limiter.reserve(user(1), hour, Cost.units("runs", 1));
    clock.advance(Duration.ofMinutes(59).minusNanos(1));
    assertThat(free(user(1), hour)).isZero();
    try (CapturedLog log = new CapturedLog(Reservation.class)) {
      clock.advance(Duration.ofNanos(1));
      assertThat(free(user(1), hour)).isEqualTo(1);
      ended.close();
      forgotten.close();
      clock.advance(Duration.ofHours(2));
      assertThat(free(user(1), hour)).isEqualTo(2);
      assertThat(log.records())
          .extracting(LogRecord::getMessage)
          .containsExactly("A slot of limit hour was held for longer than PT1H, it is given back");
    }
  }

  @Test
  void held_forAsLongAsAnyLimitSpans_staysHeld() {
    LimitPolicy one = LimitPolicy.perIdentity("for-ever", Limit.inFlight(1));
    Reservation run = limiter.reserve(user(1), one);
    clock.advance(Duration.ofDays(3_653));
    fillWithOthers();
    assertThat(free(user(1), one)).isZero();
    run.close();
    assertThat(free(user(1), one)).isEqualTo(1);
  }

  /** Newcomers have the arrays of the table replaced, and what is full forgotten. */
  private void fillWithOthers() {
    LimitPolicy short1 = LimitPolicy.perIdentity("short", Limit.perSecond(1));
    for (int round = 0; round < 5; round++) {
      for (int i = 0; i < 2_000; i++) {
        limiter.tryAcquire(Identity.user("other", round + "-" + i), short1);
      }
      clock.advance(Duration.ofSeconds(1));
    }
  }

  @Test
  void close_manyIdentities_leavesRoomForOthers() {
    LimitPolicy two = LimitPolicy.perIdentity("forgotten", Limit.inFlight(2));
    for (int i = 0; i < 50_000; i++) {
      limiter.reserve(user(i), two).close();
    }
    LimitPolicy one = LimitPolicy.perIdentity("one", Limit.perDay(1));
    for (int i = 0; i < 900; i++) {
      assertThat(limiter.tryAcquire(user(i), one).permitted()).as("a bucket of its own").isTrue();
    }
  }

  @Test
  void noRoom_newcomersShareSlots_andCountThemOnceTheyHaveRoom() {
    limiter = InMemoryRateLimiter.create(1, clock);
    LimitPolicy two = LimitPolicy.perIdentity("crowded", Limit.inFlight(2));
    Reservation owner = limiter.reserve(user(1), two);
    Reservation first = limiter.reserve(user(2), two);
    assertThat(free(user(3), two)).isEqualTo(1);
    Reservation second = limiter.reserve(user(3), two);
    assertThat(limiter.reserve(user(2), two).permitted()).isFalse();
    owner.close();
    clock.advance(Duration.ofNanos(1));
    assertThat(limiter.reserve(user(2), two).permitted()).as("both may be of this one").isFalse();
    second.close();
    Reservation own = limiter.reserve(user(2), two);
    assertThat(own.permitted()).isTrue();
    assertThat(free(user(2), two)).isZero();
    first.close();
    assertThat(free(user(2), two)).isEqualTo(1);
    own.close();
    assertThat(free(user(2), two)).isEqualTo(2);
  }

  /** Slots of strangers last as long as their runs: they are nobody's who was there before. */
  @Test
  void noRoom_strangersHoldSharedSlots_ownersKeepTheirs() {
    limiter = InMemoryRateLimiter.create(2, clock);
    LimitPolicy two = LimitPolicy.perIdentity("owned", Limit.inFlight(2));
    Reservation first = limiter.reserve(user(1), two);
    Reservation other = limiter.reserve(user(2), two);
    List<Reservation> strangers =
        List.of(limiter.reserve(user(3), two), limiter.reserve(user(4), two));
    assertThat(free(user(5), two)).isZero();
    assertThat(free(user(1), two)).isEqualTo(1);
    assertThat(limiter.reserve(user(1), two).permitted()).isTrue();
    first.close();
    assertThat(limiter.reserve(user(1), two).permitted()).isTrue();
    other.close();
    strangers.forEach(Reservation::close);
  }

  @Test
  void noRoom_manyThreads_neverMoreThanTheLimitAndNoneLeaks() {
    int users = 12;
    limiter = InMemoryRateLimiter.create(4);
    LimitPolicy two = LimitPolicy.perIdentity("stormy", Limit.inFlight(2));
    AtomicIntegerArray live = new AtomicIntegerArray(users);
    try (Crowd crowd = new Crowd(8)) {
      List<Integer> most =
          crowd.ask(
              thread -> {
                Random random = new Random(thread);
                Deque<Runnable> open = new ArrayDeque<>();
                int seen = 0;
                for (int i = 0; i < 20_000; i++) {
                  int user = random.nextInt(users);
                  Reservation run = limiter.reserve(user(user), two);
                  if (run.permitted()) {
                    seen = Math.max(seen, live.incrementAndGet(user));
                    open.add(
                        () -> {
                          live.decrementAndGet(user);
                          run.close();
                        });
                  }
                  if (open.size() > 2 || random.nextBoolean()) {
                    open.forEach(Runnable::run);
                    open.clear();
                  }
                }
                open.forEach(Runnable::run);
                return seen;
              });
      assertThat(most).allMatch(seen -> seen <= 2);
    }
    List<Long> free = new ArrayList<>();
    for (int i = 0; i < users; i++) {
      free.add(free(user(i), two));
    }
    assertThat(free).containsOnly(2L);
  }

  /** Room comes between one request's look for it and another's. */
  @Test
  void roomComes_twoRequestsOfOneSlot_areNotBothPermitted() {
    limiter = InMemoryRateLimiter.create(1);
    LimitPolicy one = LimitPolicy.perIdentity("racing", Limit.inFlight(1));
    Reservation[] blocker = {limiter.reserve(user(0), one)};
    Reservation[] runs = new Reservation[2];
    List<Integer> both = new ArrayList<>();
    try (Crowd crowd = new Crowd(2)) {
      crowd.lockstep(
          40_000,
          (thread, step) -> {
            if (step % 2 == 0) {
              if (thread == 1) {
                blocker[0].close();
              }
              runs[thread] = limiter.reserve(user(1), one);
            } else if (thread == 0) {
              if (runs[0].permitted() && runs[1].permitted()) {
                both.add(step);
              }
              runs[0].close();
              runs[1].close();
              blocker[0] = limiter.reserve(user(0), one);
            }
          });
    }
    assertThat(both).isEmpty();
  }
}
