package dev.penstock.bucket;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.Cost;
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
import org.junit.jupiter.api.Test;

/** Those who wait without a bucket of their own, and those who come after them. */
class OverflowWaitingTest {

  private static final long SECOND = Duration.ofSeconds(1).toNanos();
  private static final PartitionedLimit PER_SECOND = limit("second", Limit.perSecond(1));
  private static final PartitionedLimit SLOT = limit("slot", Limit.inFlight(1));

  private final FakeClock clock = new FakeClock(0);
  private final Buckets buckets =
      Buckets.onClock(2, Rooms.standard(), clock, InstantSource.system());

  private static PartitionedLimit limit(String name, Limit limit) {
    return new PartitionedLimit(name, limit, Partition.IDENTITY);
  }

  private static Identity user(int number) {
    return Identity.user("acme", "u" + number);
  }

  private AwaitedReservation wait(int user, PartitionedLimit limit) {
    long minute = Duration.ofMinutes(1).toNanos();
    return (AwaitedReservation) buckets.await(user(user), List.of(limit), Cost.ONE_REQUEST, minute);
  }

  /** Takes all room for two seconds. */
  private void fillTable() {
    PartitionedLimit room = limit("room", Limit.of(1, 1, Duration.ofSeconds(2)));
    for (int i = 0; i < 2; i++) {
      assertThat(buckets.take(user(i), List.of(room), Cost.ONE_REQUEST).permitted()).isTrue();
    }
    assertThat(buckets.size()).isEqualTo(2);
  }

  /** Users 1 to 10 wait, each a second longer. */
  private void lineUp() {
    fillTable();
    assertThat(buckets.take(user(0), List.of(PER_SECOND), Cost.ONE_REQUEST).permitted()).isTrue();
    for (int i = 1; i <= 10; i++) {
      assertThat(wait(i, PER_SECOND).look()).isEqualTo(i * SECOND);
    }
    clock.advanceNanos(2 * SECOND);
  }

  @Test
  void look_roomAgain_waitsForNoStranger() {
    lineUp();
    assertThat(wait(11, PER_SECOND).look()).isEqualTo(SECOND);
  }

  /** Or they would have the tokens that they wait for there, and as many again. */
  @Test
  void look_roomAgain_waitsBehindItsOwnEarlierWait() {
    lineUp();
    assertThat(wait(7, PER_SECOND).look()).isEqualTo(6 * SECOND);
  }

  @Test
  void look_roomAgain_waitsAsLongAsBefore_whereNobodyElseDoes() {
    fillTable();
    assertThat(buckets.take(user(0), List.of(PER_SECOND), Cost.ONE_REQUEST).permitted()).isTrue();
    clock.advanceNanos(2 * SECOND);
    assertThat(wait(0, PER_SECOND).look()).isZero();
    assertThat(wait(0, PER_SECOND).look()).isEqualTo(SECOND);
  }

  @Test
  void look_slotsOfAnOverflowBucket_passInTheOrderOfArrival() {
    fillTable();
    Reservation held = buckets.reserve(user(0), List.of(SLOT), Cost.ONE_REQUEST);
    List<AwaitedReservation> waiters = new ArrayList<>();
    for (int i = 1; i <= 10; i++) {
      AwaitedReservation waiter = wait(i, SLOT);
      assertThat(waiter.look()).isPositive();
      waiters.add(waiter);
    }
    for (AwaitedReservation waiter : waiters) {
      held.close();
      assertThat(waiter.look()).isZero();
      held = waiter.result();
      assertThat(held.permitted()).isTrue();
    }
    held.close();
  }
}
