package dev.penstock.bucket;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.BucketState;
import dev.penstock.ExactBucket;
import dev.penstock.Limit;
import dev.penstock.TokenBucketLimit;
import dev.penstock.TruthTable;
import dev.penstock.base.Inside;
import java.math.BigInteger;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class GcraTest {

  private static final Limit DECADE = Limit.per(100, Duration.ofDays(3_653));

  static List<TruthTable.Row> rows() {
    return TruthTable.rows();
  }

  @ParameterizedTest
  @MethodSource("rows")
  void truthTable(TruthTable.Row row) {
    long level = Math.max(0, row.fullAt() - row.now());
    long taken = Gcra.take(level, row.cost(), row.limit());
    assertThat(taken != Gcra.DENIED).isEqualTo(row.permitted());
    assertThat(Gcra.retryAfterNanos(level, row.cost(), row.limit())).isEqualTo(row.retryAfter());
    long after = Gcra.bounded(row.permitted() ? taken : level, row.limit());
    assertThat(Gcra.remaining(after, row.limit())).isEqualTo(row.remaining());
    assertThat(after).isEqualTo(row.resetAfter());
  }

  static Stream<Limit> rates() {
    return Stream.of(
        Limit.perDay(1),
        Limit.perDay(7),
        Limit.perHour(11),
        Limit.perMinute(1),
        Limit.perMinute(7),
        Limit.perMinute(10),
        Limit.perMinute(59),
        Limit.perMinute(7_919),
        Limit.perSecond(3),
        Limit.perSecond(9_973),
        Limit.perMinute(999_983),
        Limit.perMinute(6_000_011),
        Limit.perMinute(9_999_991),
        Limit.perMinute(10_000_000),
        Limit.of(1, 9_999_991, Duration.ofMinutes(1)),
        Limit.of(1000, 7, Duration.ofMinutes(1)),
        Limit.of(3, 100_003, Duration.ofSeconds(1)));
  }

  /** Whoever comes back at each retry-after, whatever the cost, gets the rate and no more. */
  @ParameterizedTest
  @MethodSource("rates")
  void longRun_alwaysAsking_admitsTheNominalRateAtMostAThousandthBelow(TokenBucketLimit limit) {
    Random random = new Random(20260107);
    long now = 0;
    long level = 0;
    long permitted = 0;
    while (permitted < 20 * limit.capacity() + 100_000 && now < Long.MAX_VALUE / 4) {
      long cost = 1 + random.nextLong(limit.capacity());
      long wait = Gcra.retryAfterNanos(level, cost, limit);
      now += wait;
      level = Gcra.take(Math.max(0, level - wait), cost, limit);
      assertThat(level).isNotEqualTo(Gcra.DENIED);
      permitted += cost;
      assertThat(overNominal(limit, permitted - limit.capacity(), now)).isFalse();
    }
    BigInteger refilled = refilled(limit, now);
    BigInteger atLeast = refilled.multiply(BigInteger.valueOf(999));
    assertThat(tokens(limit, permitted).multiply(BigInteger.valueOf(1000)))
        .isGreaterThanOrEqualTo(atLeast);
  }

  @ParameterizedTest
  @MethodSource("rates")
  void randomSchedule_neverAdmitsWhatAnExactBucketDoesNotHold(TokenBucketLimit limit) {
    Random random = new Random(20260108);
    ExactBucket exact = new ExactBucket(limit);
    long level = 0;
    int permitted = 0;
    for (int i = 0; i < 20_000; i++) {
      long cost = 1 + random.nextLong(Math.min(3, limit.capacity()));
      long taken = Gcra.take(level, cost, limit);
      if (taken != Gcra.DENIED) {
        assertThat(exact.holds(cost)).isTrue();
        exact.take(cost);
        level = taken;
        permitted++;
      }
      long passed = random.nextLong(2 * Inside.nanosPerToken(limit));
      exact.advance(passed);
      level = Math.max(0, level - passed);
    }
    assertThat(permitted).isGreaterThan(1000);
  }

  /** A permitted token more than the nominal refill, in tokens times nanoseconds of the period. */
  private static boolean overNominal(
      TokenBucketLimit limit, long permittedAboveCapacity, long now) {
    return tokens(limit, permittedAboveCapacity).compareTo(refilled(limit, now)) > 0;
  }

  private static BigInteger tokens(TokenBucketLimit limit, long tokens) {
    return BigInteger.valueOf(tokens).multiply(BigInteger.valueOf(limit.refillPeriod().toNanos()));
  }

  private static BigInteger refilled(TokenBucketLimit limit, long nanos) {
    return BigInteger.valueOf(limit.refillTokens()).multiply(BigInteger.valueOf(nanos));
  }

  /**
   * What was given back may be lost in part; the bucket never holds more than one never charged.
   */
  @Test
  void giveBack_anyInterleaving_createsNoTokens() {
    Random random = new Random(20260109);
    int exact = 0;
    for (int round = 0; round < 5_000; round++) {
      Limit limit = Limit.of(1 + random.nextInt(10), 1, Duration.ofNanos(1 + random.nextInt(20)));
      exact += interleave(random, limit);
    }
    assertThat(exact).as("rounds at whose end nothing is lost").isGreaterThan(1000);
  }

  private record Pending(long takenAt, long cost) {}

  /** Returns 1 if the bucket ends as if what was given back had never been taken. */
  private static int interleave(Random random, Limit limit) {
    List<Pending> pending = new ArrayList<>();
    long now = random.nextInt(100);
    long level = 0;
    long untouched = 0;
    for (int step = 0; step < 30; step++) {
      long passed = random.nextInt(3) == 0 ? random.nextLong(2 * Inside.nanosPerToken(limit)) : 0;
      now += passed;
      level = Math.max(0, level - passed);
      untouched = Math.max(0, untouched - passed);
      long cost = 1 + random.nextLong(limit.capacity());
      int action = random.nextInt(3);
      if (action == 2 && !pending.isEmpty()) {
        Pending undone = pending.remove(random.nextInt(pending.size()));
        level = Gcra.giveBack(level, now - undone.takenAt, undone.cost, limit);
      } else {
        long taken = Gcra.take(level, cost, limit);
        if (taken != Gcra.DENIED) {
          level = taken;
          if (action == 0) {
            pending.add(new Pending(now, cost));
          } else {
            untouched = Gcra.take(untouched, cost, limit);
            assertThat(untouched).as("held by a bucket never charged").isNotNegative();
          }
        }
      }
      assertThat(level).isGreaterThanOrEqualTo(untouched);
    }
    return pending.isEmpty() && level == untouched ? 1 : 0;
  }

  @Test
  void giveBack_atOnce_restoresTheBucket() {
    Limit limit = Limit.perMinute(10);
    long before = Gcra.take(0, 3, limit);
    long taken = Gcra.take(before, 5, limit);
    assertThat(Gcra.giveBack(taken, 0, 5, limit)).isEqualTo(before);
  }

  @Test
  void giveBack_afterTheTimeOfItsCost_givesNothing() {
    Limit limit = Limit.of(5, 1, Duration.ofNanos(10));
    assertThat(Gcra.giveBack(40, 20, 2, limit)).isEqualTo(40);
    assertThat(Gcra.giveBack(40, 19, 2, limit)).isEqualTo(39);
  }

  @Test
  void refund_anyAmount_isWithinTheCapacity() {
    Limit limit = Limit.of(5, 1, Duration.ofNanos(10));
    long empty = Gcra.take(0, 5, limit);
    assertThat(Gcra.remaining(Gcra.refund(empty, 2, limit), limit)).isEqualTo(2);
    assertThat(Gcra.remaining(Gcra.refund(empty, 6, limit), limit)).isEqualTo(5);
    assertThat(Gcra.refund(empty, Long.MAX_VALUE, limit)).isZero();
  }

  @Test
  void refund_levelBeyondTheLimit_countsFromEmpty() {
    Limit limit = Limit.of(5, 1, Duration.ofNanos(10));
    assertThat(Gcra.remaining(Gcra.refund(9999, 2, limit), limit)).isEqualTo(2);
  }

  @Test
  void extremes_longestLimit_doNotOverflow() {
    long decade = Inside.nanosToFill(DECADE);
    long empty = Gcra.take(0, 100, DECADE);
    assertThat(empty).isEqualTo(decade);
    for (long cost : new long[] {1, 50, 100}) {
      assertThat(Gcra.take(empty, cost, DECADE)).isEqualTo(Gcra.DENIED);
      assertThat(Gcra.retryAfterNanos(empty, cost, DECADE))
          .isEqualTo(cost * Inside.nanosPerToken(DECADE));
    }
    assertThat(Gcra.take(1L << 62, 1, DECADE)).isEqualTo(Gcra.DENIED);
    assertThat(Gcra.remaining(1L << 62, DECADE)).isZero();
    assertThat(Gcra.giveBack(empty, 0, 100, DECADE)).isZero();
    assertThat(Gcra.refund(empty, Long.MAX_VALUE, DECADE)).isZero();
    assertThat(Gcra.retryAfterNanos(0, 101, DECADE)).isEqualTo(BucketState.NEVER);
  }

  @Test
  void scaled_random_isTheFractionRoundedUp() {
    Random random = new Random(20261129);
    for (int i = 0; i < 200_000; i++) {
      long fill = 1 + random.nextLong(1L << (1 + random.nextInt(58)));
      long otherFill = 1 + random.nextLong(1L << (1 + random.nextInt(58)));
      long level = random.nextLong(2 * fill);
      BigInteger[] exact =
          BigInteger.valueOf(level)
              .multiply(BigInteger.valueOf(otherFill))
              .divideAndRemainder(BigInteger.valueOf(fill));
      long up = exact[0].longValueExact() + exact[1].signum();
      assertThat(Gcra.scaled(level, fill, otherFill)).isEqualTo(up);
    }
    assertThat(Gcra.scaled(61, 60, 7)).isEqualTo(8);
    assertThat(Gcra.scaled(1000, 60, 7)).isEqualTo(117);
    assertThat(Gcra.scaled(0, 60, 7)).isZero();
    assertThat(Gcra.scaled(30, 60, 3600)).isEqualTo(1800);
    assertThat(Gcra.scaled(1L << 60, 1, 1L << 58)).isEqualTo(2 * Inside.nanosToFill(DECADE));
  }

  @Test
  void carriedOver_farBeyondEmpty_countsAsTwoRefillsAndTheOverdraft() {
    TokenBucketLimit seven = Limit.of(7, 1, Duration.ofNanos(1));
    assertThat(Gcra.carriedOver(61, 60, seven)).isEqualTo(8);
    assertThat(Gcra.carriedOver(1000, 60, seven)).isEqualTo(14);
    assertThat(Gcra.carriedOver(1000, 60, seven.withOverdraft(50))).isEqualTo(64);
    assertThat(Gcra.carriedOver(300, 60, seven.withOverdraft(50))).isEqualTo(35);
  }

  @Test
  void take_nothing_isPermittedWhileThereIsAToken() {
    Limit limit = Limit.of(5, 1, Duration.ofNanos(10)).withOverdraft(5);
    assertThat(Gcra.take(0, 0, limit)).isZero();
    assertThat(Gcra.take(40, 0, limit)).isEqualTo(40);
    assertThat(Gcra.take(41, 0, limit)).isEqualTo(Gcra.DENIED);
    assertThat(Gcra.retryAfterNanos(41, 0, limit)).isEqualTo(1);
    assertThat(Gcra.retryAfterNanos(100, 0, limit)).isEqualTo(60);
  }

  @Test
  void owe_anyAmount_isAtMostTheOverdraftAndNeverLessThanBefore() {
    Limit limit = Limit.of(5, 1, Duration.ofNanos(10)).withOverdraft(3);
    assertThat(Gcra.most(limit)).isEqualTo(80);
    assertThat(Gcra.owe(20, 40, 80)).isEqualTo(60);
    assertThat(Gcra.owe(20, 70, 80)).isEqualTo(80);
    assertThat(Gcra.owe(95, 70, 80)).isEqualTo(95);
    assertThat(Gcra.remaining(60, limit)).isZero();
    assertThat(Gcra.retryAfterNanos(80, 1, limit)).isEqualTo(40);
    assertThat(Gcra.retryAfterNanos(999, 1, limit)).isEqualTo(40);
  }
}
