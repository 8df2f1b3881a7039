package dev.penstock.bucket;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.BucketState;
import dev.penstock.ExactBucket;
import dev.penstock.Limit;
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

  /** The latest time that the arithmetic is good for. */
  private static final long LATEST = 1L << 62;

  private static final Limit CENTURY = Limit.per(100, Duration.ofDays(36_525));

  static List<TruthTable.Row> rows() {
    return TruthTable.rows();
  }

  @ParameterizedTest
  @MethodSource("rows")
  void truthTable(TruthTable.Row row) {
    long taken = Gcra.take(row.fullAt(), row.now(), row.cost(), row.limit());
    assertThat(taken != Gcra.DENIED).isEqualTo(row.permitted());
    assertThat(Gcra.retryAfterNanos(row.fullAt(), row.now(), row.cost(), row.limit()))
        .isEqualTo(row.retryAfter());
    long after = row.permitted() ? taken : row.fullAt();
    assertThat(Gcra.remaining(after, row.now(), row.limit())).isEqualTo(row.remaining());
    assertThat(Gcra.levelNanos(after, row.now(), row.limit())).isEqualTo(row.resetAfter());
    assertThat(Gcra.isFull(after, row.now())).isEqualTo(row.resetAfter() == 0);
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
  void longRun_alwaysAsking_admitsTheNominalRateAtMostAThousandthBelow(Limit limit) {
    Random random = new Random(20260107);
    long now = 0;
    long word = 0;
    long permitted = 0;
    while (permitted < 20 * limit.capacity() + 100_000 && now < LATEST / 2) {
      long cost = 1 + random.nextLong(limit.capacity());
      now += Gcra.retryAfterNanos(word, now, cost, limit);
      word = Gcra.take(word, now, cost, limit);
      assertThat(word).isNotEqualTo(Gcra.DENIED);
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
  void randomSchedule_neverAdmitsWhatAnExactBucketDoesNotHold(Limit limit) {
    Random random = new Random(20260108);
    ExactBucket exact = new ExactBucket(limit);
    long now = 0;
    long word = 0;
    int permitted = 0;
    for (int i = 0; i < 20_000; i++) {
      long cost = 1 + random.nextLong(Math.min(3, limit.capacity()));
      long taken = Gcra.take(word, now, cost, limit);
      if (taken != Gcra.DENIED) {
        assertThat(exact.holds(cost)).isTrue();
        exact.take(cost);
        word = taken;
        permitted++;
      }
      long passed = random.nextLong(2 * Inside.nanosPerToken(limit));
      exact.advance(passed);
      now += passed;
    }
    assertThat(permitted).isGreaterThan(1000);
  }

  /** A permitted token more than the nominal refill, in tokens times nanoseconds of the period. */
  private static boolean overNominal(Limit limit, long permittedAboveCapacity, long now) {
    return tokens(limit, permittedAboveCapacity).compareTo(refilled(limit, now)) > 0;
  }

  private static BigInteger tokens(Limit limit, long tokens) {
    return BigInteger.valueOf(tokens).multiply(BigInteger.valueOf(limit.refillPeriod().toNanos()));
  }

  private static BigInteger refilled(Limit limit, long nanos) {
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
    long word = 0;
    long untouched = 0;
    for (int step = 0; step < 30; step++) {
      now += random.nextInt(3) == 0 ? random.nextLong(2 * Inside.nanosPerToken(limit)) : 0;
      long cost = 1 + random.nextLong(limit.capacity());
      int action = random.nextInt(3);
      if (action == 2 && !pending.isEmpty()) {
        Pending undone = pending.remove(random.nextInt(pending.size()));
        word = Gcra.giveBack(word, undone.takenAt, now, undone.cost, limit);
      } else {
        long taken = Gcra.take(word, now, cost, limit);
        if (taken != Gcra.DENIED) {
          word = taken;
          if (action == 0) {
            pending.add(new Pending(now, cost));
          } else {
            untouched = Gcra.take(untouched, now, cost, limit);
            assertThat(untouched).as("held by a bucket never charged").isNotNegative();
          }
        }
      }
      assertThat(Math.max(word, now)).isGreaterThanOrEqualTo(Math.max(untouched, now));
    }
    return pending.isEmpty() && Math.max(word, now) == Math.max(untouched, now) ? 1 : 0;
  }

  @Test
  void giveBack_atOnce_restoresTheBucket() {
    Limit limit = Limit.perMinute(10);
    long before = Gcra.take(0, 1000, 3, limit);
    long taken = Gcra.take(before, 1000, 5, limit);
    assertThat(Gcra.giveBack(taken, 1000, 1000, 5, limit)).isEqualTo(before);
  }

  @Test
  void giveBack_afterTheTimeOfItsCost_givesNothing() {
    Limit limit = Limit.of(5, 1, Duration.ofNanos(10));
    long taken = Gcra.take(0, 1000, 2, limit);
    assertThat(Gcra.giveBack(taken, 1000, 1020, 2, limit)).isEqualTo(taken);
    assertThat(Gcra.giveBack(taken, 1000, 1019, 2, limit)).isEqualTo(taken - 1);
  }

  @Test
  void refund_anyAmount_isWithinTheCapacity() {
    Limit limit = Limit.of(5, 1, Duration.ofNanos(10));
    long empty = Gcra.take(0, 1000, 5, limit);
    assertThat(Gcra.remaining(Gcra.refund(empty, 1000, 2, limit), 1000, limit)).isEqualTo(2);
    assertThat(Gcra.remaining(Gcra.refund(empty, 1000, 6, limit), 1000, limit)).isEqualTo(5);
    long over = Gcra.refund(empty, 10, Long.MAX_VALUE, limit);
    assertThat(over).isBetween(0L, 10L);
    assertThat(Gcra.remaining(over, 10, limit)).isEqualTo(5);
  }

  @Test
  void refund_wordBeyondTheLimit_countsFromEmpty() {
    Limit limit = Limit.of(5, 1, Duration.ofNanos(10));
    assertThat(Gcra.remaining(Gcra.refund(9999, 1000, 2, limit), 1000, limit)).isEqualTo(2);
  }

  @Test
  void extremes_longestLimitAtTheLatestTime_doNotOverflow() {
    long century = Inside.nanosToFill(CENTURY);
    long empty = Gcra.take(0, LATEST, 100, CENTURY);
    assertThat(empty).isEqualTo(LATEST + century);
    for (long cost : new long[] {1, 50, 100}) {
      assertThat(Gcra.take(empty, LATEST, cost, CENTURY)).isEqualTo(Gcra.DENIED);
      assertThat(Gcra.retryAfterNanos(empty, LATEST, cost, CENTURY))
          .isEqualTo(cost * Inside.nanosPerToken(CENTURY));
    }
    assertThat(Gcra.take(Long.MAX_VALUE, LATEST, 1, CENTURY)).isEqualTo(Gcra.DENIED);
    assertThat(Gcra.remaining(Long.MAX_VALUE, LATEST, CENTURY)).isZero();
    assertThat(Gcra.exceeds(empty, LATEST, CENTURY)).isFalse();
    assertThat(Gcra.exceeds(empty + 1, LATEST, CENTURY)).isTrue();
    assertThat(Gcra.giveBack(empty, LATEST, LATEST, 100, CENTURY)).isEqualTo(LATEST);
    assertThat(Gcra.refund(empty, LATEST, Long.MAX_VALUE, CENTURY)).isEqualTo(LATEST);
    assertThat(Gcra.retryAfterNanos(0, LATEST, 101, CENTURY)).isEqualTo(BucketState.NEVER);
  }
}
