package dev.penstock.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.Cost;
import dev.penstock.Identity;
import dev.penstock.Limit;
import dev.penstock.Partition;
import dev.penstock.PartitionedLimit;
import dev.penstock.base.Inside;
import dev.penstock.bucket.Rooms;
import dev.penstock.redis.Leases.Ahead;
import dev.penstock.redis.wire.KnownBuckets;
import dev.penstock.redis.wire.KnownLevel;
import dev.penstock.redis.wire.RedisKeys;
import dev.penstock.redis.wire.SharedBucket;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import org.junit.jupiter.api.Test;

class LeasesTest {

  private static final long DAY = 86_400_000_000_000L;
  private static final int BLOCK = 800;
  private static final PartitionedLimit HOT =
      new PartitionedLimit("hot", Limit.perDay(10_000).withLease(BLOCK), Partition.IDENTITY);
  private static final long TOKEN = Inside.nanosPerToken(HOT.limit());
  private static final long FILL = Inside.nanosToFill(HOT.limit());
  private static final RedisKeys KEYS = new RedisKeys("test", false);

  private final Queue<Runnable> later = new ArrayDeque<>();
  private final List<Long> delays = new ArrayList<>();
  private final List<Long> returned = new ArrayList<>();
  private final KnownBuckets known = new KnownBuckets(10, Rooms.standard());
  private long now = 1_000_000_000_000L;

  private final LeaseTimer timer =
      new LeaseTimer() {
        @Override
        public void after(long nanos, Runnable action) {
          delays.add(nanos);
          later.add(action);
        }

        @Override
        public void close() {
          later.clear();
        }
      };

  private final Leases leases = leases(2);

  private Leases leases(int maxLeases) {
    return new Leases(3, maxLeases, () -> now, timer, (bucket, tokens) -> returned.add(tokens));
  }

  private SharedBucket bucket(PartitionedLimit limit, String user) {
    return SharedBucket.of(limit, Identity.user(user), KEYS, known);
  }

  /** A bucket that was asked for a moment ago. */
  private SharedBucket asked(String user) {
    SharedBucket bucket = bucket(HOT, user);
    known.remember(bucket.hash(), new KnownLevel(now + TOKEN, FILL, now, now, 0), now);
    return bucket(HOT, user);
  }

  private SharedBucket leased(String user, long tokens) {
    SharedBucket bucket = asked(user);
    assertThat(leases.beginAsking(List.of(bucket), now)).isNotEmpty();
    leases.add(bucket, tokens, now + DAY, now, leases.resets());
    leases.endAsking(List.of(bucket));
    return bucket;
  }

  private void pass(long nanos) {
    now += nanos;
    for (int i = later.size(); i > 0; i--) {
      later.remove().run();
    }
  }

  @Test
  void beginAsking_oneCallerAtATime_beginsWithAnEighth() {
    SharedBucket bucket = asked("u");
    assertThat(leases.beginAsking(List.of(bucket), now))
        .containsExactly(new Ahead(bucket, BLOCK / 8L));
    assertThat(leases.beginAsking(List.of(bucket), now)).isEmpty();
    leases.endAsking(List.of(bucket));
    assertThat(leases.beginAsking(List.of(bucket), now))
        .containsExactly(new Ahead(bucket, BLOCK / 8L));
  }

  @Test
  void beginAsking_bucketIsNotBusy_orNotLeased_takesNothing() {
    assertThat(leases.beginAsking(List.of(bucket(HOT, "u")), now)).isEmpty();
    PartitionedLimit cold = new PartitionedLimit("cold", Limit.perDay(10_000), Partition.IDENTITY);
    assertThat(leases.mayServe(List.of(asked("u"), bucket(cold, "u")), Cost.of(1), now)).isFalse();
  }

  @Test
  void beginAsking_severalBuckets_allOrNone() {
    SharedBucket one = asked("one");
    SharedBucket two = asked("two");
    assertThat(leases.beginAsking(List.of(two), now)).isNotEmpty();
    assertThat(leases.beginAsking(List.of(one, two), now)).isEmpty();
    assertThat(leases.beginAsking(List.of(one), now)).isNotEmpty();
  }

  @Test
  void beginAsking_noRoomForAnother_onlyTheOldOnesGoOn() {
    leased("one", 10);
    SharedBucket two = leased("two", 10);
    assertThat(leases.beginAsking(List.of(asked("three")), now)).isEmpty();
    assertThat(leases.take(List.of(two), Cost.of(10), now)).isTrue();
    now++;
    assertThat(leases.beginAsking(List.of(two), now)).containsExactly(new Ahead(two, (long) BLOCK));
    leases.add(two, BLOCK, now + DAY, now, leases.resets());
    assertThat(leases.hold(List.of(two), Cost.of(BLOCK), now)).isTrue();
    assertThat(returned).isEmpty();
  }

