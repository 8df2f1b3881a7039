package dev.penstock.bucket;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.BucketState;
import dev.penstock.Cost;
import dev.penstock.Crowd;
import dev.penstock.FakeClock;
import dev.penstock.Identity;
import dev.penstock.Limit;
import dev.penstock.Partition;
import dev.penstock.PartitionedLimit;
import dev.penstock.Reservation;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** Waiting by a clock that stands still: who passes when, to the nanosecond. */
class AwaitedReservationTest {

  private static final Identity USER = Identity.user("acme", "u1");
  private static final long SECOND = Duration.ofSeconds(1).toNanos();

  private final FakeClock clock = new FakeClock(0);
  private final Buckets buckets =
      Buckets.onClock(1000, Rooms.standard(), clock, InstantSource.system());

  private static PartitionedLimit limit(String name, Limit limit) {
    return new PartitionedLimit(name, limit, Partition.IDENTITY);
  }

  /** A token a second, as many at once. */
  private static PartitionedLimit perSecond(int capacity) {
    return limit("second", Limit.of(capacity, 1, Duration.ofSeconds(1)));
  }

  private AwaitedReservation wait(Cost cost, Duration maxWait, PartitionedLimit... limits) {
    return (AwaitedReservation) buckets.await(USER, List.of(limits), cost, maxWait.toNanos());
  }

  private AwaitedReservation wait(int seconds, PartitionedLimit... limits) {
    return wait(Cost.ONE_REQUEST, Duration.ofSeconds(seconds), limits);
  }

  private boolean take(PartitionedLimit... limits) {
    return buckets.take(USER, List.of(limits), Cost.ONE_REQUEST).permitted();
  }

  private void empty(PartitionedLimit limit) {
    Cost all = Cost.units(limit.limit().unit(), limit.limit().capacity());
    assertThat(buckets.take(USER, List.of(limit), all).permitted()).isTrue();
  }

  private Reservation passed(AwaitedReservation waiter) {
    assertThat(waiter.look()).isZero();
    assertThat(waiter.result().permitted()).isTrue();
    return waiter.result();
  }

  private static Reservation denied(AwaitedReservation waiter) {
    assertThat(waiter.look()).isZero();
    assertThat(waiter.result().permitted()).isFalse();
    return waiter.result();
  }

  private long level(PartitionedLimit limit) {
    return buckets.levelNanos(USER, limit);
  }

  @Test
  void look_emptyBucket_passesWhenItHoldsTheCostAndNotANanosecondBefore() {
    PartitionedLimit limit = perSecond(5);
    empty(limit);
    AwaitedReservation waiter = wait(Cost.of(3), Duration.ofSeconds(3), limit);
    assertThat(waiter.look()).isEqualTo(3 * SECOND);
    clock.advanceNanos(3 * SECOND - 1);
    assertThat(waiter.look()).isEqualTo(1);
    clock.advanceNanos(1);
    assertThat(passed(waiter).decision().buckets().get(0).remaining()).isZero();
    assertThat(level(limit)).isEqualTo(5 * SECOND);
  }

  @Test
  void look_waitOfANanosecondTooLong_isDeniedAtOnceAndTakesNothing() {
    PartitionedLimit limit = perSecond(5);
    empty(limit);
    AwaitedReservation waiter = wait(Cost.of(3), Duration.ofNanos(3 * SECOND - 1), limit);
    assertThat(denied(waiter).decision().retryAfter()).contains(Duration.ofSeconds(3));
    assertThat(level(limit)).isEqualTo(5 * SECOND);
  }

  @Test
  void look_costAboveTheCapacity_isNeverPermitted() {
    AwaitedReservation waiter = wait(Cost.of(6), Duration.ofDays(1), perSecond(5));
    assertThat(denied(waiter).decision().never()).isTrue();
  }

  @Test
  void look_several_passInTheOrderOfArrivalAtTheNominalRate() {
    PartitionedLimit limit = perSecond(2);
    empty(limit);
    List<AwaitedReservation> waiters = new ArrayList<>();
    for (int i = 1; i <= 10; i++) {
      AwaitedReservation waiter = wait(60, limit);
      assertThat(waiter.look()).isEqualTo(i * SECOND);
      waiters.add(waiter);
    }
    for (int i = 0; i < 10; i++) {
      assertThat(take(limit)).as("whoever comes later").isFalse();
      assertThat(retryAfter(limit)).isEqualTo((10 - i + 1) * SECOND);
      clock.advanceNanos(SECOND);
      for (int j = i + 1; j < 10; j++) {
        assertThat(waiters.get(j).look()).isEqualTo((j - i) * SECOND);
      }
      passed(waiters.get(i));
    }
    assertThat(take(limit)).isFalse();
    clock.advanceNanos(SECOND);
    assertThat(take(limit)).isTrue();
  }

