package dev.penstock;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import org.junit.jupiter.api.Test;

/** Fixed and sliding windows, by a wall clock that stands where a test sets it. */
public interface WindowsContract extends WindowBansContract {

  Identity CLIENT = Identity.user("acme", "window");
  ZoneId BERLIN = ZoneId.of("Europe/Berlin");

  private void setWall(ZonedDateTime time) {
    setWall(time.toInstant());
  }

  private static ZonedDateTime berlin(String local) {
    return LocalDateTime.parse(local).atZone(BERLIN);
  }

  private static LimitPolicy policy(Limit limit) {
    return LimitPolicy.perIdentity("window", limit);
  }

  private static FixedWindowLimit berlin(long capacity, CalendarUnit unit) {
    return Limit.fixedWindow(capacity, unit, BERLIN);
  }

  private BucketState take(Limit limit, long amount) {
    return limiter().tryAcquire(CLIENT, policy(limit), amount).buckets().get(0);
  }

  private BucketState look(Limit limit) {
    return limiter().peek(CLIENT, policy(limit)).buckets().get(0);
  }

  private void assertSpends(Limit limit, long amount) {
    assertThat(take(limit, amount).permitted()).isTrue();
    assertThat(take(limit, 1).permitted()).isFalse();
  }

  /** Retry-after is exact: so long after it is permitted, and a tick less it is not. */
  private void assertDeniedFor(Limit limit, long amount, Duration time) {
    assertThat(take(limit, amount).retryAfter()).contains(time);
    advance(time.minus(resolution()));
    assertThat(take(limit, amount).permitted()).isFalse();
    advance(resolution());
    assertThat(take(limit, amount).permitted()).isTrue();
  }

  @Test
  default void windows_truthTable_isKept() {
    for (String line : TruthTable.text("/windows.tsv").lines().toList()) {
      if (!line.startsWith("#")) {
        checkRow(line.split("\t", -1), line);
      }
    }
  }

  private void checkRow(String[] columns, String line) {
    setWall(Instant.parse(columns[1]));
    LimitPolicy policy = LimitPolicy.perIdentity("row-" + columns[0], Limit.parse(columns[2]));
    long cost = Long.parseLong(columns[4]);
    Decision decision =
        columns[3].equals("take")
            ? limiter().tryAcquire(CLIENT, policy, cost)
            : limiter().peek(CLIENT, policy, cost);
    BucketState state = decision.buckets().get(0);
    assertThat(state.permitted()).as(line).isEqualTo(columns[5].equals("yes"));
    assertThat(state.remaining()).as(line).isEqualTo(Long.parseLong(columns[6]));
    assertThat(state.never()).as(line).isEqualTo(columns[7].equals("never"));
    if (!state.never()) {
      Duration retryAfter = Duration.ofSeconds(Long.parseLong(columns[7]));
      assertThat(state.retryAfter()).as(line).contains(retryAfter);
    }
    assertThat(state.resetAfter())
        .as(line)
        .contains(Duration.ofSeconds(Long.parseLong(columns[8])));
  }

  @Test
  default void fixed_withinAWindow_isACount() {
    setWall(berlin("2026-05-04T10:00:20"));
    Limit limit = berlin(10, CalendarUnit.MINUTE);
    BucketState fresh = look(limit);
    assertThat(fresh.remaining()).isEqualTo(10);
    assertThat(fresh.resetAfterNanos()).isZero();
    BucketState taken = take(limit, 7);
    assertThat(taken.permitted()).isTrue();
    assertThat(taken.remaining()).isEqualTo(3);
    assertThat(taken.resetAfter()).contains(Duration.ofSeconds(40));
    advance(Duration.ofSeconds(30));
    assertThat(look(limit).remaining()).isEqualTo(3);
    assertDeniedFor(limit, 4, Duration.ofSeconds(10));
    assertThat(look(limit).remaining()).isEqualTo(6);
    assertThat(take(limit, 11).never()).isTrue();
  }

