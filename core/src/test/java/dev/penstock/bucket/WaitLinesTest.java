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
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What settlements of others do to those who wait. */
class WaitLinesTest {

  private static final Identity USER = Identity.user("acme", "u1");
  private static final long SECOND = Duration.ofSeconds(1).toNanos();
  private static final PartitionedLimit LIMIT =
      new PartitionedLimit("second", Limit.perSecond(1).withOverdraft(2), Partition.IDENTITY);

  private final Buckets buckets =
      Buckets.onClock(1000, Rooms.standard(), new FakeClock(0), InstantSource.system());

  private AwaitedReservation waiting() {
    AwaitedReservation waiter =
        (AwaitedReservation) buckets.await(USER, List.of(LIMIT), Cost.ONE_REQUEST, 60 * SECOND);
    assertThat(waiter.look()).isPositive();
    return waiter;
  }

  private long level() {
    return buckets.levelNanos(USER, LIMIT);
  }

  /** What is charged beyond the overdraft is cut, and what was taken by others stays theirs. */
  @Test
  void settle_beyondTheOverdraftBehindThoseWhoWait_theyPutBackAllTheSame() {
    Reservation run = buckets.reserve(USER, List.of(LIMIT), Cost.ONE_REQUEST);
    AwaitedReservation first = waiting();
    AwaitedReservation second = waiting();
    assertThat(level()).isEqualTo(3 * SECOND);

    run.settle(Cost.of(100));
    assertThat(level()).isEqualTo(5 * SECOND);
    first.giveUp();
    assertThat(level()).isEqualTo(4 * SECOND);
    assertThat(second.look()).isEqualTo(SECOND);
    second.giveUp();
    assertThat(level()).isEqualTo(3 * SECOND);
  }

  /** What was charged behind them does not bring them forward when it goes back. */
  @Test
  void settle_moreAndThenLess_movesOnlyThoseUpWhoCameAfterwards() {
    Reservation run = buckets.reserve(USER, List.of(LIMIT), Cost.ONE_REQUEST);
    AwaitedReservation before = waiting();
    run.settle(Cost.of(3));
    AwaitedReservation after = waiting();
    assertThat(before.look()).isEqualTo(SECOND);
    assertThat(after.look()).isEqualTo(4 * SECOND);

    run.settle(Cost.of(2));
    assertThat(before.look()).isEqualTo(SECOND);
    assertThat(after.look()).isEqualTo(3 * SECOND);
    run.settle(Cost.of(1));
    assertThat(before.look()).isEqualTo(SECOND);
    assertThat(after.look()).isEqualTo(2 * SECOND);
    run.cancel();
    assertThat(before.look()).isZero();
    assertThat(after.look()).isEqualTo(SECOND);
    assertThat(level()).isEqualTo(2 * SECOND);
  }

  @Test
  void settle_moreAndThenLess_whileOneLeaves_movesNobodyUp() {
    Reservation first = buckets.reserve(USER, List.of(LIMIT), Cost.ONE_REQUEST);
    AwaitedReservation waiter = waiting();
    AwaitedReservation other = waiting();
    first.settle(Cost.of(2));
    other.giveUp();
    first.settle(Cost.of(1));
    assertThat(waiter.look()).isEqualTo(SECOND);
    assertThat(level()).isEqualTo(2 * SECOND);
  }

  /**
   * Nobody is earlier than where whatever was charged before them, and was not put back since,
   * stands in one line; what a reservation puts back is what it was charged last.
   */
  @Test
  void everything_anyOrder_nobodyIsEarlierThanALineOfAllThatIsCharged() {
    for (int seed = 0; seed < 300; seed++) {
      new Line(seed).run();
    }
  }

  private static final class Line {

    private static final PartitionedLimit THREE =
        new PartitionedLimit(
            "three", Limit.of(3, 1, Duration.ofSeconds(1)).withOverdraft(4), Partition.IDENTITY);

    private final Buckets buckets =
        Buckets.onClock(1000, Rooms.standard(), new FakeClock(0), InstantSource.system());
    private final Random random;
    private final String as;

    /** A token each, in the order in which they were charged; whose it is. */
    private final List<Object> charged = new ArrayList<>();

    private final Set<AwaitedReservation> waiting = new LinkedHashSet<>();
    private final List<AwaitedReservation> passed = new ArrayList<>();
    private int extra;

    Line(int seed) {
      this.random = new Random(seed);
      this.as = "seed " + seed;
    }

    void run() {
      for (int step = 0; step < 60; step++) {
        switch (random.nextInt(4)) {
          case 0 -> join();
          case 1 -> leave();
          case 2 -> settle(1);
          default -> settle(-1);
        }
        check();
      }
    }

    private void join() {
      AwaitedReservation waiter =
          (AwaitedReservation) buckets.await(USER, List.of(THREE), Cost.ONE_REQUEST, 1000 * SECOND);
      charged.add(waiter);
      waiting.add(waiter);
    }

    private void leave() {
      waiting.stream()
          .skip(random.nextInt(waiting.size() + 1))
          .findFirst()
          .ifPresent(
              waiter -> {
                waiter.giveUp();
                waiting.remove(waiter);
                charged.remove(waiter);
              });
    }

    private void settle(int change) {
      if (passed.isEmpty() || extra + change > 4) {
        return;
      }
      AwaitedReservation run = passed.get(random.nextInt(passed.size()));
      int total = Collections.frequency(charged, run) + change;
      if (total < 0) {
        return;
      }
      run.result().settle(Cost.of(total));
      if (change > 0) {
        charged.add(run);
      } else {
        charged.remove(charged.lastIndexOf(run));
      }
      extra = Math.max(0, extra + change);
    }

    private void check() {
      for (AwaitedReservation waiter : List.copyOf(waiting)) {
        long ahead = charged.indexOf(waiter) - 2L;
        long nanos = waiter.look();
        assertThat(nanos).as(as).isGreaterThanOrEqualTo(ahead * SECOND);
        if (nanos == 0) {
          waiting.remove(waiter);
          passed.add(waiter);
        }
      }
      assertThat(buckets.levelNanos(USER, THREE))
          .as(as)
          .isGreaterThanOrEqualTo(charged.size() * SECOND);
    }
  }
}