  private long retryAfter(PartitionedLimit limit) {
    return buckets.look(USER, List.of(limit), Cost.ONE_REQUEST).buckets().get(0).retryAfterNanos();
  }

  @Test
  void look_longerThanAnHourAhead_isDeniedHoweverPatient() {
    PartitionedLimit limit = perSecond(1);
    empty(limit);
    for (int i = 1; i <= 3600; i++) {
      assertThat(wait(Cost.ONE_REQUEST, Duration.ofDays(9), limit).look()).isEqualTo(i * SECOND);
    }
    assertThat(denied(wait(Cost.ONE_REQUEST, Duration.ofDays(9), limit)).decision().retryAfter())
        .contains(Duration.ofSeconds(3601));
  }

  @Test
  void look_limitThatFillsInMoreThanAnHour_isWaitedForAsLongAsThat() {
    PartitionedLimit limit = limit("day", Limit.perDay(2));
    empty(limit);
    assertThat(wait(Cost.ONE_REQUEST, Duration.ofDays(9), limit).look())
        .isEqualTo(Duration.ofHours(12).toNanos());
    assertThat(wait(Cost.ONE_REQUEST, Duration.ofDays(9), limit).look())
        .isEqualTo(Duration.ofHours(24).toNanos());
    denied(wait(Cost.ONE_REQUEST, Duration.ofDays(9), limit));
  }

  @Test
  void giveUp_nobodyBehind_isAsIfNeverTaken() {
    PartitionedLimit limit = perSecond(1);
    empty(limit);
    AwaitedReservation waiter = wait(60, limit);
    waiter.look();
    AwaitedReservation last = wait(60, limit);
    last.look();
    clock.advanceNanos(SECOND - 1);
    last.giveUp();
    waiter.giveUp();
    assertThat(level(limit)).isEqualTo(1);
    clock.advanceNanos(1);
    assertThat(take(limit)).isTrue();
    assertThat(take(limit)).isFalse();
  }

  @Test
  void giveUp_othersBehind_moveUpAndNobodyPassesThem() {
    PartitionedLimit limit = perSecond(1);
    empty(limit);
    AwaitedReservation first = wait(60, limit);
    AwaitedReservation second = wait(60, limit);
    AwaitedReservation third = wait(60, limit);
    first.look();
    second.look();
    third.look();
    clock.advanceNanos(SECOND / 2);
    first.giveUp();
    assertThat(second.look()).isEqualTo(SECOND / 2);
    assertThat(third.look()).isEqualTo(SECOND * 3 / 2);
    assertThat(wait(60, limit).look()).isEqualTo(SECOND * 5 / 2);
    clock.advanceNanos(SECOND / 2);
    assertThat(take(limit)).isFalse();
    passed(second);
  }

  @Test
  void giveUp_afterItsTime_putsBackWhatRefillHasNotMadeGoodFor() {
    PartitionedLimit limit = perSecond(2);
    empty(limit);
    AwaitedReservation waiter = wait(60, limit);
    waiter.look();
    clock.advanceNanos(SECOND * 5 / 4);
    waiter.giveUp();
    assertThat(level(limit)).isEqualTo(SECOND);
  }

  @Test
  void giveUp_result_isCancelled() {
    PartitionedLimit limit = perSecond(1);
    AwaitedReservation waiter = wait(60, limit);
    passed(waiter);
    waiter.giveUp();
    assertThat(take(limit)).isTrue();
  }

  /** At each moment as many have passed as a bucket that sees only those would have let pass. */
  @Test
  void giveUp_anyOfMany_neverPermitsMoreThanABucketHolds() {
    for (int seed = 0; seed < 300; seed++) {
      new CrowdOfImpatient(seed).run();
    }
  }

  private static final class CrowdOfImpatient {