  @Test
  default void fixed_dayOf23Hours_endsAtMidnight() {
    setWall(berlin("2026-03-29T00:00:00"));
    assertSpends(berlin(3, CalendarUnit.DAY), 3);
    assertDeniedFor(berlin(3, CalendarUnit.DAY), 1, Duration.ofHours(23));
  }

  @Test
  default void fixed_dayOf25Hours_endsAtMidnight() {
    setWall(berlin("2026-10-25T00:00:00"));
    assertSpends(berlin(3, CalendarUnit.DAY), 3);
    advance(Duration.ofHours(24));
    assertDeniedFor(berlin(3, CalendarUnit.DAY), 1, Duration.ofHours(1));
  }

  @Test
  default void fixed_lastSecondBeforeMidnight_isOfTheDayBefore() {
    setWall(berlin("2026-05-04T23:59:59"));
    assertSpends(berlin(3, CalendarUnit.DAY), 3);
    assertDeniedFor(berlin(3, CalendarUnit.DAY), 3, Duration.ofSeconds(1));
    assertThat(take(berlin(3, CalendarUnit.DAY), 1).retryAfter()).contains(Duration.ofDays(1));
  }

  @Test
  default void fixed_31January_endsWithTheMonth() {
    setWall(berlin("2026-01-31T12:00:00"));
    assertSpends(berlin(5, CalendarUnit.MONTH), 5);
    assertDeniedFor(berlin(5, CalendarUnit.MONTH), 5, Duration.ofHours(12));
    assertThat(take(berlin(5, CalendarUnit.MONTH), 1).retryAfter()).contains(Duration.ofDays(28));
  }

  @Test
  default void fixed_leapYear_hasItsDay() {
    setWall(ZonedDateTime.of(2028, 2, 29, 0, 0, 0, 0, ZoneOffset.UTC));
    Limit month = Limit.fixedWindow(5, CalendarUnit.MONTH, ZoneOffset.UTC);
    assertSpends(month, 5);
    assertDeniedFor(month, 1, Duration.ofDays(1));
    setWall(ZonedDateTime.of(2028, 12, 31, 0, 0, 0, 0, ZoneOffset.UTC));
    Limit year = Limit.fixedWindow(5, CalendarUnit.YEAR, ZoneOffset.UTC);
    LimitPolicy policy = LimitPolicy.perIdentity("year", year);
    assertThat(limiter().tryAcquire(CLIENT, policy, 5).permitted()).isTrue();
    assertThat(limiter().tryAcquire(CLIENT, policy).retryAfter()).contains(Duration.ofDays(1));
  }

  @Test
  default void fixed_year_lastsAsLong() {
    setWall(ZonedDateTime.of(2026, 1, 1, 0, 0, 0, 0, ZoneOffset.UTC));
    Limit year = Limit.fixedWindow(1, CalendarUnit.YEAR, ZoneOffset.UTC);
    assertSpends(year, 1);
    assertDeniedFor(year, 1, Duration.ofDays(365));
    assertDeniedFor(year, 1, Duration.ofDays(365));
    assertDeniedFor(year, 1, Duration.ofDays(366));
  }

  @Test
  default void fixed_zoneWithoutMidnight_beginsWhenTheClocksHaveGoneForward() {
    ZoneId cairo = ZoneId.of("Africa/Cairo");
    Limit day = Limit.fixedWindow(2, CalendarUnit.DAY, cairo);
    setWall(ZonedDateTime.of(2026, 4, 23, 23, 0, 0, 0, cairo));
    assertSpends(day, 2);
    assertDeniedFor(day, 2, Duration.ofHours(1));
    assertThat(take(day, 1).retryAfter()).contains(Duration.ofHours(23));
  }

  @Test
  default void fixed_week_beginsOnMonday() {
    setWall(berlin("2026-05-03T23:00:00"));
    assertSpends(berlin(1, CalendarUnit.WEEK), 1);
    assertDeniedFor(berlin(1, CalendarUnit.WEEK), 1, Duration.ofHours(1));
    assertThat(take(berlin(1, CalendarUnit.WEEK), 1).retryAfter()).contains(Duration.ofDays(7));
  }

