package dev.penstock.admin;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.CalendarUnit;
import dev.penstock.FailoverMode;
import dev.penstock.Limit;
import java.time.Duration;
import java.time.ZoneId;
import org.junit.jupiter.api.Test;

class LimitWordsTest {

  @Test
  void of_windows_saysWhich() {
    ZoneId berlin = ZoneId.of("Europe/Berlin");
    assertThat(LimitWords.of(Limit.fixedWindow(5, CalendarUnit.MONTH, berlin).withOverdraft(2)))
        .isEqualTo("5 per month in Europe/Berlin, overdraft 2");
    assertThat(LimitWords.of(Limit.slidingWindow(5, Duration.ofMinutes(2))))
        .isEqualTo("5 per sliding window of 2 minutes");
  }

  @Test
  void of_rates_saysThemByTheLargestUnit() {
    assertThat(LimitWords.of(Limit.perMinute(10))).isEqualTo("10 per minute");
    assertThat(LimitWords.of(Limit.per(10, Duration.ofHours(2)))).isEqualTo("10 per 2 hours");
    assertThat(LimitWords.of(Limit.per(10, Duration.ofSeconds(90)))).isEqualTo("10 per 90 seconds");
    assertThat(LimitWords.of(Limit.perDay(1))).isEqualTo("1 per day");
    assertThat(LimitWords.of(Limit.per(1, Duration.ofNanos(1_500_001))))
        .isEqualTo("1 per 1500001 nanoseconds");
  }

  @Test
  void of_periodBeyondNanoseconds_saysIt() {
    Duration period = Duration.ofDays(200_000);
    assertThat(LimitWords.of(Limit.of(1, 100_000, period)))
        .isEqualTo("100000 per 200000 days, 1 at once");
    assertThat(LimitWords.of(Limit.of(1, 100_000, period.plusNanos(100_000))))
        .isEqualTo("100000 per PT4800000H0.0001S, 1 at once");
  }

  @Test
  void of_options_saysEach() {
    assertThat(
            LimitWords.of(
                Limit.perMinute(10)
                    .withCapacity(20)
                    .withUnit("model-tokens")
                    .withOverdraft(5)
                    .withLease(2)
                    .withFailover(FailoverMode.CLOSED)))
        .isEqualTo(
            "model-tokens: 10 per minute, 20 at once, overdraft 5, lease 2,"
                + " closed while Redis is away");
  }

  @Test
  void of_slots_saysHowLongEachIsHeld() {
    assertThat(LimitWords.of(Limit.inFlight(4))).isEqualTo("4 at a time");
    assertThat(LimitWords.of(Limit.inFlight(4).withHeldAtMost(Duration.ofMinutes(15))))
        .isEqualTo("4 at a time, each 15 minutes at most");
  }
}