    private final Random random;
    private final FakeClock clock = new FakeClock(0);
    private final Buckets buckets =
        Buckets.onClock(1000, Rooms.standard(), clock, InstantSource.system());
    private final int capacity;
    private final PartitionedLimit limit;
    private final List<AwaitedReservation> waiters = new ArrayList<>();
    private final List<Integer> costs = new ArrayList<>();
    private final int seed;

    /** The level of a bucket that sees only who passes, and when that was. */
    private long level;

    private long at;

    CrowdOfImpatient(int seed) {
      this.seed = seed;
      this.random = new Random(seed);
      this.capacity = 1 + random.nextInt(5);
      this.limit = perSecond(capacity);
    }

    void run() {
      for (int step = 0; step < 200; step++) {
        letPass();
        int cost = 1 + random.nextInt(capacity);
        switch (random.nextInt(5)) {
          case 0, 1 -> join(cost);
          case 2 -> leave();
          case 3 -> take(cost);
          default -> letTimePass(random.nextLong(2 * SECOND));
        }
      }
    }

    private void join(int cost) {
      AwaitedReservation waiter =
          (AwaitedReservation)
              buckets.await(USER, List.of(limit), Cost.of(cost), Duration.ofSeconds(20).toNanos());
      if (waiter.look() > 0) {
        waiters.add(waiter);
        costs.add(cost);
      } else if (waiter.result().permitted()) {
        assertThat(waiters).as("seed %s", seed).isEmpty();
        pass(cost, clock.getAsLong());
      }
    }

    private void leave() {
      if (!waiters.isEmpty()) {
        int who = random.nextInt(waiters.size());
        costs.remove(who);
        waiters.remove(who).giveUp();
      }
    }

    private void take(int cost) {
      if (buckets.take(USER, List.of(limit), Cost.of(cost)).permitted()) {
        assertThat(waiters).as("seed %s: nobody passes who waits", seed).isEmpty();
        pass(cost, clock.getAsLong());
      }
    }

    /** To the nanosecond: time goes from one's turn to the next. */
    private void letTimePass(long nanos) {
      for (long left = nanos; left > 0; ) {
        long step = left;
        for (AwaitedReservation waiter : waiters) {
          step = Math.min(step, waiter.look());
        }
        clock.advanceNanos(step);
        left -= step;
        letPass();
      }
    }

    private void letPass() {
      for (int i = 0; i < waiters.size(); i++) {
        if (waiters.get(i).look() == 0) {
          assertThat(i).as("seed %s: in the order of arrival", seed).isZero();
          waiters.remove(0);
          pass(costs.remove(0), clock.getAsLong());
          i--;
        }
      }
    }

    private void pass(int cost, long now) {
      level = Math.max(0, level - (now - at)) + cost * SECOND;
      at = now;
      assertThat(level).as("seed %s", seed).isLessThanOrEqualTo(capacity * SECOND);
    }
  }

  @Test
  void look_severalBuckets_waitsForTheLastAndTakesFromAllOrNone() {
    PartitionedLimit second = perSecond(1);
    PartitionedLimit minute = limit("minute", Limit.perMinute(1));
    empty(second);
    empty(minute);
    AwaitedReservation waiter = wait(60, second, minute);
    assertThat(waiter.look()).isEqualTo(60 * SECOND);
    denied(wait(100, second, minute));
    assertThat(level(second)).isEqualTo(2 * SECOND);
    clock.advanceNanos(SECOND / 2);
    waiter.giveUp();
    assertThat(level(second)).isEqualTo(SECOND / 2);
    assertThat(level(minute)).isEqualTo(60 * SECOND - SECOND / 2);
  }

  @Test
  void look_unitThatIsChargedNothing_waitsUntilThereIsAToken() {
    PartitionedLimit second = perSecond(1);
    PartitionedLimit tokens =
        limit("tokens", Limit.of(10, 1, Duration.ofSeconds(1)).withUnit("model-tokens"));
    empty(tokens);
    AwaitedReservation waiter = wait(60, second, tokens);
    assertThat(waiter.look()).isEqualTo(SECOND);
    clock.advanceNanos(SECOND);
    assertThat(buckets.take(USER, List.of(tokens), Cost.units("model-tokens", 1)).permitted())
        .as("others may take what is not charged")
        .isTrue();
    assertThat(waiter.look()).isEqualTo(SECOND);
    clock.advanceNanos(SECOND);
    passed(waiter);
  }