  @Test
  default void fixed_clockAnHourBack_isUsedUpAndNotRefilled() {
    setWall(berlin("2026-05-04T13:00:00"));
    Limit hour = berlin(10, CalendarUnit.HOUR);
    assertThat(take(hour, 3).remaining()).isEqualTo(7);
    setWall(berlin("2026-05-04T12:30:00"));
    assertThat(take(hour, 1).permitted()).isFalse();
    assertThat(look(hour).remaining()).isZero();
    assertDeniedFor(hour, 7, Duration.ofMinutes(30));
    assertThat(look(hour).remaining()).isZero();
  }

  @Test
  default void fixed_clockSetBackWithinADay_forgetsNothingTooEarly() {
    setWall(berlin("2026-05-04T23:30:00"));
    Limit day = berlin(10, CalendarUnit.DAY);
    assertSpends(day, 10);
    setWall(berlin("2026-05-04T22:30:00"));
    advance(Duration.ofMinutes(89));
    assertThat(take(day, 1).permitted()).isFalse();
    assertThat(take(day, 1).retryAfter()).contains(Duration.ofMinutes(1));
  }

  @Test
  default void fixed_clockStepsForwardWithinAWindow_isNoFreshBudget() {
    setWall(berlin("2026-05-04T08:00:00"));
    Limit day = berlin(10, CalendarUnit.DAY);
    assertSpends(day, 10);
    setWall(berlin("2026-05-04T20:00:00"));
    assertThat(take(day, 1).retryAfter()).contains(Duration.ofHours(4));
  }

  @Test
  default void fixed_clockWasFarAhead_isUsedUpForOneWindow() {
    setWall(berlin("2031-05-04T08:30:00"));
    Limit hour = berlin(10, CalendarUnit.HOUR);
    assertThat(take(hour, 1).permitted()).isTrue();
    setWall(berlin("2029-05-04T08:30:00"));
    assertDeniedFor(hour, 1, Duration.ofMinutes(30));
  }

  @Test
  default void sliding_lastWindow_countsWithThePartThatIsLeft() {
    setWall(Instant.parse("2026-05-04T10:00:00Z"));
    Limit limit = Limit.slidingWindow(100, Duration.ofMinutes(1));
    assertThat(take(limit, 80).remaining()).isEqualTo(20);
    advance(Duration.ofSeconds(60));
    assertThat(look(limit).remaining()).isEqualTo(20);
    advance(Duration.ofSeconds(15));
    assertThat(look(limit).remaining()).isEqualTo(40);
    assertThat(take(limit, 30).remaining()).isEqualTo(10);
    assertDeniedFor(limit, 30, Duration.ofSeconds(15));
    assertThat(look(limit).resetAfter()).contains(Duration.ofSeconds(90));
    advance(Duration.ofSeconds(90));
    assertThat(look(limit).remaining()).isEqualTo(100);
  }

  @Test
  default void sliding_deniedFromThisWindow_isExactInTheNext() {
    setWall(Instant.parse("2026-05-04T10:00:00Z"));
    Limit limit = Limit.slidingWindow(10, Duration.ofSeconds(10));
    assertSpends(limit, 10);
    assertDeniedFor(limit, 1, Duration.ofSeconds(11));
    assertDeniedFor(limit, 10, Duration.ofSeconds(19));
    setWall(Instant.parse("2027-05-04T10:00:00Z"));
    assertThat(take(limit, 6).remaining()).isEqualTo(4);
    assertDeniedFor(limit, 10, Duration.ofSeconds(20));
  }

