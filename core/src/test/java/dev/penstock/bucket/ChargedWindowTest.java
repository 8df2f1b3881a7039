package dev.penstock.bucket;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.CalendarUnit;
import dev.penstock.Cost;
import dev.penstock.FakeClock;
import dev.penstock.Identity;
import dev.penstock.Limit;
import dev.penstock.Partition;
import dev.penstock.PartitionedLimit;
import dev.penstock.Reservation;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Windows in a table that has room for one bucket. */
class ChargedWindowTest {

  private static final Identity USER = Identity.user("acme", "u1");
  private static final Identity OTHER = Identity.user("acme", "u2");
  private static final PartitionedLimit SLIDING =
      limit("sliding", Limit.slidingWindow(10, Duration.ofMinutes(1)));
  private static final PartitionedLimit DAILY =
      limit("daily", Limit.fixedWindow(3, CalendarUnit.DAY, ZoneOffset.UTC));

  private Instant wall = Instant.parse("2026-03-01T12:00:00Z");
  private final Buckets buckets =
      Buckets.onClock(1, Rooms.standard(), new FakeClock(0), () -> wall);

  private static PartitionedLimit limit(String name, Limit limit) {
    return new PartitionedLimit(name, limit, Partition.IDENTITY);
  }

  private boolean take(Identity identity, PartitionedLimit limit) {
    return buckets.take(identity, List.of(limit), Cost.ONE_REQUEST).permitted();
  }

  private long remaining(PartitionedLimit limit) {
    return buckets.look(USER, List.of(limit), Cost.ONE_REQUEST).buckets().get(0).remaining();
  }

  /** There is no room for the last window beside this one, so what counts of it counts here. */
  @Test
  void settle_lastWindowIsFoldedIntoThis_putsBackNothingOfOthers() {
    Reservation run = buckets.reserve(USER, List.of(SLIDING), Cost.ONE_REQUEST);
    for (int i = 0; i < 5; i++) {
      assertThat(take(USER, SLIDING)).isTrue();
    }
    wall = wall.plusSeconds(60);
    assertThat(remaining(SLIDING)).isEqualTo(4);

    run.settle(Cost.of(3));
    assertThat(remaining(SLIDING)).isEqualTo(2);
    run.settle(Cost.of(1));
    assertThat(remaining(SLIDING)).isEqualTo(4);
    run.cancel();
    assertThat(remaining(SLIDING)).isEqualTo(4);
  }

  /** The clock was three days ahead when the overflow bucket was charged. */
  @Test
  void take_overflowBucketOfAClockFarAhead_isUsedUpForThisWindowAlone() {
    assertThat(take(OTHER, limit("room", Limit.perDay(1)))).isTrue();
    wall = wall.plus(Duration.ofDays(3));
    assertThat(take(USER, DAILY)).isTrue();
    wall = wall.minus(Duration.ofDays(3));
    assertThat(take(USER, DAILY)).isFalse();
    wall = wall.plus(Duration.ofDays(1));
    assertThat(take(USER, DAILY)).isTrue();
  }
}