  @Test
  void look_unitThatIsChargedNothingAndOthersWereFaster_isDeniedAndGivesBack() {
    PartitionedLimit second = perSecond(2);
    PartitionedLimit tokens =
        limit("tokens", Limit.of(10, 1, Duration.ofSeconds(1)).withUnit("model-tokens"));
    empty(tokens);
    AwaitedReservation waiter = wait(1, second, tokens);
    assertThat(waiter.look()).isEqualTo(SECOND);
    clock.advanceNanos(SECOND);
    empty(limit("other", Limit.perMinute(1)));
    assertThat(buckets.take(USER, List.of(tokens), Cost.units("model-tokens", 1)).permitted())
        .isTrue();
    denied(waiter);
    assertThat(level(second)).isZero();
  }

  @Test
  void look_limitInShadow_isTriedWhenTheWaitIsOver() {
    PartitionedLimit limit = perSecond(1);
    PartitionedLimit tried = limit("tried", Limit.perMinute(1)).asShadow();
    empty(limit);
    AwaitedReservation waiter = wait(60, limit, tried);
    waiter.look();
    assertThat(buckets.levelNanos(USER, tried)).isZero();
    clock.advanceNanos(SECOND);
    assertThat(passed(waiter).decision().shadow().orElseThrow().permitted()).isTrue();
    assertThat(buckets.levelNanos(USER, tried)).isEqualTo(60 * SECOND);
  }

  @Test
  void settle_othersWait_isChargedBehindThem() {
    PartitionedLimit limit =
        limit("second", Limit.of(2, 1, Duration.ofSeconds(1)).withOverdraft(3));
    Reservation run = buckets.reserve(USER, List.of(limit), Cost.of(2));
    AwaitedReservation waiter = wait(60, limit);
    assertThat(waiter.look()).isEqualTo(SECOND);
    run.settle(Cost.of(9));
    assertThat(level(limit)).as("capacity, wait and overdraft").isEqualTo(6 * SECOND);
    assertThat(waiter.look()).isEqualTo(SECOND);
    clock.advanceNanos(SECOND);
    passed(waiter);
  }

  @Test
  void cancel_ofOneWhoDidNotWait_movesThoseUpWhoDo() {
    PartitionedLimit limit = perSecond(10);
    Reservation run = buckets.reserve(USER, List.of(limit), Cost.of(10));
    AwaitedReservation first = wait(Cost.of(10), Duration.ofMinutes(1), limit);
    AwaitedReservation second = wait(60, limit);
    assertThat(first.look()).isEqualTo(10 * SECOND);
    assertThat(second.look()).isEqualTo(11 * SECOND);
    clock.advanceNanos(4 * SECOND);
    run.cancel();
    passed(first);
    assertThat(second.look()).isEqualTo(SECOND);
    assertThat(take(limit)).as("a newcomer").isFalse();
    first.result().cancel();
    passed(second);
    assertThat(level(limit)).as("what the second took").isEqualTo(SECOND);
  }

  /** What others put back meanwhile never comes on top of what is put back here. */
  @Test
  void cancel_randomOthersWait_neverPermitsMoreThanCapacityAndRefill() {
    for (int seed = 0; seed < 200; seed++) {
      Random random = new Random(seed);
      PartitionedLimit limit = limit("random-" + seed, Limit.of(5, 1, Duration.ofSeconds(1)));
      List<Reservation> held = new ArrayList<>();
      List<AwaitedReservation> waiting = new ArrayList<>();
      long begun = clock.getAsLong();
      long used = 0;
      for (int step = 0; step < 60; step++) {
        clock.advanceNanos(random.nextLong(SECOND));
        switch (random.nextInt(5)) {
          case 0 -> {
            Reservation run = buckets.reserve(USER, List.of(limit), Cost.of(1 + random.nextInt(5)));
            if (run.permitted()) {
              held.add(run);
            }
          }
          case 1 -> waiting.add(wait(Cost.of(1 + random.nextInt(5)), Duration.ofHours(1), limit));
          case 2 -> {
            if (!held.isEmpty()) {
              held.remove(random.nextInt(held.size())).cancel();
            }
          }
          case 3 -> {
            if (!waiting.isEmpty()) {
              waiting.remove(random.nextInt(waiting.size())).giveUp();
            }
          }
          default -> used += take(limit) ? 1 : 0;
        }
        for (AwaitedReservation waiter : List.copyOf(waiting)) {
          if (waiter.look() == 0) {
            waiting.remove(waiter);
            held.add(waiter.result());
          }
        }
        assertThat(used * SECOND)
            .as("seed %d, step %d", seed, step)
            .isLessThanOrEqualTo(5 * SECOND + clock.getAsLong() - begun);
      }
    }
  }