  /** However long the windows are, it is how far the clock goes back that counts. */
  @Test
  default void longWindows_clockBackBySecondsOverTheirEdge_areUsedUpAndNotRefilled() {
    for (Limit limit :
        new Limit[] {
          berlin(10, CalendarUnit.WEEK),
          berlin(10, CalendarUnit.MONTH),
          berlin(10, CalendarUnit.YEAR),
          Limit.slidingWindow(10, Duration.ofDays(7)),
        }) {
      LimitPolicy policy = LimitPolicy.perIdentity("edge-" + limit, limit);
      String day = limit.equals(berlin(10, CalendarUnit.WEEK)) ? "2027-01-04" : "2027-01-01";
      Instant edge =
          limit instanceof SlidingWindowLimit
              ? Instant.ofEpochSecond(Duration.ofDays(7 * 2_900).toSeconds())
              : berlin(day + "T00:00:00").toInstant();
      setWall(edge.plusSeconds(3));
      assertThat(limiter().tryAcquire(CLIENT, policy, 10).permitted()).isTrue();
      setWall(edge.minusSeconds(2));
      assertThat(limiter().peek(CLIENT, policy).permitted()).as(limit + ", back").isFalse();
      assertThat(limiter().tryAcquire(CLIENT, policy).permitted()).as(limit + ", back").isFalse();
      setWall(edge.plusSeconds(4));
      assertThat(remaining(policy)).as(limit + ", again").isZero();
    }
  }

  @Test
  default void sliding_clockBackByAWindow_isUsedUp() {
    setWall(Instant.parse("2026-05-04T10:10:00Z"));
    Limit limit = Limit.slidingWindow(10, Duration.ofMinutes(10));
    assertThat(take(limit, 4).permitted()).isTrue();
    setWall(Instant.parse("2026-05-04T10:09:00Z"));
    assertThat(look(limit).remaining()).isZero();
    assertDeniedFor(limit, 6, Duration.ofMinutes(1));
  }

  @Test
  default void windows_capacityOne_isOneInEach() {
    setWall(Instant.parse("2026-05-04T10:00:30Z"));
    Limit fixed = Limit.fixedWindow(1, CalendarUnit.MINUTE, ZoneOffset.UTC);
    assertSpends(fixed, 1);
    assertDeniedFor(fixed, 1, Duration.ofSeconds(30));
    LimitPolicy sliding =
        LimitPolicy.perIdentity("s", Limit.slidingWindow(1, Duration.ofMinutes(1)));
    assertThat(limiter().tryAcquire(CLIENT, sliding).permitted()).isTrue();
    assertThat(limiter().tryAcquire(CLIENT, sliding).retryAfter()).contains(Duration.ofMinutes(2));
  }

  @Test
  default void windows_largestCapacity_isCountedExactly() {
    setWall(Instant.parse("2026-05-04T10:00:00Z"));
    for (Limit limit :
        new Limit[] {
          Limit.fixedWindow(2_000_000_000, CalendarUnit.MINUTE, ZoneOffset.UTC),
          Limit.slidingWindow(250_000_000, Duration.ofDays(366)),
          Limit.slidingWindow(7_500_000, Duration.ofSeconds(1)),
          Limit.fixedWindow(1_999_999_993, CalendarUnit.YEAR, BERLIN),
        }) {
      LimitPolicy policy = LimitPolicy.perIdentity("large-" + limit, limit);
      assertThat(limiter().tryAcquire(CLIENT, policy, 1).permitted()).isTrue();
      for (long left : new long[] {limit.capacity() / 3, 12_345, 1, 0}) {
        assertThat(limiter().tryAcquire(CLIENT, policy, remaining(policy) - left).permitted())
            .isTrue();
        assertThat(remaining(policy)).isEqualTo(left);
      }
    }
  }

  @Test
  default void windows_reservation_settlesUpAndDownAndCancels() {
    setWall(berlin("2026-05-04T10:00:00"));
    for (Limit limit :
        new Limit[] {berlin(10, CalendarUnit.DAY), Limit.slidingWindow(10, Duration.ofDays(1))}) {
      LimitPolicy policy = LimitPolicy.perIdentity(limit.getClass().getSimpleName(), limit);
      try (Reservation run = limiter().reserve(CLIENT, policy, Cost.of(4))) {
        assertThat(run.permitted()).isTrue();
        run.settle(Cost.of(7));
        assertThat(remaining(policy)).isEqualTo(3);
        run.settle(Cost.of(2));
        assertThat(remaining(policy)).isEqualTo(8);
        run.settle(Cost.of(30));
        assertThat(remaining(policy)).isZero();
        run.settle(Cost.of(15));
        assertThat(remaining(policy)).isZero();
        run.settle(Cost.of(9));
        assertThat(remaining(policy)).isEqualTo(1);
        run.cancel();
      }
      assertThat(remaining(policy)).isEqualTo(10);
    }
  }

