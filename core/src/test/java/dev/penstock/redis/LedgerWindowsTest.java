package dev.penstock.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.BucketState;
import dev.penstock.CalendarUnit;
import dev.penstock.Cost;
import dev.penstock.Decision;
import dev.penstock.Identity;
import dev.penstock.Limit;
import dev.penstock.LimitPolicy;
import dev.penstock.Partition;
import dev.penstock.PartitionedLimit;
import dev.penstock.base.Inside;
import dev.penstock.bucket.Rooms;
import dev.penstock.bucket.WindowUse;
import dev.penstock.redis.Ledger.Debt;
import dev.penstock.redis.wire.KnownBuckets;
import dev.penstock.redis.wire.KnownLevel;
import dev.penstock.redis.wire.PlaceInLine;
import dev.penstock.redis.wire.RedisKeys;
import dev.penstock.redis.wire.ScriptCall.Operation;
import dev.penstock.redis.wire.SharedBucket;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Windows of three instances while Redis is away. */
class LedgerWindowsTest {

  private static final Identity USER = Identity.user("user");
  private static final RedisKeys KEYS = new RedisKeys("test", false);
  private static final Instant NOW = Instant.parse("2026-05-04T10:00:10Z");
  private static final Limit MINUTE = Limit.slidingWindow(90, Duration.ofMinutes(1));

  private Instant wall = NOW;
  private final KnownBuckets known = new KnownBuckets(100, Rooms.standard(), () -> wall);
  private final Ledger ledger =
      new Ledger(known, new FleetShare(3), 100, Rooms.standard(), System::nanoTime);

  static Stream<Limit> windows() {
    return Stream.of(
        Limit.fixedWindow(90, CalendarUnit.YEAR, ZoneOffset.UTC),
        Limit.slidingWindow(90, Duration.ofDays(366)));
  }

  private static PartitionedLimit named(Limit limit) {
    return new PartitionedLimit("window", limit, Partition.IDENTITY);
  }

  private SharedBucket bucket(Limit limit) {
    return SharedBucket.of(named(limit), USER, KEYS, known);
  }

  private boolean take(Limit limit, long tokens) {
    return ledger.decide(List.of(bucket(limit)), Cost.of(tokens), true).permitted();
  }

  private BucketState look(Limit limit) {
    return ledger.decide(List.of(bucket(limit)), Cost.of(1), false).buckets().get(0);
  }

  /** Hears from Redis that so many are taken. */
  private void hear(Limit limit, long taken) {
    long now = System.nanoTime();
    long at = known.serverTime().nanos(now);
    long end = at + Duration.ofDays(30).toNanos();
    WindowUse use = WindowUse.told(limit, at, end, taken, 0, 0, 0, 0);
    long word = now + use.resetAfterNanos();
    known.remember(
        bucket(limit).hash(), new KnownLevel(word, limit.capacity(), now, now, 0, now, use), now);
  }

  @ParameterizedTest
  @MethodSource("windows")
  void decide_nothingKnown_isTheShare(Limit limit) {
    assertThat(take(limit, 31)).isFalse();
    assertThat(take(limit, 30)).isTrue();
    Decision denied = ledger.decide(List.of(bucket(limit)), Cost.of(1), true);
    assertThat(denied.permitted()).isFalse();
    assertThat(denied.retryAfter()).hasValueSatisfying(time -> assertThat(time).isPositive());
  }

  @ParameterizedTest
  @MethodSource("windows")
  void decide_redisHasToldOfHalf_goesOnFromTheShareOfThat(Limit limit) {
    hear(limit, 46);
    assertThat(look(limit).remaining()).isEqualTo(14);
    assertThat(take(limit, 14)).isTrue();
    assertThat(take(limit, 1)).isFalse();
  }

  @ParameterizedTest
  @MethodSource("windows")
  void debt_spentHere_isChargedOnceAndInTokensOfTheWhole(Limit limit) {
    hear(limit, 45);
    assertThat(take(limit, 10)).isTrue();
    Debt debt = ledger.debt(bucket(limit));
    assertThat(debt.owedNanos()).isEqualTo(10);
    assertThat(ledger.debt(bucket(limit)).reservedNanos()).isEqualTo(10);
    hear(limit, 55);
    ledger.settle(bucket(limit), debt, true);
    assertThat(ledger.debt(bucket(limit))).isEqualTo(Debt.NONE);
    assertThat(look(limit).remaining()).isEqualTo(30 - 19);
  }

  @ParameterizedTest
  @MethodSource("windows")
  void decide_callsUnderWay_countAsTheirShare(Limit limit) {
    hear(limit, 60);
    ledger.begin(bucket(limit), 27);
    assertThat(take(limit, 2)).isFalse();
    ledger.end(bucket(limit), 27);
    assertThat(take(limit, 10)).isTrue();
    assertThat(take(limit, 1)).isFalse();
  }

