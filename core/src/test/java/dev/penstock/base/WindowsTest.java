package dev.penstock.base;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class WindowsTest {

  private static long nanos(Instant time) {
    return time.getEpochSecond() * 1_000_000_000 + time.getNano();
  }

  @ParameterizedTest
  @CsvSource({
    "Europe/Berlin, DAYS, 2026-03-29T10:00:00Z, 2026-03-28T23:00:00Z, 2026-03-29T22:00:00Z",
    "Europe/Berlin, DAYS, 2026-10-25T10:00:00Z, 2026-10-24T22:00:00Z, 2026-10-25T23:00:00Z",
    "Europe/Berlin, HOURS, 2026-10-25T01:30:00Z, 2026-10-25T01:00:00Z, 2026-10-25T02:00:00Z",
    "Asia/Kolkata, HOURS, 2026-01-01T10:00:00Z, 2026-01-01T09:30:00Z, 2026-01-01T10:30:00Z",
    "Asia/Kolkata, MINUTES, 2026-01-01T10:00:59Z, 2026-01-01T10:00:00Z, 2026-01-01T10:01:00Z",
    "Z, WEEKS, 2026-01-01T10:00:00Z, 2025-12-29T00:00:00Z, 2026-01-05T00:00:00Z",
    "Z, MONTHS, 2028-02-29T10:00:00Z, 2028-02-01T00:00:00Z, 2028-03-01T00:00:00Z",
    "Z, YEARS, 2028-02-29T10:00:00Z, 2028-01-01T00:00:00Z, 2029-01-01T00:00:00Z",
    // A day that was left out, when Samoa crossed the date line.
    "Pacific/Apia, DAYS, 2011-12-30T09:59:59Z, 2011-12-29T10:00:00Z, 2011-12-30T10:00:00Z",
    // Midnight comes twice: the clocks went back from 00:00 to 23:00.
    "America/Sao_Paulo, DAYS, 2018-02-18T02:30:00Z, 2018-02-17T02:00:00Z, 2018-02-18T03:00:00Z",
    // Midnight does not come: the clocks went forward from 00:00 to 01:00.
    "America/Sao_Paulo, DAYS, 2018-11-04T02:59:59Z, 2018-11-03T03:00:00Z, 2018-11-04T03:00:00Z",
  })
  void ofCalendar_time_liesInItsWindow(
      String zone, ChronoUnit unit, Instant time, Instant start, Instant end) {
    Windows windows = Windows.ofCalendar(unit, ZoneId.of(zone));
    assertThat(windows.start(nanos(time))).isEqualTo(nanos(start));
    assertThat(windows.end(nanos(time))).isEqualTo(nanos(end));
    assertThat(windows.start(nanos(start))).isEqualTo(nanos(start));
    assertThat(windows.end(nanos(end) - 1)).isEqualTo(nanos(end));
    assertThat(windows.start(nanos(end))).isEqualTo(nanos(end));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"Europe/Berlin", "Africa/Cairo", "America/Havana", "Australia/Lord_Howe", "Z"})
  void ofCalendar_anyTime_endsAfterItAndNeverEarlierThanBefore(String zone) {
    Random random = new Random(7);
    for (ChronoUnit unit : new ChronoUnit[] {ChronoUnit.HOURS, ChronoUnit.DAYS}) {
      Windows windows = Windows.ofCalendar(unit, ZoneId.of(zone));
      long time = nanos(Instant.parse("2020-01-01T00:00:00Z"));
      long end = 0;
      for (int i = 0; i < 20_000; i++) {
        time += Duration.ofMinutes(random.nextInt(240)).toNanos();
        assertThat(windows.end(time)).isGreaterThan(time).isGreaterThanOrEqualTo(end);
        assertThat(windows.start(time)).isLessThanOrEqualTo(time);
        end = windows.end(time);
      }
    }
  }

  /** Lord Howe's clocks change by half an hour: hours by the one and by the other overlap. */
  @ParameterizedTest
  @ValueSource(strings = {"2026-10-03T15:30:00Z", "2026-04-04T15:00:00Z"})
  void window_whateverWasAskedBefore_isTheSame(Instant change) {
    Random random = new Random(7);
    for (ChronoUnit unit : new ChronoUnit[] {ChronoUnit.MINUTES, ChronoUnit.HOURS}) {
      Windows windows = Windows.ofCalendar(unit, ZoneId.of("Australia/Lord_Howe"));
      for (int i = 0; i < 1_000; i++) {
        long time = nanos(change) + Duration.ofSeconds(random.nextInt(-7_200, 7_200)).toNanos();
        Windows fresh = Windows.ofCalendar(unit, ZoneId.of("Australia/Lord_Howe"));
        assertThat(windows.window(time)).isEqualTo(fresh.window(time));
      }
    }
  }

  @Test
  void window_ofADay_saysWhenItsNeighboursBeginAndEnd() {
    Windows windows = Windows.ofCalendar(ChronoUnit.DAYS, ZoneId.of("Europe/Berlin"));
    Windows.Window day = windows.window(nanos(Instant.parse("2026-10-25T12:00:00Z")));
    assertThat(day.lastStart()).isEqualTo(nanos(Instant.parse("2026-10-23T22:00:00Z")));
    assertThat(day.end()).isEqualTo(nanos(Instant.parse("2026-10-25T23:00:00Z")));
    assertThat(day.nextEnd()).isEqualTo(nanos(Instant.parse("2026-10-26T23:00:00Z")));
  }
}
