package dev.penstock.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.Identity;
import dev.penstock.Limit;
import dev.penstock.Partition;
import dev.penstock.PartitionedLimit;
import dev.penstock.memory.Rooms;
import dev.penstock.redis.KnownBuckets.Known;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import org.junit.jupiter.api.Test;

class LeasesTest {

  private static final long DAY = 86_400_000_000_000L;
  private static final int BLOCK = 800;
  private static final PartitionedLimit HOT =
      new PartitionedLimit("hot", Limit.perDay(10_000), Partition.IDENTITY);
  private static final long TOKEN = HOT.limit().nanosPerToken();
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
    return new Leases(
        new Leases.Plan(Map.of("hot", (long) BLOCK), 3, maxLeases),
        () -> now,
        timer,
        (question, tokens) -> returned.add(tokens));
  }

  private Question question(PartitionedLimit limit, String user) {
    return Question.of(limit, Identity.user(user), KEYS, known);
  }

  /** A question about a bucket that was asked for a moment ago. */
  private Question asked(String user) {
    Question question = question(HOT, user);
    known.remember(question.bucket(), new Known(now + TOKEN, now, now, 0), now);
    return question(HOT, user);
  }

  private Question leased(String user, long tokens) {
    Question question = asked(user);
    assertThat(leases.beginAsking(List.of(question), now)).isNotEmpty();
    leases.add(question, tokens, now + DAY, now, leases.resets());
    leases.endAsking(List.of(question));
    return question;
  }

  private void pass(long nanos) {
    now += nanos;
    for (int i = later.size(); i > 0; i--) {
      later.remove().run();
    }
  }

  @Test
  void beginAsking_oneCallerAtATime_beginsWithAnEighth() {
    Question question = asked("u");
    assertThat(leases.beginAsking(List.of(question), now)).containsExactly(BLOCK / 8L);
    assertThat(leases.beginAsking(List.of(question), now)).isEmpty();
    leases.endAsking(List.of(question));
    assertThat(leases.beginAsking(List.of(question), now)).containsExactly(BLOCK / 8L);
  }

  @Test
  void beginAsking_bucketIsNotBusy_orNotLeased_takesNothing() {
    assertThat(leases.beginAsking(List.of(question(HOT, "u")), now)).isEmpty();
    PartitionedLimit cold = new PartitionedLimit("cold", HOT.limit(), Partition.IDENTITY);
    assertThat(leases.mayLease(List.of(asked("u"), question(cold, "u")))).isFalse();
  }

  @Test
  void beginAsking_severalBuckets_allOrNone() {
    Question one = asked("one");
    Question two = asked("two");
    assertThat(leases.beginAsking(List.of(two), now)).isNotEmpty();
    assertThat(leases.beginAsking(List.of(one, two), now)).isEmpty();
    assertThat(leases.beginAsking(List.of(one), now)).isNotEmpty();
  }

  @Test
  void beginAsking_noRoomForAnother_onlyTheOldOnesGoOn() {
    leased("one", 10);
    Question two = leased("two", 10);
    assertThat(leases.beginAsking(List.of(asked("three")), now)).isEmpty();
    assertThat(leases.take(List.of(two), 10, now)).isTrue();
    now++;
    assertThat(leases.beginAsking(List.of(two), now)).containsExactly((long) BLOCK);
    leases.add(two, BLOCK, now + DAY, now, leases.resets());
    assertThat(leases.hold(List.of(two), BLOCK, now)).isTrue();
    assertThat(returned).isEmpty();
  }

  @Test
  void beginAsking_leaseIsOfAnotherLimit_takesNothing() {
    leased("u", 10);
    PartitionedLimit changed =
        new PartitionedLimit("hot", Limit.perDay(10_001), Partition.IDENTITY);
    assertThat(leases.beginAsking(List.of(question(changed, "u")), now)).isEmpty();
    assertThat(leases.take(List.of(question(changed, "u")), 1, now)).isFalse();
  }

  @Test
  void look_tokensLieForASecond_allGoBack_andTheBucketRests() {
    Question question = leased("u", 10);
    assertThat(leases.take(List.of(question), 3, now)).isTrue();
    pass(Lease.LIFE_NANOS);
    assertThat(returned).containsExactly(7L);
    assertThat(delays.get(delays.size() - 1)).isEqualTo(3 * 6 * Lease.LIFE_NANOS);
    assertThat(leases.beginAsking(List.of(asked("u")), now)).isEmpty();
    pass(3 * 6 * Lease.LIFE_NANOS);
    assertThat(leases.beginAsking(List.of(asked("u")), now)).isNotEmpty();
  }

  @Test
  void look_tokensThatAreRefilledSoon_areLeft_andTheBucketRestsUntilThen() {
    Question question = asked("u");
    assertThat(leases.beginAsking(List.of(question), now)).isNotEmpty();
    leases.add(question, 1, now + Lease.LIFE_NANOS + TOKEN, now, leases.resets());
    leases.endAsking(List.of(question));
    pass(Lease.LIFE_NANOS);
    assertThat(returned).isEmpty();
    assertThat(delays.get(delays.size() - 1)).isEqualTo(TOKEN);
    assertThat(leases.beginAsking(List.of(asked("u")), now)).isEmpty();
  }

  @Test
  void look_allSpent_isForgottenAtOnce() {
    Question question = leased("u", 10);
    assertThat(leases.take(List.of(question), 10, now)).isTrue();
    pass(Lease.LIFE_NANOS);
    pass(0);
    assertThat(later).isEmpty();
    assertThat(returned).isEmpty();
    assertThat(leases.beginAsking(List.of(asked("u")), now)).isNotEmpty();
  }

  @Test
  void look_somebodyAsks_waitsForThem() {
    Question question = asked("u");
    assertThat(leases.beginAsking(List.of(question), now)).isNotEmpty();
    pass(Lease.LIFE_NANOS);
    leases.add(question, 10, now + DAY, now, leases.resets());
    assertThat(leases.hold(List.of(question), 10, now)).isTrue();
  }

  @Test
  void add_leaseIsOver_tokensGoBack() {
    Question question = leased("u", 10);
    leases.close();
    leases.add(question, 5, now + DAY, now, leases.resets());
    assertThat(returned).containsExactly(10L, 5L);
  }

  @Test
  void add_refundOfAnotherBucketMeanwhile_isKept() {
    Question question = asked("u");
    int resets = leases.resets();
    assertThat(leases.beginAsking(List.of(question), now)).isNotEmpty();
    leases.refunded(List.of(question(HOT, "other")), List.of(HOT.limit().nanosPerToken()));
    leases.add(question, 10, now + DAY, now, resets);
    assertThat(leases.hold(List.of(question), 10, now)).isTrue();
  }

  @Test
  void add_resetMeanwhile_isVoid() {
    Question question = asked("u");
    int resets = leases.resets();
    assertThat(leases.beginAsking(List.of(question), now)).isNotEmpty();
    leases.beginReset(List.of(question));
    leases.add(question, 10, now + DAY, now, resets);
    leases.endReset();
    leases.add(question, 10, now + DAY, now, resets);
    assertThat(leases.hold(List.of(question), 1, now)).isFalse();
  }

  @Test
  void take_severalBuckets_allOrNothing() {
    Question one = leased("one", 10);
    Question two = leased("two", 5);
    assertThat(leases.take(List.of(one, two), 6, now)).isFalse();
    assertThat(leases.hold(List.of(one), 10, now)).isTrue();
    assertThat(leases.take(List.of(one, two), 5, now)).isTrue();
    assertThat(leases.hold(List.of(two), 1, now)).isFalse();
  }
}
