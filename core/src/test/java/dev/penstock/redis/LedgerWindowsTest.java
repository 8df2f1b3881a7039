package dev.penstock.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.BucketState;
import dev.penstock.CalendarUnit;
import dev.penstock.Cost;
import dev.penstock.Decision;
import dev.penstock.Identity;
import dev.penstock.Limit;
import dev.penstock.Partition;
import dev.penstock.PartitionedLimit;
import dev.penstock.bucket.Rooms;
import dev.penstock.bucket.WindowUse;
import dev.penstock.redis.Ledger.Debt;
import dev.penstock.redis.wire.KnownBuckets;
import dev.penstock.redis.wire.KnownLevel;
import dev.penstock.redis.wire.RedisKeys;
import dev.penstock.redis.wire.SharedBucket;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Windows of three instances while Redis is away. */
class LedgerWindowsTest {

  private static final Identity USER = Identity.user("user");
  private static final RedisKeys KEYS = new RedisKeys("test", false);
  private static final Instant NOW = Instant.parse("2026-05-04T10:00:00Z");

  private final KnownBuckets known = new KnownBuckets(100, Rooms.standard(), () -> NOW);
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
}
