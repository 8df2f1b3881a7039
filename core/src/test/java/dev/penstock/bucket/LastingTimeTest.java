package dev.penstock.bucket;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.CalendarUnit;
import dev.penstock.Cost;
import dev.penstock.FakeClock;
import dev.penstock.Identity;
import dev.penstock.Limit;
import dev.penstock.Partition;
import dev.penstock.PartitionedLimit;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import org.junit.jupiter.api.Test;

class LastingTimeTest {

  private static final long MINUTE = Duration.ofMinutes(1).toNanos();
  private static final long YEAR = Duration.ofDays(365).toNanos();

  private final FakeClock clock = new FakeClock(1);
  private long lead = YEAR;
  private final LastingTime time = new LastingTime(clock, () -> clock.getAsLong() + lead);

  private long leadAfter(long nanos) {
    clock.advanceNanos(nanos);
    return time.getAsLong() - clock.getAsLong();
  }

  @Test
  void getAsLong_clockOfTheRightPace_isItsTime() {
    for (int i = 0; i < 100; i++) {
      assertThat(leadAfter(7 * MINUTE)).isEqualTo(YEAR);
    }
  }

  @Test
  void getAsLong_aheadForAMoment_isAsBefore() {
    for (int hour = 0; hour < 10; hour++) {
      lead = YEAR + Duration.ofDays(3).toNanos();
      assertThat(leadAfter(0)).isEqualTo(YEAR);
      assertThat(leadAfter(59 * MINUTE)).isEqualTo(YEAR);
      lead = YEAR;
      assertThat(leadAfter(0)).isEqualTo(YEAR);
      assertThat(leadAfter(MINUTE)).isEqualTo(YEAR);
    }
  }

  @Test
  void getAsLong_wrongAtTheFirstReadingForLong_isAsBefore() {
    lead = 2 * YEAR;
    assertThat(leadAfter(100 * 60 * MINUTE)).isEqualTo(YEAR);
  }

  @Test
  void getAsLong_aheadForGood_isFollowedWithinTwoHours() {
    lead = 2 * YEAR;
    assertThat(leadAfter(MINUTE)).isEqualTo(YEAR);
    for (int i = 0; i < 120; i++) {
      leadAfter(MINUTE);
    }
    assertThat(leadAfter(MINUTE)).isEqualTo(2 * YEAR);
  }

  @Test
  void getAsLong_back_isFollowedAtOnce() {
    lead = -YEAR;
    assertThat(leadAfter(0)).isEqualTo(-YEAR);
  }

  /** Newcomers look for room at the moment at which the clock is two days ahead. */
  @Test
  void take_newcomersWhileTheWallClockIsAhead_isNoFreshWindow() {
    Instant[] wall = {Instant.parse("2026-03-01T12:00:00Z")};
    Buckets buckets = Buckets.onClock(1, Rooms.standard(), clock, () -> wall[0]);
    PartitionedLimit daily = limit("daily", Limit.fixedWindow(1, CalendarUnit.DAY, ZoneOffset.UTC));
    PartitionedLimit other = limit("other", Limit.perDay(1));
    assertThat(take(buckets, "u0", daily)).isTrue();

    wall[0] = wall[0].plus(Duration.ofDays(2));
    take(buckets, "u1", other);
    wall[0] = wall[0].minus(Duration.ofDays(2));

    assertThat(take(buckets, "u0", daily)).isFalse();
  }

  private static PartitionedLimit limit(String name, Limit limit) {
    return new PartitionedLimit(name, limit, Partition.IDENTITY);
  }

  private static boolean take(Buckets buckets, String user, PartitionedLimit limit) {
    return buckets.take(Identity.user("acme", user), List.of(limit), Cost.ONE_REQUEST).permitted();
  }
}
