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
import java.util.List;
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
}