  /** Hears what was said a time ago, of the window in which that was. */
  private void hear(Limit limit, long taken, Duration ago) {
    long said = System.nanoTime() - ago.toNanos();
    long at = known.serverTime().nanos(said);
    long end = Objects.requireNonNull(Inside.windows(limit)).end(at);
    WindowUse use = WindowUse.told(limit, at, end, taken, 0, 0, 0, 0);
    long word = said + use.resetAfterNanos();
    known.remember(
        bucket(limit).hash(),
        new KnownLevel(word, limit.capacity(), said, said, 0, said, use),
        System.nanoTime());
  }

  @Test
  void debt_spentInTheLastWindow_isWhatStillCountsAndChargedOnce() {
    assertThat(take(MINUTE, 12)).isTrue();
    wall = NOW.plusSeconds(80);
    Debt debt = ledger.debt(bucket(MINUTE));
    assertThat(debt.owedNanos()).isBetween(6L, 7L);
    ledger.settle(bucket(MINUTE), debt, true);
    assertThat(ledger.debt(bucket(MINUTE))).isEqualTo(Debt.NONE);
    assertThat(take(MINUTE, 1)).isTrue();
    assertThat(ledger.debt(bucket(MINUTE)).owedNanos()).isEqualTo(1);
  }

  @Test
  void debt_redisSaidSoInTheLastWindow_isNothingAndCountsLessAndLess() {
    wall = NOW.plusSeconds(80);
    hear(MINUTE, 90, Duration.ofSeconds(70));
    LimitPolicy other = LimitPolicy.perIdentity("other", Limit.perDay(10));
    SharedBucket another = SharedBucket.of(other.limits(USER).get(0), USER, KEYS, known);
    assertThat(ledger.decide(List.of(another), Cost.of(1), true).permitted()).isTrue();
    assertThat(ledger.debt(bucket(MINUTE))).isEqualTo(Debt.NONE);
    assertThat(look(MINUTE).remaining()).isBetween(14L, 15L);
    assertThat(take(MINUTE, 16)).isFalse();
    assertThat(take(MINUTE, 13)).isTrue();
    assertThat(ledger.debt(bucket(MINUTE)).owedNanos()).isEqualTo(13);
  }

  @ParameterizedTest
  @MethodSource("windows")
  void spend_beyondTheShare_isOwedInFull(Limit limit) {
    assertThat(take(limit, 1)).isTrue();
    List<Settlement.Charged> charged =
        ledger.spend(
            List.of(
                new Settlement.Due(bucket(limit), 79, Long.MAX_VALUE / 2_000, PlaceInLine.NONE)));
    assertThat(charged).extracting(Settlement.Charged::nanos).containsExactly(79L);
    assertThat(ledger.debt(bucket(limit)).owedNanos()).isEqualTo(80);
    assertThat(take(limit, 1)).isFalse();
  }

  @Test
  void debt_clockWasAhead_isWhatWasSpentAndNoMore() {
    Limit day = Limit.fixedWindow(90, CalendarUnit.DAY, ZoneOffset.UTC);
    wall = Instant.parse("2026-05-05T00:00:30Z");
    assertThat(take(day, 2)).isTrue();
    wall = Instant.parse("2026-05-04T23:59:00Z");
    assertThat(ledger.debt(bucket(day)).owedNanos()).isEqualTo(2);
  }

  @ParameterizedTest
  @MethodSource("windows")
  void giveBack_ofWhatRedisWasCharged_hidesNothingThatIsSpentAfter(Limit limit) {
    hear(limit, 60);
    Settlement.Due due =
        new Settlement.Due(bucket(limit), 60, Long.MAX_VALUE / 2_000, PlaceInLine.NONE);
    Settlement putBack = new Settlement(Operation.REFUND, List.of(due), 0, "receipt", false);
    assertThat(ledger.giveBack(putBack).dues().get(0).nanos()).isEqualTo(60);
    assertThat(take(limit, 3)).isTrue();
    assertThat(ledger.debt(bucket(limit)).owedNanos()).isEqualTo(3);
  }

  @Test
  void settle_theWindowEndedMeanwhile_leavesWhatTheNextOneHasSpent() {
    Limit fixed = Limit.fixedWindow(30, CalendarUnit.MINUTE, ZoneOffset.UTC);
    assertThat(take(fixed, 8)).isTrue();
    Debt debt = ledger.debt(bucket(fixed));
    assertThat(debt.owedNanos()).isEqualTo(8);
    wall = NOW.plusSeconds(60);
    assertThat(take(fixed, 7)).isTrue();
    ledger.settle(bucket(fixed), debt, true);
    assertThat(take(fixed, 4)).isFalse();
    assertThat(ledger.debt(bucket(fixed)).owedNanos()).isEqualTo(7);
  }
}