  @Test
  void reset_othersWait_takeAnewFromAFullBucketInTheirOrder() {
    PartitionedLimit limit = perSecond(2);
    empty(limit);
    List<AwaitedReservation> waiters = List.of(wait(60, limit), wait(60, limit), wait(60, limit));
    waiters.forEach(AwaitedReservation::look);
    buckets.fill(USER, List.of(limit));
    passed(waiters.get(0));
    passed(waiters.get(1));
    assertThat(waiters.get(2).look()).isEqualTo(SECOND);
    assertThat(take(limit)).isFalse();
    waiters.get(2).giveUp();
    assertThat(level(limit)).isEqualTo(2 * SECOND);
  }

  @Test
  void look_limitChangedWhileOthersWait_keepsTheFractionHoweverFarAhead() {
    PartitionedLimit slow = perSecond(1);
    empty(slow);
    for (int i = 0; i < 9; i++) {
      wait(60, slow).look();
    }
    PartitionedLimit fast = limit("second", Limit.of(1, 2, Duration.ofSeconds(1)));
    assertThat(retryAfter(fast)).isEqualTo(10 * SECOND / 2);
    assertThat(retryAfter(slow)).isEqualTo(10 * SECOND);
  }

  @Test
  void look_noRoom_waitsInTheOverflowBucket() {
    Buckets tiny = Buckets.onClock(1, Rooms.standard(), clock, InstantSource.system());
    PartitionedLimit limit = perSecond(1);
    tiny.take(Identity.user("acme", "u0"), List.of(limit), Cost.ONE_REQUEST);
    assertThat(tiny.take(USER, List.of(limit), Cost.ONE_REQUEST).permitted()).isTrue();
    AwaitedReservation waiter =
        (AwaitedReservation)
            tiny.await(USER, List.of(limit), Cost.ONE_REQUEST, Duration.ofMinutes(1).toNanos());
    assertThat(waiter.look()).isEqualTo(SECOND);
    Identity other = Identity.user("acme", "u2");
    assertThat(tiny.take(other, List.of(limit), Cost.ONE_REQUEST).retryAfter())
        .contains(Duration.ofSeconds(2));
    waiter.giveUp();
    assertThat(tiny.take(other, List.of(limit), Cost.ONE_REQUEST).retryAfter())
        .contains(Duration.ofSeconds(1));
  }

  @Test
  void look_manyThreadsAtOnce_eachHasAPlaceOfItsOwnAndThoseBehindMoveUp() {
    PartitionedLimit limit = perSecond(1);
    empty(limit);
    int each = 100;
    List<AwaitedReservation> all = new ArrayList<>();
    try (Crowd crowd = new Crowd(8)) {
      crowd
          .ask(
              number -> {
                List<AwaitedReservation> mine = new ArrayList<>();
                for (int i = 0; i < each; i++) {
                  AwaitedReservation waiter = wait(3600, limit);
                  waiter.look();
                  mine.add(waiter);
                }
                return mine;
              })
          .forEach(all::addAll);
      assertThat(all.stream().map(AwaitedReservation::look).sorted())
          .containsExactlyElementsOf(seconds(8 * each));
      crowd.ask(
          number -> {
            for (int i = 0; i < each; i += 2) {
              all.get(number * each + i).giveUp();
            }
            return true;
          });
    }
    List<AwaitedReservation> left = new ArrayList<>();
    for (int i = 1; i < all.size(); i += 2) {
      left.add(all.get(i));
    }
    assertThat(left.stream().map(AwaitedReservation::look).sorted())
        .containsExactlyElementsOf(seconds(4 * each));
    assertThat(level(limit)).isEqualTo((4 * each + 1) * SECOND);
  }

  private static List<Long> seconds(int most) {
    return LongStream.rangeClosed(1, most).map(i -> i * SECOND).boxed().toList();
  }

  // Slots.

  private static final PartitionedLimit SLOT = limit("slot", Limit.inFlight(1));

  private Reservation reserve(PartitionedLimit... limits) {
    return buckets.reserve(USER, List.of(limits), Cost.ONE_REQUEST);
  }