  private long remaining(LimitPolicy policy) {
    return limiter().peek(CLIENT, policy).buckets().get(0).remaining();
  }

  @Test
  default void windows_chargedNothing_mustHoldAToken() {
    setWall(berlin("2026-05-04T10:00:00"));
    for (Limit limit :
        new Limit[] {berlin(10, CalendarUnit.DAY), Limit.slidingWindow(10, Duration.ofDays(1))}) {
      Limit tokens = limit.withUnit("model-tokens");
      LimitPolicy policy = LimitPolicy.perIdentity(limit.getClass().getSimpleName(), tokens);
      Cost nine = Cost.of(1).and("model-tokens", 9);
      assertThat(limiter().tryAcquire(CLIENT, policy, nine).permitted()).isTrue();
      assertThat(limiter().tryAcquire(CLIENT, policy).permitted()).isTrue();
      assertThat(limiter().tryAcquire(CLIENT, policy, Cost.units("model-tokens", 1)).permitted())
          .isTrue();
      Decision denied = limiter().tryAcquire(CLIENT, policy);
      assertThat(denied.permitted()).isFalse();
      assertThat(denied.retryAfter()).hasValueSatisfying(time -> assertThat(time).isPositive());
    }
  }

  @Test
  default void windows_cancelledInTheNextWindow_putsNothingBack() {
    setWall(berlin("2026-05-04T10:59:00"));
    LimitPolicy policy = policy(berlin(10, CalendarUnit.HOUR));
    Reservation run = limiter().reserve(CLIENT, policy, Cost.of(4));
    advance(Duration.ofMinutes(2));
    assertThat(limiter().tryAcquire(CLIENT, policy, 6).permitted()).isTrue();
    run.cancel();
    assertThat(remaining(policy)).isEqualTo(4);
  }

  @Test
  default void windows_overdraft_isOwedUntilTheWindowEnds() {
    setWall(berlin("2026-05-04T10:30:00"));
    LimitPolicy policy = policy(berlin(10, CalendarUnit.HOUR).withOverdraft(5));
    Reservation first = limiter().reserve(CLIENT, policy, Cost.of(5));
    Reservation second = limiter().reserve(CLIENT, policy, Cost.of(5));
    first.settle(Cost.of(9));
    second.cancel();
    assertThat(remaining(policy)).isEqualTo(1);
    first.settle(Cost.of(100));
    assertThat(remaining(policy)).isZero();
    assertThat(limiter().tryAcquire(CLIENT, policy).retryAfter()).contains(Duration.ofMinutes(30));
    advance(Duration.ofMinutes(30));
    assertThat(remaining(policy)).isEqualTo(10);
  }

  @Test
  default void sliding_overdraft_isBoundedInTheNextWindow() {
    setWall(Instant.parse("2026-05-04T10:00:00Z"));
    LimitPolicy policy = policy(Limit.slidingWindow(10, Duration.ofMinutes(1)).withOverdraft(5));
    limiter().reserve(CLIENT, policy, Cost.of(5)).settle(Cost.of(1_000));
    advance(Duration.ofSeconds(90));
    assertThat(remaining(policy)).isEqualTo(2);
  }

  @Test
  default void windows_reset_areUnused() {
    setWall(berlin("2026-05-04T10:30:00"));
    for (Limit limit :
        new Limit[] {
          berlin(10, CalendarUnit.DAY), Limit.slidingWindow(10, Duration.ofMinutes(10))
        }) {
      LimitPolicy policy = LimitPolicy.perIdentity(limit.getClass().getSimpleName(), limit);
      limiter().tryAcquire(CLIENT, policy, 6);
      advance(Duration.ofMinutes(10));
      limiter().tryAcquire(CLIENT, policy, 4);
      assertThat(remaining(policy)).isZero();
      limiter().reset(CLIENT, policy);
      assertThat(remaining(policy)).isEqualTo(10);
    }
  }

