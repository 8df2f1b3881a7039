package dev.penstock.redis.wire;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.Identity;
import dev.penstock.Limit;
import dev.penstock.Partition;
import dev.penstock.PartitionedLimit;
import dev.penstock.bucket.Rooms;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class KnownBucketsTest {

  private static final int BOUND = 100;
  private static final Limit LIMIT = Limit.per(10, Duration.ofNanos(1000));
  private static final long FILL = 1000;
  private static final long A = 8 * 1001;
  private static final long B = 8 * 1002;
  private static final long OTHER = 8 * 1003;

  private static final RedisKeys KEYS = new RedisKeys("test", false);

  private final KnownBuckets buckets = new KnownBuckets(BOUND, Rooms.standard());

  private void remember(long bucket, long word, long saidAt, long now) {
    buckets.remember(bucket, said(word, saidAt), now);
  }

  private static KnownLevel said(long word, long saidAt) {
    return new KnownLevel(word, FILL, saidAt, saidAt, 0);
  }

  @Test
  void remember_olderAnswerThatSaysFull_changesNothing() {
    buckets.remember(A, new KnownLevel(30, FILL, 12, 14, 0), 14);
    buckets.remember(A, new KnownLevel(13, FILL, 13, 15, 0), 15);
    assertThat(buckets.find(A)).isEqualTo(new KnownLevel(30, FILL, 12, 14, 0));
  }

  @Test
  void beginAsking_oneOfThoseWhoKnowTheSame() {
    PartitionedLimit limit = new PartitionedLimit("one", Limit.perSecond(1), Partition.IDENTITY);
    SharedBucket unknown = SharedBucket.of(limit, Identity.user("u"), KEYS, buckets);
    remember(unknown.hash(), 20, 10, 10);
    SharedBucket bucket = SharedBucket.of(limit, Identity.user("u"), KEYS, buckets);
    assertThat(buckets.beginAsking(unknown, 15)).isFalse();
    assertThat(buckets.beginAsking(bucket, 15)).isTrue();
    assertThat(buckets.beginAsking(bucket, 16)).isFalse();
    assertThat(buckets.find(bucket.hash())).isEqualTo(said(20, 10).askedAgain(15));
  }

  @Test
  void remember_bucket_isFound() {
    remember(A, 20, 10, 10);
    assertThat(buckets.find(A)).isEqualTo(said(20, 10));
    assertThat(buckets.find(B)).isNull();
  }

  @Test
  void remember_fullBucket_isForgotten() {
    remember(A, 20, 10, 10);
    remember(A, 11, 11, 11);
    assertThat(buckets.find(A)).isNull();
    assertThat(buckets.size()).isZero();
  }

  @Test
  void remember_anEarlierSayingComesLate_theLaterWins() {
    remember(A, 30, 12, 12);
    remember(A, 20, 11, 13);
    assertThat(buckets.find(A)).isEqualTo(said(30, 12));
    remember(A, 40, 12, 13);
    assertThat(buckets.find(A)).isEqualTo(said(40, 12));
  }

  @Test
  void remember_moreThanTheBound_keepsTheOldOnesUpToDate() {
    for (int i = 0; i < 2 * BOUND; i++) {
      remember(8L * i, 1000, i, 500);
    }
    assertThat(buckets.size()).isEqualTo(BOUND);
    assertThat(buckets.find(8L * BOUND)).isNull();
    remember(0, 2000, 600, 600);
    assertThat(buckets.find(0)).isEqualTo(said(2000, 600));
  }

  @Test
  void remember_manyAddresses_leavesRoomForUsers() {
    for (int i = 0; i < 2 * BOUND; i++) {
      remember(bucket(Identity.address("a" + i)), 1000, i, 500);
    }
    assertThat(buckets.size()).isEqualTo(BOUND / 4 * 3);
    for (int i = 0; i < BOUND / 4; i++) {
      long user = bucket(Identity.user("u" + i));
      remember(user, 1000, 500, 500);
      assertThat(buckets.find(user)).isNotNull();
    }
  }

  private long bucket(Identity identity) {
    PartitionedLimit limit = new PartitionedLimit("day", Limit.perDay(1), Partition.IDENTITY);
    return SharedBucket.of(limit, identity, KEYS, buckets).hash();
  }

  @Test
  void replace_emptierOne_theReplacementWins() {
    remember(A, 30, 12, 12);
    buckets.replace(A, said(20, 12), 12);
    assertThat(buckets.find(A)).isEqualTo(said(20, 12));
    buckets.replace(A, said(13, 13), 13);
    assertThat(buckets.find(A)).isNull();
  }

  @Test
  void forget_bucket_makesRoom() {
    for (int i = 0; i < BOUND; i++) {
      remember(8L * i, 1000, 0, 0);
    }
    buckets.forget(8 * 7);
    assertThat(buckets.find(8 * 7)).isNull();
    remember(OTHER, 1000, 0, 0);
    assertThat(buckets.find(OTHER)).isNotNull();
  }

  @Test
  void levelNanos_isNeverNegative() {
    KnownLevel known = said(20, 10);
    assertThat(known.levelNanos(15, LIMIT)).isEqualTo(5);
    assertThat(known.levelNanos(25, LIMIT)).isZero();
  }

  @Test
  void levelNanos_underAnotherLimit_isTheSameFraction() {
    Limit slower = Limit.per(10, Duration.ofNanos(3000));
    assertThat(new KnownLevel(500, FILL, 0, 0, 0).levelNanos(0, slower)).isEqualTo(1500);
    assertThat(new KnownLevel(500, FILL, 0, 100, 0).levelNanosAtMost(0, slower)).isEqualTo(1800);
  }
}
