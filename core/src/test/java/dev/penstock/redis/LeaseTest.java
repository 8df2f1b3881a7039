package dev.penstock.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.Crowd;
import dev.penstock.Identity;
import dev.penstock.Limit;
import dev.penstock.Partition;
import dev.penstock.PartitionedLimit;
import dev.penstock.base.Inside;
import dev.penstock.bucket.Rooms;
import dev.penstock.redis.wire.KnownBuckets;
import dev.penstock.redis.wire.RedisKeys;
import dev.penstock.redis.wire.SharedBucket;
import org.junit.jupiter.api.Test;

class LeaseTest {

  private static final PartitionedLimit TEN =
      new PartitionedLimit("ten", Limit.perSecond(10), Partition.IDENTITY);
  private static final long TOKEN = Inside.nanosPerToken(TEN.limit());
  private static final SharedBucket QUESTION =
      SharedBucket.of(
          TEN,
          Identity.user("u"),
          new RedisKeys("test", false),
          new KnownBuckets(1, Rooms.standard()));
  private static final long NOW = 1_000_000_000_000L;
  private static final long LONG = 1_000_000 * TOKEN;

  private static final long LIFE = Lease.LIFE_NANOS;

  private final Lease lease = new Lease(QUESTION);

  private void add(long tokens, long word) {
    assertThat(lease.add(tokens, word, NOW)).isTrue();
  }

  @Test
  void take_nothingInHand_isRefused() {
    assertThat(lease.take(1, NOW)).isFalse();
    assertThat(lease.tokens(NOW)).isZero();
    assertThat(lease.levelNanos(NOW)).isZero();
  }

  @Test
  void take_upToWhatIsInHand() {
    add(5, NOW + LONG);
    assertThat(lease.take(3, NOW)).isTrue();
    assertThat(lease.take(3, NOW)).isFalse();
    assertThat(lease.take(2, NOW)).isTrue();
    assertThat(lease.take(1, NOW)).isFalse();
  }

  @Test
  void tokens_asRedisRefills_areVoid() {
    add(5, NOW + 5 * TOKEN);
    assertThat(lease.tokens(NOW)).isEqualTo(5);
    assertThat(lease.tokens(NOW + 1)).isEqualTo(4);
    assertThat(lease.take(4, NOW + 2 * TOKEN)).isFalse();
    assertThat(lease.take(3, NOW + 2 * TOKEN)).isTrue();
    assertThat(lease.tokens(NOW + 2 * TOKEN)).isZero();
  }

  @Test
  void tokens_afterTheirLife_mayNotBeSpent() {
    add(5, NOW + LONG);
    assertThat(lease.tokens(NOW + LIFE - 1)).isEqualTo(5);
    assertThat(lease.tokens(NOW + LIFE)).isZero();
    assertThat(lease.take(1, NOW + LIFE)).isFalse();
    assertThat(lease.nanosLeft(NOW + 1)).isEqualTo(LIFE - 1);
  }

  /** What was charged in between belongs to others. */
  @Test
  void add_later_makesEarlierTokensWorthNoMore() {
    add(5, NOW + 5 * TOKEN);
    add(4, NOW + 20 * TOKEN);
    assertThat(lease.tokens(NOW)).isEqualTo(9);
    assertThat(lease.tokens(NOW + 3 * TOKEN)).isEqualTo(6);
    assertThat(lease.tokens(NOW + 6 * TOKEN)).isEqualTo(4);
    assertThat(lease.levelNanos(NOW)).isEqualTo(11 * TOKEN);
  }

  @Test
  void add_answersInAnotherOrder_isTheSame() {
    add(4, NOW + 20 * TOKEN);
    add(5, NOW + 5 * TOKEN);
    assertThat(lease.tokens(NOW + 3 * TOKEN)).isEqualTo(6);
    assertThat(lease.levelNanos(NOW)).isEqualTo(11 * TOKEN);
  }

  @Test
  void take_earliestFirst() {
    add(5, NOW + 5 * TOKEN);
    add(4, NOW + 20 * TOKEN);
    assertThat(lease.take(6, NOW)).isTrue();
    assertThat(lease.tokens(NOW + 9 * TOKEN)).isEqualTo(3);
  }

