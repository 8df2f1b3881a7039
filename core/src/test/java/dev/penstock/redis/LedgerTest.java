package dev.penstock.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.Ban;
import dev.penstock.Cost;
import dev.penstock.Decision;
import dev.penstock.FakeClock;
import dev.penstock.Identity;
import dev.penstock.Limit;
import dev.penstock.LimitPolicy;
import dev.penstock.Partition;
import dev.penstock.PartitionedLimit;
import dev.penstock.RateLimiter;
import dev.penstock.RecordingLimiter;
import dev.penstock.Reservation;
import dev.penstock.base.Inside;
import dev.penstock.base.Timer;
import dev.penstock.bucket.Rooms;
import dev.penstock.redis.Ledger.Debt;
import dev.penstock.redis.wire.KnownBuckets;
import dev.penstock.redis.wire.KnownLevel;
import dev.penstock.redis.wire.RedisKeys;
import dev.penstock.redis.wire.ScriptCall.Operation;
import dev.penstock.redis.wire.SharedBucket;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class LedgerTest {

  private static final Identity USER = Identity.user("user");
  private static final Timer TIMER = new Timer("ledger-test");
  private static final PartitionedLimit TEN =
      new PartitionedLimit("ten", Limit.perSecond(10), Partition.IDENTITY);
  private static final RedisKeys KEYS = new RedisKeys("test", false);
  private static final long TOKEN = Inside.nanosPerToken(TEN.limit());
  private static final long FILL = Inside.nanosToFill(TEN.limit());

  private final FakeClock clock = new FakeClock(1_000_000_000_000L);
  private final KnownBuckets known = new KnownBuckets(100, Rooms.standard());
  private final Ledger ledger = new Ledger(known, new FleetShare(1), 100, Rooms.standard(), clock);

  /** When the bucket in Redis is full. */
  private long redis = clock.getAsLong();

  private SharedBucket bucket() {
    return SharedBucket.of(TEN, USER, KEYS, known);
  }

  private boolean takeHere(int tokens) {
    return ledger.decide(List.of(bucket()), Cost.of(tokens), true).permitted();
  }

  private List<Long> left(Ledger books, long nanos) {
    List<Settlement.Due> dues = List.of(new Settlement.Due(bucket(), nanos));
    Settlement putBack = new Settlement(Operation.REFUND, dues, 0, "receipt", false);
    return books.giveBack(putBack).dues().stream().map(Settlement.Due::nanos).toList();
  }

  private Debt debt() {
    return ledger.debt(bucket());
  }

  /** Spends in Redis, and hears of it. */
  private void spendInRedis(long nanos) {
    redis = Math.max(redis, clock.getAsLong()) + nanos;
    hear();
  }

  private void hear() {
    long now = clock.getAsLong();
    known.remember(bucket().hash(), new KnownLevel(redis, FILL, now, now, 0), now);
  }

  private void charge(Debt debt) {
    spendInRedis(debt.owedNanos());
    ledger.settle(bucket(), debt, true);
  }

  /** Returns the limit that denies whoever is banned: it is not made but by a ban. */
  private static PartitionedLimit ofBan() {
    AtomicReference<PartitionedLimit> bans = new AtomicReference<>();
    RateLimiter lifted =
        new RecordingLimiter() {
          @Override
          public void reset(Identity identity, LimitPolicy policy) {
            bans.set(policy.limits(identity).get(0));
          }
        };
    Ban.after(1, Duration.ofHours(1)).lasting(Duration.ofHours(1)).lift(lifted, USER);
    return Objects.requireNonNull(bans.get());
  }

  /** Calls under way are counted together with those of other buckets. */
  @Test
  void decide_callsUnderWay_banNobody() {
    SharedBucket ban = SharedBucket.of(ofBan(), USER, KEYS, known);
    ledger.begin(ban, 1);
    ledger.begin(ban, 1);
    Decision decision = ledger.decide(List.of(bucket(), ban), Cost.of(1), true);
    assertThat(decision.permitted()).isTrue();
  }

  private static List<Long> spend(Ledger books, SharedBucket bucket, long nanos) {
    return books.spend(List.of(new Settlement.Due(bucket, nanos))).stream()
        .map(Settlement.Charged::nanos)
        .toList();
  }

  @Test
  void spend_moreThanTheBucketMayOwe_saysWhatIsCharged() {
    assertThat(takeHere(4)).isTrue();
    assertThat(spend(ledger, bucket(), 3 * TOKEN)).containsExactly(3 * TOKEN);
    assertThat(spend(ledger, bucket(), 9 * TOKEN)).containsExactly(3 * TOKEN);
    assertThat(spend(ledger, bucket(), TOKEN)).containsExactly(0L);
    assertThat(debt().owedNanos()).isEqualTo(10 * TOKEN);
  }

  /** The time of a share is that of the whole, times the instances. */
  @Test
  void spend_longestLimitOfManyInstances_doesNotOverflow() {
    PartitionedLimit years =
        new PartitionedLimit("years", Limit.per(1_000, Duration.ofDays(3_653)), Partition.IDENTITY);
    for (int instances : new int[] {1, 2, 40, 100, 1_000}) {
      Ledger books = new Ledger(known, new FleetShare(instances), 100, Rooms.standard(), clock);
      SharedBucket bucket = SharedBucket.of(years, USER, KEYS, known);
      long charged = spend(books, bucket, Inside.nanosToFill(years.limit())).get(0);
      assertThat(charged).isPositive();
      assertThat(books.owes(List.of(bucket))).isTrue();
    }
  }

  /** Newcomers without room share one bucket, which is as bounded as any. */
  @Test
  void spend_manyWithoutRoom_oweNoMoreThanOneBucketMay() {
    Ledger tiny = new Ledger(known, new FleetShare(1), 1, Rooms.standard(), clock);
    tiny.decide(List.of(bucket()), Cost.of(1), true);
    long charged = 0;
    for (int i = 0; i < 50; i++) {
      SharedBucket other = SharedBucket.of(TEN, Identity.user("u" + i), KEYS, known);
      charged += spend(tiny, other, 10 * TOKEN).get(0);
    }
    assertThat(charged).isEqualTo(10 * TOKEN);
  }

  @Test
  void debt_nothingSpentHere_isNone() {
    spendInRedis(3 * TOKEN);
    assertThat(debt()).isEqualTo(Debt.NONE);
  }

  @Test
  void debt_spentHere_isWhatWasSpent() {
    spendInRedis(3 * TOKEN);
    takeHere(2);
    assertThat(debt().owedNanos()).isEqualTo(2 * TOKEN);
  }

  @Test
  void debt_spentInRedisMeanwhile_isStillWhatWasSpentHere() {
    takeHere(2);
    spendInRedis(3 * TOKEN);
    takeHere(1);
    spendInRedis(TOKEN);
    assertThat(debt().owedNanos()).isEqualTo(3 * TOKEN);
  }

  @Test
  void decide_spentInRedisMeanwhile_countsBoth() {
    takeHere(2);
    spendInRedis(3 * TOKEN);
    assertThat(takeHere(6)).isFalse();
    assertThat(takeHere(5)).isTrue();
  }

  @Test
  void debt_redisSaidSoAWhileAgo_isWhatWasSpentHereSince() {
    spendInRedis(6 * TOKEN);
    clock.advanceNanos(2 * TOKEN);
    takeHere(3);
    spendInRedis(TOKEN);
    clock.advanceNanos(4 * TOKEN);
    takeHere(2);
    Debt debt = debt();
    assertThat(debt.owedNanos()).isEqualTo(5 * TOKEN);
    ledger.settle(bucket(), debt, false);
    clock.advanceNanos(4 * TOKEN);
    spendInRedis(TOKEN);
    clock.advanceNanos(TOKEN / 2);
    takeHere(1);
    assertThat(debt().owedNanos()).isEqualTo(3 * TOKEN);
  }

  @Test
  void debt_twoAtOnce_oneChargesAndTheOtherReserves() {
    takeHere(2);
    Debt first = debt();
    assertThat(debt()).isEqualTo(new Debt(0, 2 * TOKEN, 0, 0));
    charge(first);
    assertThat(debt()).isEqualTo(Debt.NONE);
  }

  @Test
  void settle_chargeFailed_isStillOwed() {
    takeHere(2);
    ledger.settle(bucket(), debt(), false);
    assertThat(debt().owedNanos()).isEqualTo(2 * TOKEN);
  }

  @Test
  void settle_spentHereMeanwhile_thatIsStillOwed() {
    takeHere(2);
    Debt debt = debt();
    takeHere(3);
    charge(debt);
    assertThat(debt().owedNanos()).isEqualTo(3 * TOKEN);
  }

  @Test
  void debt_refilledAsOneBucketWould() {
    spendInRedis(3 * TOKEN);
    takeHere(2);
    clock.advanceNanos(4 * TOKEN);
    Debt debt = debt();
    assertThat(debt.owedNanos()).isEqualTo(TOKEN);
    ledger.settle(bucket(), debt, false);
    clock.advanceNanos(TOKEN);
    assertThat(debt()).isEqualTo(Debt.NONE);
  }

  @Test
  void decide_callsUnderWay_countAsTaken() {
    ledger.begin(bucket(), 4);
    Decision denied = ledger.decide(List.of(bucket()), Cost.of(7), true);
    assertThat(denied.permitted()).isFalse();
    assertThat(denied.source()).isEqualTo(Decision.Source.LOCAL);
    assertThat(denied.retryAfterNanos()).isEqualTo(TOKEN);
    assertThat(takeHere(6)).isTrue();
    ledger.end(bucket(), 4);
    assertThat(takeHere(4)).isTrue();
  }

  @Test
  void decide_redisIsFurtherFromFullThanEmpty_staysSo() {
    spendInRedis(15 * TOKEN);
    assertThat(takeHere(1)).isFalse();
    clock.advanceNanos(6 * TOKEN - 1);
    assertThat(takeHere(1)).isFalse();
    clock.advanceNanos(1);
    assertThat(takeHere(1)).isTrue();
    assertThat(debt().owedNanos()).isEqualTo(TOKEN);
  }

  @Test
  void decide_costThatOnlyTheWholeLimitCanPay_isDeniedWithoutATime() {
    Ledger third = new Ledger(known, new FleetShare(3), 100, Rooms.standard(), clock);
    for (boolean take : new boolean[] {true, false}) {
      Decision later = third.decide(List.of(bucket()), Cost.of(5), take);
      assertThat(later.permitted()).isFalse();
      assertThat(later.never()).isFalse();
      assertThat(later.retryAfter()).isEmpty();
      assertThat(third.decide(List.of(bucket()), Cost.of(11), take).never()).isTrue();
      assertThat(third.decide(List.of(bucket()), Cost.of(11), take).retryAfter()).isEmpty();
    }
    assertThat(third.decide(List.of(bucket()), Cost.of(3), true).permitted()).isTrue();
    assertThat(third.decide(List.of(bucket()), Cost.of(3), true).retryAfter()).isPresent();
  }

  @Test
  void giveBack_moreThanWasSpentHere_tellsTheRestForRedis() {
    Ledger third = new Ledger(known, new FleetShare(3), 100, Rooms.standard(), clock);
    spendInRedis(5 * TOKEN);
    third.decide(List.of(bucket()), Cost.of(1), true);
    assertThat(left(third, 4 * TOKEN)).containsExactly(3 * TOKEN);
  }

  @Test
  void giveBack_here_isOwedNoMore() {
    spendInRedis(3 * TOKEN);
    takeHere(5);
    assertThat(left(ledger, 2 * TOKEN)).containsExactly(0L);
    assertThat(debt().owedNanos()).isEqualTo(3 * TOKEN);
  }

  @Test
  void reset_nothingIsOwed() {
    spendInRedis(3 * TOKEN);
    takeHere(5);
    known.forget(bucket().hash());
    ledger.reset(List.of(bucket()));
    assertThat(debt()).isEqualTo(Debt.NONE);
    assertThat(takeHere(10)).isTrue();
  }

  @Test
  void decide_noRoomForTheBucket_goesByWhatIsKnown() {
    Ledger tiny = new Ledger(known, new FleetShare(1), 1, Rooms.standard(), clock);
    long now = clock.getAsLong();
    Identity stranger = Identity.user("other");
    known.remember(
        SharedBucket.of(TEN, stranger, KEYS, known).hash(),
        new KnownLevel(now + TOKEN, FILL, now, now, 0),
        now);
    SharedBucket other = SharedBucket.of(TEN, stranger, KEYS, known);
    tiny.decide(List.of(other), Cost.of(1), true);
    spendInRedis(10 * TOKEN);
    assertThat(tiny.decide(List.of(bucket()), Cost.of(1), true).permitted()).isFalse();
    assertThat(tiny.decide(List.of(bucket()), Cost.of(1), true).retryAfterNanos()).isEqualTo(TOKEN);
  }

  /** While Redis is away, and what it said of the users is known. */
  @Test
  void decide_manyAddresses_usersGoOnFromWhatIsKnown() {
    spendInRedis(9 * TOKEN);
    for (int i = 0; i < 200; i++) {
      Identity address = Identity.address("a" + i);
      ledger.decide(List.of(SharedBucket.of(TEN, address, KEYS, known)), Cost.of(10), true);
    }
    assertThat(takeHere(1)).isTrue();
    assertThat(takeHere(1)).isFalse();
    for (int i = 0; i < 24; i++) {
      Identity other = Identity.user("other" + i);
      SharedBucket bucket = SharedBucket.of(TEN, other, KEYS, known);
      assertThat(ledger.decide(List.of(bucket), Cost.of(10), true).permitted()).isTrue();
    }
    assertThat(debt().owedNanos()).isEqualTo(TOKEN);
  }

  @Test
  void debt_severalInstances_isInTokensOfTheWhole() {
    Ledger third = new Ledger(known, new FleetShare(3), 100, Rooms.standard(), clock);
    assertThat(third.decide(List.of(bucket()), Cost.of(3), true).permitted()).isTrue();
    assertThat(third.decide(List.of(bucket()), Cost.of(1), true).permitted()).isFalse();
    assertThat(third.debt(bucket()).owedNanos()).isEqualTo(3 * TOKEN);
  }

  /**
   * Requests here and there, charges that succeed, that never arrive and whose answer is lost: what
   * Redis and this process hold together is what one bucket would, or more by the lost answers.
   */
  @Test
  void anySequence_bothTogetherHoldWhatOneBucketWould() {
    Random random = new Random(20261123);
    long one = redis;
    long lost = 0;
    for (int i = 0; i < 100_000; i++) {
      clock.advanceNanos(random.nextInt(4) == 0 ? random.nextLong(3 * TOKEN) : 0);
      long now = clock.getAsLong();
      Debt debt = debt();
      int outcome = random.nextInt(lost == 0 ? 4 : 3);
      boolean asked = outcome == 0 || outcome == 3;
      long ahead = Math.max(redis, now) + debt.owedNanos() + TOKEN - now;
      if (asked && ahead <= Inside.nanosToFill(TEN.limit())) {
        redis = now + ahead;
        if (outcome == 3) {
          lost += debt.owedNanos() + TOKEN;
        }
        if (outcome == 0) {
          one = Math.max(one, now) + TOKEN;
        }
      } else if (asked && debt.owedNanos() > 0) {
        redis = now + ahead - TOKEN;
        if (outcome == 3) {
          lost += debt.owedNanos();
        }
      }
      if (outcome == 0) {
        hear();
      }
      ledger.settle(bucket(), debt, outcome == 0);
      if (outcome != 0 && takeHere(1)) {
        one = Math.max(one, now) + TOKEN;
      }
      Debt left = debt();
      ledger.settle(bucket(), left, false);
      long together = Math.max(redis, now) + left.levelNanos();
      assertThat(together).as("step " + i).isGreaterThanOrEqualTo(one);
      if (together <= now) {
        lost = 0;
      }
      if (lost == 0) {
        assertThat(together).as("step " + i).isEqualTo(Math.max(one, now));
      }
    }
  }

  @Test
  void giveBack_whileSomebodyWaitsHere_letsNobodyPassWithThem() {
    takeHere(10);
    CompletableFuture<Reservation> waiting = awaitHere();
    Decision before = ledger.decide(List.of(bucket()), Cost.of(1), false);
    assertThat(left(ledger, 10 * TOKEN)).as("all of it was spent here").containsExactly(0L);
    Decision after = ledger.decide(List.of(bucket()), Cost.of(1), false);
    assertThat(after.retryAfter()).isEqualTo(before.retryAfter()).isPresent();
    assertThat(waiting).isNotDone();
  }

  @Test
  void decide_redisSaysLessWhileSomebodyWaitsHere_letsNobodyPassWithThemAndOwesNoMore() {
    spendInRedis(8 * TOKEN);
    takeHere(1);
    CompletableFuture<Reservation> waiting = awaitHere();
    Decision before = ledger.decide(List.of(bucket()), Cost.of(1), false);
    redis -= 6 * TOKEN;
    long now = clock.getAsLong();
    known.replace(bucket().hash(), new KnownLevel(redis, FILL, now, now, 0), now);
    Decision after = ledger.decide(List.of(bucket()), Cost.of(1), false);
    assertThat(after.retryAfter()).isEqualTo(before.retryAfter()).isPresent();
    assertThat(debt().owedNanos()).isEqualTo(11 * TOKEN);
    assertThat(waiting).isNotDone();
  }

  private CompletableFuture<Reservation> awaitHere() {
    return ledger.await(List.of(bucket()), Cost.of(10), FILL * 9).future(TIMER, true);
  }
}
