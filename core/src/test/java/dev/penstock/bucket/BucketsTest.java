package dev.penstock.bucket;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.Cost;
import dev.penstock.FakeClock;
import dev.penstock.Identity;
import dev.penstock.Limit;
import dev.penstock.Partition;
import dev.penstock.PartitionedLimit;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a limiter needs that keeps its buckets elsewhere and falls back on these. */
class BucketsTest {

  private static final Identity USER = Identity.user("acme", "u1");
  private static final PartitionedLimit SIX =
      new PartitionedLimit("six", Limit.perMinute(6), Partition.IDENTITY);
  private static final List<PartitionedLimit> LIMITS = List.of(SIX);
  private static final long TEN_SECONDS = Duration.ofSeconds(10).toNanos();

  private final FakeClock clock = new FakeClock(0);
  private final Buckets buckets =
      Buckets.onClock(10, Rooms.standard(), clock, InstantSource.system());

  @Test
  void follow_fullBucket_isAsEmptyAsSaid() {
    buckets.follow(USER, SIX, 2 * TEN_SECONDS, 2 * TEN_SECONDS);
    assertThat(remaining()).isEqualTo(4);
  }

  @Test
  void follow_toTheSame_emptierBucketStaysAsItIs() {
    buckets.take(USER, LIMITS, Cost.of(5));
    buckets.follow(USER, SIX, 2 * TEN_SECONDS, 2 * TEN_SECONDS);
    assertThat(remaining()).isEqualTo(1);
  }

  @Test
  void follow_toFull_createsNothing() {
    buckets.follow(USER, SIX, TEN_SECONDS, 0);
    assertThat(buckets.size()).isZero();
  }

  @Test
  void follow_withoutRoom_emptiesTheOverflowBucket() {
    Buckets tiny = Buckets.onClock(1, Rooms.standard(), clock, InstantSource.system());
    tiny.take(Identity.user("other"), LIMITS, Cost.of(1));
    tiny.follow(USER, SIX, 0, 6 * TEN_SECONDS);
    assertThat(tiny.take(USER, LIMITS, Cost.of(1)).permitted()).isFalse();
  }

  @Test
  void follow_spentBucketDown_isFullByThatMuchSooner() {
    buckets.take(USER, LIMITS, Cost.of(3));
    clock.advance(Duration.ofSeconds(10));
    assertThat(buckets.levelNanos(USER, SIX)).isEqualTo(2 * TEN_SECONDS);
    buckets.follow(USER, SIX, TEN_SECONDS, 0);
    assertThat(buckets.levelNanos(USER, SIX)).isEqualTo(TEN_SECONDS);
    buckets.follow(USER, SIX, 5 * TEN_SECONDS, 0);
    assertThat(buckets.levelNanos(USER, SIX)).isZero();
    assertThat(remaining()).isEqualTo(6);
  }

  @Test
  void levelNanos_absentBucket_isZero() {
    assertThat(buckets.levelNanos(USER, SIX)).isZero();
  }

  @Test
  void follow_upAndDown_whatWasSpentHereStaysOnTop() {
    buckets.follow(USER, SIX, 0, TEN_SECONDS);
    buckets.take(USER, LIMITS, Cost.of(2));
    buckets.follow(USER, SIX, TEN_SECONDS, 3 * TEN_SECONDS);
    assertThat(buckets.levelNanos(USER, SIX)).isEqualTo(5 * TEN_SECONDS);
    buckets.follow(USER, SIX, 3 * TEN_SECONDS, 0);
    assertThat(buckets.levelNanos(USER, SIX)).isEqualTo(2 * TEN_SECONDS);
  }

  @Test
  void follow_whatWasSpentHereIsRefilled_standsWhereItIsTold() {
    buckets.take(USER, LIMITS, Cost.of(1));
    clock.advance(Duration.ofSeconds(5));
    buckets.follow(USER, SIX, TEN_SECONDS, 3 * TEN_SECONDS);
    assertThat(buckets.levelNanos(USER, SIX)).isEqualTo(3 * TEN_SECONDS);
  }

  @Test
  void follow_fromFullSinceLongAgo_absentBucketStandsWhereItIsTold() {
    buckets.follow(USER, SIX, -5 * TEN_SECONDS, TEN_SECONDS);
    assertThat(buckets.levelNanos(USER, SIX)).isEqualTo(TEN_SECONDS);
  }

  @Test
  void follow_toFullSinceLongAgo_isFull() {
    buckets.take(USER, LIMITS, Cost.of(1));
    buckets.follow(USER, SIX, 2 * TEN_SECONDS, -TEN_SECONDS);
    assertThat(buckets.levelNanos(USER, SIX)).isZero();
    assertThat(remaining()).isEqualTo(6);
  }

  /** It is the other store that says what becomes of that. */
  @Test
  void follow_furtherFromFullThanTheLimitAllows_staysSo() {
    buckets.follow(USER, SIX, 0, 8 * TEN_SECONDS);
    assertThat(buckets.take(USER, LIMITS, Cost.of(1)).permitted()).isFalse();
    assertThat(buckets.levelNanos(USER, SIX)).isEqualTo(8 * TEN_SECONDS);
  }

  private long remaining() {
    return buckets.look(USER, LIMITS, Cost.of(1)).buckets().get(0).remaining();
  }
}
