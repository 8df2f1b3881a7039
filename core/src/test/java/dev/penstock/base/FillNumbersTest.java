package dev.penstock.base;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.Crowd;
import dev.penstock.FakeClock;
import dev.penstock.redis.Await;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import org.junit.jupiter.api.Test;

class FillNumbersTest {

  private static final Duration DEADLINE = Duration.ofSeconds(30);
  private static final int THREADS = 4;

  private final FakeClock clock = new FakeClock(-5_000);
  private final FillNumbers numbers = new FillNumbers(clock);

  private static final class Limit extends RefillNanos {
    Limit(long nanosToFill, long nanosOfOverdraft) {
      super(1, nanosToFill, nanosOfOverdraft, null);
    }
  }

  private static Limit minutes(long minutes) {
    return new Limit(Duration.ofMinutes(minutes).toNanos(), 0);
  }

  private FillNumbers.Holder hold(long minutes) {
    return numbers.hold(minutes(minutes));
  }

  private List<FillNumbers.Holder> holdEight() {
    List<FillNumbers.Holder> held = new ArrayList<>();
    for (int i = 1; i <= 8; i++) {
      held.add(hold(i));
    }
    return held;
  }

  /** Until the collector has found that nobody holds them, and somebody has asked. */
  private void awaitLeft() {
    Await.until(
        "the numbers are left",
        DEADLINE,
        () -> {
          System.gc();
          hold(1);
          clock.advance(Duration.ofDays(1));
          return own(hold(100), 100);
        });
  }

  private boolean own(FillNumbers.Holder holder, long minutes) {
    return numbers.fill(holder.number) == Duration.ofMinutes(minutes).toNanos();
  }

  @Test
  void hold_eightTimes_haveEachTheirNumber() {
    List<FillNumbers.Holder> held = holdEight();
    assertThat(held).extracting(holder -> holder.number).containsExactly(0, 1, 2, 3, 4, 5, 6, 7);
    assertThat(hold(3)).isSameAs(held.get(2));
  }

  @Test
  void hold_aNinthWhileAllAreHeld_goesByTheNearest() {
    List<FillNumbers.Holder> held = holdEight();
    System.gc();
    clock.advance(Duration.ofDays(1));
    assertThat(hold(60)).isSameAs(held.get(7));
    assertThat(hold(60)).isSameAs(held.get(7));
    assertThat(numbers.fill(7)).isEqualTo(Duration.ofMinutes(8).toNanos());
  }

  @Test
  void hold_aNinthOnceNobodyHoldsAnother_takesItsNumber() {
    holdEight();
    awaitLeft();
  }

  /**
   * A word under it may live for as long as it takes to fill twice, and ten minutes is the least.
   */
  @Test
  void hold_aNinthBeforeOldWordsAreFull_goesByTheNearest() {
    holdEight();
    for (int i = 0; i < 5; i++) {
      System.gc();
      assertThat(own(hold(100), 100)).isFalse();
    }
    clock.advance(Duration.ofNanos(FillNumbers.LEAST_NANOS));
    assertThat(own(hold(100), 100)).isFalse();
  }

  @Test
  void keep_aNumber_isNeverForgotten() {
    holdEight();
    for (int number = 0; number < 8; number++) {
      numbers.keep(number, Long.MAX_VALUE);
    }
    for (int i = 0; i < 5; i++) {
      System.gc();
      hold(1);
      clock.advance(Duration.ofDays(3_000));
      assertThat(own(hold(100), 100)).isFalse();
    }
  }

  @Test
  void lifeNanos_isTheFarthestThatAWordMayBe() {
    assertThat(FillNumbers.lifeNanos(new Limit(100, 7), 100)).isEqualTo(207);
    assertThat(FillNumbers.lifeNanos(new Limit(100, 7), 10)).isEqualTo(207);
    assertThat(FillNumbers.lifeNanos(new Limit(100, 7), 1_000)).isBetween(2_070L, 2_072L);
  }

  @Test
  void hold_byManyAtOnce_isOneNumberForOneTime() {
    try (Crowd crowd = new Crowd(THREADS)) {
      for (int round = 0; round < 1_000; round++) {
        FillNumbers fresh = new FillNumbers(() -> 0);
        var held = crowd.ask(thread -> fresh.hold(minutes(5)));
        assertThat(new HashSet<>(held)).hasSize(1);
      }
    }
  }
}