  @Test
  default void windows_withOthers_takeAllOrNothing() {
    setWall(berlin("2026-05-04T10:30:00"));
    LimitPolicy all =
        LimitPolicy.perIdentity("bucket", Limit.perMinute(10))
            .and(LimitPolicy.perIdentity("day", berlin(6, CalendarUnit.DAY)))
            .and(LimitPolicy.perIdentity("last", Limit.slidingWindow(8, Duration.ofMinutes(1))));
    assertThat(limiter().tryAcquire(CLIENT, all, 5).permitted()).isTrue();
    Decision denied = limiter().tryAcquire(CLIENT, all, 2);
    assertThat(denied.deniedBy()).extracting(BucketState::name).containsExactly("day");
    assertThat(denied.buckets()).extracting(BucketState::remaining).containsExactly(5L, 1L, 3L);
    assertThat(denied.retryAfter()).contains(Duration.ofMinutes(13 * 60 + 30));
    assertThat(limiter().tryAcquire(CLIENT, all).permitted()).isTrue();
  }

  @Test
  default void windows_inShadow_areOnlyTried() {
    setWall(berlin("2026-05-04T10:30:00"));
    LimitPolicy policy = policy(berlin(1, CalendarUnit.DAY)).asShadow();
    assertThat(limiter().tryAcquire(CLIENT, policy).shadow().orElseThrow().permitted()).isTrue();
    Decision second = limiter().tryAcquire(CLIENT, policy);
    assertThat(second.permitted()).isTrue();
    assertThat(second.shadow().orElseThrow().permitted()).isFalse();
  }

  @Test
  default void windows_changedKind_keepsTheUsedFraction() {
    setWall(berlin("2026-05-04T10:30:00"));
    Limit[] kinds = {
      Limit.perMinute(10),
      berlin(40, CalendarUnit.DAY),
      berlin(20, CalendarUnit.MINUTE),
      Limit.fixedWindow(100, CalendarUnit.DAY, ZoneOffset.UTC),
      Limit.slidingWindow(6, Duration.ofMinutes(2)),
      Limit.slidingWindow(200, Duration.ofSeconds(7)),
      Limit.perHour(1000),
    };
    for (int i = 0; i < kinds.length; i++) {
      LimitPolicy first = LimitPolicy.perIdentity("kind-" + i, kinds[i]);
      limiter().tryAcquire(CLIENT, first, kinds[i].capacity() / 2);
      for (Limit kind : kinds) {
        LimitPolicy changed = LimitPolicy.perIdentity("kind-" + i, kind);
        assertThat(remaining(changed)).as(kinds[i] + " " + kind).isEqualTo(kind.capacity() / 2);
      }
      for (Limit kind : kinds) {
        LimitPolicy changed = LimitPolicy.perIdentity("kind-" + i, kind);
        long half = kind.capacity() / 2;
        assertThat(limiter().tryAcquire(CLIENT, changed, half + 1).permitted()).isFalse();
      }
      LimitPolicy last = LimitPolicy.perIdentity("kind-" + i, kinds[(i + 1) % kinds.length]);
      long half = kinds[(i + 1) % kinds.length].capacity() / 2;
      assertThat(limiter().tryAcquire(CLIENT, last, half).permitted()).isTrue();
      for (Limit kind : kinds) {
        LimitPolicy changed = LimitPolicy.perIdentity("kind-" + i, kind);
        assertThat(remaining(changed)).as(kinds[i] + " " + kind).isZero();
      }
    }
  }

  @Test
  default void windows_tenCalendarsOfOneName_loseNothingAndLockNobodyOut() {
    setWall(berlin("2026-05-04T10:30:00"));
    for (int i = 1; i <= 10; i++) {
      Limit limit = Limit.fixedWindow(7, CalendarUnit.DAY, ZoneOffset.ofHours(i - 5));
      Identity own = Identity.user("acme", "zone-" + i);
      for (int j = 6; j >= 0; j--) {
        BucketState state = limiter().tryAcquire(own, policy(limit)).buckets().get(0);
        assertThat(state.permitted()).isTrue();
        assertThat(state.remaining()).isEqualTo(j);
      }
      assertThat(limiter().tryAcquire(own, policy(limit)).permitted()).isFalse();
    }
  }
}
