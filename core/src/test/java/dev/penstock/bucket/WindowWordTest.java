package dev.penstock.bucket;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.base.Windows;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class WindowWordTest {

  private static final long MINUTE = 60_000_000_000L;
  private static final long NOW =
      Instant.parse("2026-05-04T10:00:00Z").getEpochSecond() * 1_000_000_000;
  private static final Windows DAYS = Windows.ofCalendar(ChronoUnit.DAYS, ZoneOffset.UTC);
  private static final Windows MINUTES = Windows.sliding(Duration.ofMinutes(1));
  private static final Windows SECONDS = Windows.sliding(Duration.ofSeconds(7));
  private static final List<Windows> ALL = List.of(DAYS, MINUTES, SECONDS);

  @Test
  void of_anyAmount_isReadBackExactly() {
    Random random = new Random(3);
    for (Windows windows : ALL) {
      long most =
          windows.equals(DAYS) ? 2_000_000_000 : windows.equals(MINUTES) ? 250_000_000 : 7_500_000;
      for (int i = 0; i < 100_000; i++) {
        long capacity = i % 2 == 0 ? 1 + random.nextLong(most) : 1 + random.nextLong(100);
        long taken = i % 7 == 0 ? 2 * capacity : random.nextLong(2 * capacity + 1);
        long word = WindowWord.of(windows, NOW + MINUTE, taken, capacity);
        assertThat(word).isPositive();
        assertThat(WindowWord.taken(word, capacity)).isEqualTo(taken);
        assertThat(WindowWord.until(word, NOW)).isEqualTo(NOW + MINUTE);
        assertThat(WindowWord.isOf(word, windows)).isTrue();
      }
    }
  }

  @Test
  void takenOf_otherWhole_isTheFractionRoundedUp() {
    long word = WindowWord.of(DAYS, NOW, 1, 3);
    assertThat(WindowWord.takenOf(word, 300)).isEqualTo(100);
    assertThat(WindowWord.takenOf(word, 10)).isEqualTo(4);
    assertThat(WindowWord.takenOf(word, 1)).isEqualTo(1);
  }

  /** What is taken of one would count for less as that of another whose end is the same. */
  @Test
  void isOf_lengthsThatDifferByHalf_tellsThemApart() {
    long[] minutes = {1, 2, 3, 5, 10, 15, 20, 30, 60, 120, 180, 360, 720, 1_440, 10_080, 43_200};
    long[] seconds = {1, 2, 5, 10, 20, 45, 90, 3_601};
    assertAllDiffer(Arrays.stream(minutes).mapToObj(Duration::ofMinutes).toList());
    assertAllDiffer(Arrays.stream(seconds).mapToObj(Duration::ofSeconds).toList());
  }

  private static void assertAllDiffer(List<Duration> lengths) {
    for (Duration length : lengths) {
      long word = WindowWord.of(Windows.sliding(length), NOW, 1, 1);
      assertThat(lengths)
          .filteredOn(other -> WindowWord.isOf(word, Windows.sliding(other)))
          .containsExactly(length);
    }
  }

  @Test
  void until_yearsAway_isTheNearestTime() {
    for (Windows windows : ALL) {
      for (int days : new int[] {-1_400, -366, 0, 366, 1_400}) {
        long until = NOW + Duration.ofDays(days).toNanos();
        assertThat(WindowWord.until(WindowWord.of(windows, until, 1, 1), NOW)).isEqualTo(until);
      }
    }
  }

  @Test
  void isWindow_otherWords_areNone() {
    assertThat(WindowWord.isWindow(SlotWord.FREE)).isFalse();
    assertThat(WindowWord.isWindow(3L << 61 | 1_000_000_000L << 3))
        .isFalse(); // slots that are held
    assertThat(WindowWord.isWindow((1L << 59) << 3)).isFalse();
    assertThat(WindowWord.isWindow(BucketArray.ABSENT)).isFalse();
    assertThat(WindowWord.isWindow(WindowWord.of(DAYS, NOW, 0, 1))).isTrue();
  }

  @Test
  void isOver_untilItsTime_isFalseUnlessNothingIsTaken() {
    long word = WindowWord.of(DAYS, NOW, 1, 10);
    assertThat(WindowWord.isOver(word, NOW - 1)).isFalse();
    assertThat(WindowWord.isOver(word, NOW)).isTrue();
    assertThat(WindowWord.isOver(WindowWord.of(DAYS, NOW, 0, 10), NOW - 1)).isTrue();
  }

  @Test
  void isOf_otherUnit_isFalse() {
    long word = WindowWord.of(DAYS, NOW, 1, 10);
    assertThat(WindowWord.isOf(word, Windows.ofCalendar(ChronoUnit.HOURS, ZoneOffset.UTC)))
        .isFalse();
    assertThat(WindowWord.isOf(word, MINUTES)).isFalse();
    assertThat(WindowWord.isOf(WindowWord.of(SECONDS, NOW, 1, 1), MINUTES)).isFalse();
  }
}
