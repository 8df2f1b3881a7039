package dev.penstock.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.Crowd;
import dev.penstock.Identity;
import dev.penstock.Limit;
import dev.penstock.Partition;
import dev.penstock.PartitionedLimit;
import org.junit.jupiter.api.Test;

class LeaseTest {

  private static final PartitionedLimit TEN =
      new PartitionedLimit("ten", Limit.perSecond(10), Partition.IDENTITY);
  private static final long TOKEN = TEN.limit().nanosPerToken();
  private static final Question QUESTION =
      Question.of(TEN, Identity.user("u"), new RedisKeys("test", false), new KnownBuckets(1));
  private static final long NOW = 1_000_000_000_000L;
  private static final long LONG = 1_000_000 * TOKEN;

  private final Lease lease = new Lease(QUESTION, NOW);

  private void add(long tokens, long fullAt) {
    lease.add(tokens, fullAt, NOW, NOW + LONG, NOW);
  }

  @Test
  void take_nothingInHand_isRefused() {
    assertThat(lease.take(1, NOW)).isFalse();
    assertThat(lease.tokens(NOW)).isZero();
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
  void add_whatWasVoid_staysVoid() {
    add(5, NOW + 2 * TOKEN);
    add(4, NOW + LONG);
    assertThat(lease.tokens(NOW)).isEqualTo(6);
  }

  @Test
  void add_anEarlierAnswerComesLate_voidsNothing() {
    lease.add(5, NOW + 9 * TOKEN, NOW - 2, NOW + LONG, NOW);
    lease.add(4, NOW + 4 * TOKEN, NOW - 1, NOW + LONG, NOW);
    assertThat(lease.tokens(NOW)).isEqualTo(9);
  }

  @Test
  void add_laterAnswerOfAFullerBucket_isBelieved() {
    lease.add(5, NOW + 9 * TOKEN, NOW - 2, NOW + LONG, NOW);
    lease.add(1, NOW + 4 * TOKEN, NOW, NOW + LONG, NOW);
    assertThat(lease.tokens(NOW)).isEqualTo(4);
  }

  @Test
  void putBack_whatWasTaken_isThereAgain() {
    add(5, NOW + LONG);
    assertThat(lease.take(5, NOW)).isTrue();
    lease.putBack(5);
    assertThat(lease.tokens(NOW)).isEqualTo(5);
  }

  @Test
  void refunded_redisHasMore_soTheLeaseIsWorthLess() {
    add(5, NOW + 6 * TOKEN);
    lease.refunded(3 * TOKEN);
    assertThat(lease.tokens(NOW)).isEqualTo(3);
  }

  @Test
  void end_givesWhatIsStillOwedThen_once() {
    add(5, NOW + 5 * TOKEN);
    assertThat(lease.nanosLeft(NOW)).isEqualTo(LONG);
    assertThat(lease.end(NOW + 2 * TOKEN)).isEqualTo(3);
    assertThat(lease.end(NOW)).isZero();
    assertThat(lease.take(1, NOW)).isFalse();
    assertThat(lease.nanosLeft(NOW)).isZero();
    add(5, NOW + LONG);
    lease.putBack(1);
    assertThat(lease.tokens(NOW)).isZero();
  }

  @Test
  void mayAsk_oneAtATime() {
    assertThat(lease.mayAsk()).isTrue();
    assertThat(lease.mayAsk()).isFalse();
    lease.asked();
    assertThat(lease.mayAsk()).isTrue();
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