  @Test
  void beginAsking_leaseIsOfAnotherLimit_takesNothing() {
    leased("u", 10);
    PartitionedLimit changed =
        new PartitionedLimit("hot", Limit.perDay(10_001), Partition.IDENTITY);
    assertThat(leases.beginAsking(List.of(bucket(changed, "u")), now)).isEmpty();
    assertThat(leases.take(List.of(bucket(changed, "u")), Cost.of(1), now)).isFalse();
  }

  @Test
  void look_tokensLieForASecond_allGoBack_andTheBucketRests() {
    SharedBucket bucket = leased("u", 10);
    assertThat(leases.take(List.of(bucket), Cost.of(3), now)).isTrue();
    pass(Lease.LIFE_NANOS);
    assertThat(returned).containsExactly(7L);
    assertThat(delays.get(delays.size() - 1)).isEqualTo(3 * 6 * Lease.LIFE_NANOS);
    assertThat(leases.beginAsking(List.of(asked("u")), now)).isEmpty();
    pass(3 * 6 * Lease.LIFE_NANOS);
    assertThat(leases.beginAsking(List.of(asked("u")), now)).isNotEmpty();
  }

  @Test
  void look_tokensThatAreRefilledSoon_areLeft_andTheBucketRestsUntilThen() {
    SharedBucket bucket = asked("u");
    assertThat(leases.beginAsking(List.of(bucket), now)).isNotEmpty();
    leases.add(bucket, 1, now + Lease.LIFE_NANOS + TOKEN, now, leases.resets());
    leases.endAsking(List.of(bucket));
    pass(Lease.LIFE_NANOS);
    assertThat(returned).isEmpty();
    assertThat(delays.get(delays.size() - 1)).isEqualTo(TOKEN);
    assertThat(leases.beginAsking(List.of(asked("u")), now)).isEmpty();
  }

  @Test
  void look_allSpent_isForgottenAtOnce() {
    SharedBucket bucket = leased("u", 10);
    assertThat(leases.take(List.of(bucket), Cost.of(10), now)).isTrue();
    pass(Lease.LIFE_NANOS);
    pass(0);
    assertThat(later).isEmpty();
    assertThat(returned).isEmpty();
    assertThat(leases.beginAsking(List.of(asked("u")), now)).isNotEmpty();
  }

  @Test
  void look_somebodyAsks_waitsForThem() {
    SharedBucket bucket = asked("u");
    assertThat(leases.beginAsking(List.of(bucket), now)).isNotEmpty();
    pass(Lease.LIFE_NANOS);
    leases.add(bucket, 10, now + DAY, now, leases.resets());
    assertThat(leases.hold(List.of(bucket), Cost.of(10), now)).isTrue();
  }

  @Test
  void add_leaseIsOver_tokensGoBack() {
    SharedBucket bucket = leased("u", 10);
    leases.close();
    leases.add(bucket, 5, now + DAY, now, leases.resets());
    assertThat(returned).containsExactly(10L, 5L);
  }

  @Test
  void add_refundOfAnotherBucketMeanwhile_isKept() {
    SharedBucket bucket = asked("u");
    int resets = leases.resets();
    assertThat(leases.beginAsking(List.of(bucket), now)).isNotEmpty();
    leases.refunded(bucket(HOT, "other"), Inside.nanosPerToken(HOT.limit()));
    leases.add(bucket, 10, now + DAY, now, resets);
    assertThat(leases.hold(List.of(bucket), Cost.of(10), now)).isTrue();
  }

  @Test
  void add_resetMeanwhile_isVoid() {
    SharedBucket bucket = asked("u");
    int resets = leases.resets();
    assertThat(leases.beginAsking(List.of(bucket), now)).isNotEmpty();
    leases.beginReset();
    leases.add(bucket, 10, now + DAY, now, resets);
    leases.endReset();
    leases.add(bucket, 10, now + DAY, now, resets);
    assertThat(leases.hold(List.of(bucket), Cost.of(1), now)).isFalse();
  }

  @Test
  void take_severalBuckets_allOrNothing() {
    SharedBucket one = leased("one", 10);
    SharedBucket two = leased("two", 5);
    assertThat(leases.take(List.of(one, two), Cost.of(6), now)).isFalse();
    assertThat(leases.hold(List.of(one), Cost.of(10), now)).isTrue();
    assertThat(leases.take(List.of(one, two), Cost.of(5), now)).isTrue();
    assertThat(leases.hold(List.of(two), Cost.of(1), now)).isFalse();
  }
}
