package dev.penstock;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import java.time.Duration;
import java.time.ZoneId;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LimitWindowsTest {

  private static final ZoneId BERLIN = ZoneId.of("Europe/Berlin");
  private static final FixedWindowLimit DAY = Limit.fixedWindow(10, CalendarUnit.DAY, BERLIN);
  private static final SlidingWindowLimit MINUTE = Limit.slidingWindow(10, Duration.ofMinutes(1));

  @ParameterizedTest
  @ValueSource(longs = {0, -1, 2_000_000_001, Long.MAX_VALUE})
  void factories_capacityOutOfRange_namesTheValue(long capacity) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Limit.fixedWindow(capacity, CalendarUnit.DAY, BERLIN))
        .withMessage("capacity must be from 1 to 2000000000: " + capacity);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Limit.slidingWindow(capacity, Duration.ofMinutes(1)))
        .withMessage("capacity must be from 1 to 250000000: " + capacity);
  }

  @Test
  void slidingWindow_noWholeMinute_hasRoomForLess() {
    assertThat(Limit.slidingWindow(7_500_000, Duration.ofSeconds(61)).capacity())
        .isEqualTo(7_500_000);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Limit.slidingWindow(7_500_001, Duration.ofSeconds(61)))
        .withMessage("capacity must be from 1 to 7500000: 7500001");
  }

  @ParameterizedTest
  @ValueSource(strings = {"PT0S", "PT-1S", "PT0.5S", "PT1.000000001S", "P367D"})
  void slidingWindow_lengthOutOfRange_namesTheValue(Duration window) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Limit.slidingWindow(1, window))
        .withMessage("window must be whole seconds, from one to 366 days: " + window);
  }

  @ParameterizedTest
  @ValueSource(longs = {-1, 11})
  void withOverdraft_outOfRange_namesTheValue(long overdraft) {
    for (WindowLimit limit : new WindowLimit[] {DAY, MINUTE}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> limit.withOverdraft(overdraft))
          .withMessage("overdraft must be from 0 to the capacity 10: " + overdraft);
    }
  }

  @Test
  @SuppressWarnings("NullAway") // null is what is tested
  void factories_null_namesTheParameter() {
    assertThatNullPointerException()
        .isThrownBy(() -> Limit.fixedWindow(1, null, BERLIN))
        .withMessage("unit");
    assertThatNullPointerException()
        .isThrownBy(() -> Limit.fixedWindow(1, CalendarUnit.DAY, null))
        .withMessage("zone");
    assertThatNullPointerException()
        .isThrownBy(() -> Limit.slidingWindow(1, null))
        .withMessage("window");
    assertThatNullPointerException().isThrownBy(() -> DAY.withFailover(null)).withMessage("mode");
    assertThatNullPointerException().isThrownBy(() -> MINUTE.withUnit(null)).withMessage("unit");
  }

  @Test
  void with_options_areKeptAndCompared() {
    WindowLimit all =
        DAY.withUnit("model-tokens").withOverdraft(3).withFailover(FailoverMode.CLOSED);
    assertThat(all.unit()).isEqualTo("model-tokens");
    assertThat(all.overdraft()).isEqualTo(3);
    assertThat(all.failover()).contains(FailoverMode.CLOSED);
    assertThat(all)
        .isEqualTo(DAY.withOverdraft(3).withFailover(FailoverMode.CLOSED).withUnit("model-tokens"))
        .hasSameHashCodeAs(
            DAY.withFailover(FailoverMode.CLOSED).withUnit("model-tokens").withOverdraft(3))
        .isNotEqualTo(DAY);
    assertThat(MINUTE.withUnit("model-tokens").withOverdraft(3).withFailover(FailoverMode.OPEN))
        .hasToString(
            "Limit[capacity=10, sliding PT1M, unit=model-tokens, overdraft=3, failover=OPEN]");
  }

  @Test
  void numbers_ofAWindow_areSaid() {
    assertThat(DAY.calendarUnit()).isEqualTo(CalendarUnit.DAY);
    assertThat(DAY.zone()).isEqualTo(BERLIN);
    assertThat(DAY.window()).isEqualTo(Duration.ofDays(1));
    assertThat(MINUTE.window()).isEqualTo(Duration.ofMinutes(1));
    assertThat(DAY).hasToString("Limit[capacity=10, fixed DAY Europe/Berlin]");
    assertThat(DAY).isNotEqualTo(Limit.fixedWindow(10, CalendarUnit.DAY, ZoneOffset.UTC));
    assertThat(DAY).isNotEqualTo(Limit.fixedWindow(10, CalendarUnit.WEEK, BERLIN));
    assertThat(MINUTE).isNotEqualTo(Limit.slidingWindow(10, Duration.ofMinutes(2)));
  }
}