  @Test
  void look_slotsHeld_passInTheOrderOfArrivalAsTheyComeFree() {
    Reservation held = reserve(SLOT);
    AwaitedReservation first = wait(60, SLOT);
    AwaitedReservation second = wait(60, SLOT);
    assertThat(first.look()).isPositive();
    assertThat(second.look()).isPositive();
    held.close();
    assertThat(reserve(SLOT).permitted()).as("whoever comes later").isFalse();
    assertThat(second.look()).isPositive();
    Reservation passed = passed(first);
    assertThat(reserve(SLOT).permitted()).isFalse();
    passed.close();
    passed(second).close();
    assertThat(reserve(SLOT).permitted()).isTrue();
  }

  @Test
  void peek_slotsFreeButAwaited_showsNone() {
    PartitionedLimit two = limit("slot", Limit.inFlight(2));
    Reservation held = reserve(two);
    AwaitedReservation both =
        wait(Cost.units("concurrent-requests", 2), Duration.ofMinutes(1), two);
    assertThat(both.look()).isPositive();
    BucketState seen = buckets.look(USER, List.of(two), Cost.ONE_REQUEST).buckets().get(0);
    assertThat(seen.permitted()).isFalse();
    assertThat(seen.remaining()).isZero();
    held.close();
    passed(both);
  }

  @Test
  void look_noSlotInTime_isDeniedWithoutATime() {
    reserve(SLOT);
    AwaitedReservation waiter = wait(1, SLOT);
    assertThat(waiter.look()).isEqualTo(SECOND / 2);
    clock.advanceNanos(SECOND);
    Reservation denied = denied(waiter);
    assertThat(denied.decision().retryAfter()).isEmpty();
    assertThat(denied.decision().never()).isFalse();
  }

  @Test
  void giveUp_firstForASlot_theNextIsFirst() {
    Reservation held = reserve(SLOT);
    AwaitedReservation first = wait(60, SLOT);
    AwaitedReservation second = wait(60, SLOT);
    first.look();
    second.look();
    first.giveUp();
    held.close();
    passed(second);
  }

  @Test
  void giveUp_slotGivenMeanwhile_goesToTheNext() {
    Reservation held = reserve(SLOT);
    AwaitedReservation first = wait(60, SLOT);
    AwaitedReservation second = wait(60, SLOT);
    first.look();
    second.look();
    held.close();
    first.giveUp();
    passed(second).close();
    assertThat(reserve(SLOT).permitted()).isTrue();
  }

  @Test
  void look_slotsAndTokens_holdsNothingWhileItWaitsForTheSlot() {
    PartitionedLimit tokens = perSecond(1);
    Reservation held = reserve(SLOT);
    AwaitedReservation waiter = wait(60, SLOT, tokens);
    assertThat(waiter.look()).isPositive();
    assertThat(take(tokens)).isTrue();
    held.close();
    assertThat(waiter.look()).as("then it has the slot").isEqualTo(SECOND);
    assertThat(reserve(SLOT).permitted()).isFalse();
    clock.advanceNanos(SECOND);
    passed(waiter);
  }

  @Test
  void look_slotsAndTokensThatDoNotComeInTime_isDeniedAtOnce() {
    PartitionedLimit minute = limit("minute", Limit.perMinute(1));
    empty(minute);
    reserve(SLOT);
    AwaitedReservation waiter = wait(59, SLOT, minute);
    denied(waiter);
  }

  @Test
  void look_slotsOfTwoLimits_waitsForBothInBothLines() {
    PartitionedLimit other = limit("other", Limit.inFlight(1));
    Reservation heldSlot = reserve(SLOT);
    Reservation heldOther = reserve(other);
    AwaitedReservation both = wait(60, SLOT, other);
    AwaitedReservation one = wait(60, other);
    both.look();
    one.look();
    heldOther.close();
    assertThat(one.look()).as("behind whoever waits for both").isPositive();
    heldSlot.close();
    passed(both).close();
    passed(one);
  }

  @Test
  void look_slotHeldForTooLong_isGivenToWhoeverWaits() {
    PartitionedLimit most = limit("slot", Limit.inFlight(1).withHeldAtMost(Duration.ofSeconds(10)));
    reserve(most);
    AwaitedReservation waiter = wait(60, most);
    assertThat(waiter.look()).isPositive();
    clock.advanceNanos(10 * SECOND);
    passed(waiter);
  }
}