  @Test
  void putBack_whatWasTaken_isThereAgain() {
    add(5, NOW + LONG);
    assertThat(lease.take(5, NOW)).isTrue();
    add(3, NOW + LONG);
    assertThat(lease.take(2, NOW)).isTrue();
    lease.putBack(2);
    assertThat(lease.tokens(NOW)).isEqualTo(3);
    lease.putBack(1);
    assertThat(lease.tokens(NOW)).isEqualTo(3);
  }

  @Test
  void refunded_redisHasMore_soTheLeaseIsWorthLess() {
    add(5, NOW + 6 * TOKEN);
    lease.refunded(3 * TOKEN);
    assertThat(lease.tokens(NOW)).isEqualTo(3);
  }

  @Test
  void end_tokensOfLaterIntervals_goBack_once() {
    add(5, NOW + 5 * TOKEN);
    add(3, NOW + 20 * TOKEN);
    Lease.Left left = lease.end(NOW, NOW + 4 * TOKEN);
    assertThat(left.back()).isEqualTo(1 + 3);
    assertThat(left.refilledAt()).isEqualTo(NOW + 4 * TOKEN);
    assertThat(lease.end(NOW, NOW)).isEqualTo(new Lease.Left(0, NOW));
  }

  @Test
  void end_nothingIsLeftBehind_needsNoRefill() {
    add(5, NOW + 50 * TOKEN);
    assertThat(lease.end(NOW, NOW + 4 * TOKEN)).isEqualTo(new Lease.Left(5, NOW));
  }

  @Test
  void end_tooLate_nothingGoesBack() {
    add(5, NOW + LONG);
    long late = NOW + 2 * LIFE + 1;
    assertThat(lease.end(late, late)).isEqualTo(new Lease.Left(0, NOW + LONG));
  }

  @Test
  void end_isForEver() {
    add(5, NOW + LONG);
    assertThat(lease.isFor(QUESTION)).isTrue();
    lease.end(NOW, NOW);
    assertThat(lease.isFor(QUESTION)).isFalse();
    assertThat(lease.take(1, NOW)).isFalse();
    assertThat(lease.add(5, NOW + LONG, NOW)).isFalse();
    lease.putBack(1);
    lease.refunded(1);
    assertThat(lease.tokens(NOW)).isZero();
  }

  @Test
  void beginAsking_oneAtATime() {
    assertThat(lease.isIdle()).isTrue();
    assertThat(lease.beginAsking()).isTrue();
    assertThat(lease.isIdle()).isFalse();
    assertThat(lease.beginAsking()).isFalse();
    lease.endAsking();
    assertThat(lease.beginAsking()).isTrue();
  }

  @Test
  void wanted_isWhatGoesInHalfALife() {
    assertThat(lease.wanted(1_000, NOW)).isEqualTo(125);
    add(100, NOW + LONG);
    assertThat(lease.take(50, NOW)).isTrue();
    assertThat(lease.isHalfSpent(NOW)).isFalse();
    assertThat(lease.take(1, NOW)).isTrue();
    assertThat(lease.isHalfSpent(NOW)).isTrue();
    assertThat(lease.wanted(1_000, NOW + LIFE / 10)).isEqualTo(255);
    assertThat(lease.wanted(1_000, NOW + LIFE / 1000)).isEqualTo(1_000);
    assertThat(lease.wanted(1_000, NOW + LIFE - 1)).isEqualTo(25);
  }

  @Test
  void take_manyThreads_takeExactlyWhatIsInHand() {
    add(10_000, NOW + LONG);
    try (Crowd crowd = new Crowd(8)) {
      int taken =
          crowd
              .ask(
                  thread -> {
                    int sum = 0;
                    for (int i = 0; i < 2_000; i++) {
                      sum += lease.take(1, NOW) ? 1 : 0;
                    }
                    return sum;
                  })
              .stream()
              .mapToInt(Integer::intValue)
              .sum();
      assertThat(taken).isEqualTo(10_000);
    }
  }
}
