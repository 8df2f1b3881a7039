package dev.penstock.bucket;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.Limit;
import dev.penstock.Partition;
import dev.penstock.PartitionedLimit;
import dev.penstock.base.Inside;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class BucketWordTest {

  /** The latest time that a word is good for. */
  private static final long LATEST = 1L << 59;

  private static PartitionedLimit limit(String name, long capacity, Duration fill) {
    return new PartitionedLimit(name, Limit.per(capacity, fill), Partition.IDENTITY);
  }

  private static PartitionedLimit minute(String name) {
    return limit(name, 10, Duration.ofMinutes(1));
  }

  private static PartitionedLimit hour(String name) {
    return limit(name, 10, Duration.ofHours(1));
  }

  @Test
  void take_underOneLimit_isAsFarFromFullAsWasTaken() {
    PartitionedLimit ten = minute("one");
    long word = BucketWord.take(BucketWord.FULL, 1000, 4, ten);
    assertThat(BucketWord.level(word, 1000, ten)).isEqualTo(24_000_000_000L);
    assertThat(BucketWord.level(word, 1000 + 24_000_000_000L, ten)).isZero();
    assertThat(BucketWord.isFull(word, 1000 + 24_000_000_000L - 1, 0)).isFalse();
    assertThat(BucketWord.isFull(word, 1000 + 24_000_000_000L, 0)).isTrue();
    assertThat(BucketWord.take(word, 1000, 7, ten)).isEqualTo(BucketWord.DENIED);
  }

  @Test
  void level_underAnotherLimit_isTheSameFraction() {
    PartitionedLimit minute = minute("two");
    PartitionedLimit hour = hour("two");
    long word = BucketWord.take(BucketWord.FULL, 1000, 5, minute);
    assertThat(BucketWord.level(word, 1000, hour)).isEqualTo(Duration.ofMinutes(30).toNanos());
    long taken = BucketWord.take(word, 1000, 5, hour);
    assertThat(BucketWord.level(taken, 1000, hour)).isEqualTo(Duration.ofHours(1).toNanos());
    assertThat(BucketWord.level(taken, 1000, minute)).isEqualTo(Duration.ofMinutes(1).toNanos());
    assertThat(BucketWord.take(taken, 1000, 1, minute)).isEqualTo(BucketWord.DENIED);
  }

  @Test
  void numbers_limitsThatFillInTheSameTime_areOne() {
    assertThat(Inside.number(minute("same")))
        .isEqualTo(Inside.number(limit("same", 60, Duration.ofMinutes(1))))
        .isNotEqualTo(Inside.number(hour("same")));
  }

  /** The ninth and later pay: they are never further from empty than a limit of their own. */
  @Test
  void numbers_ninthTimeToFill_neverGainsATokenNorTouchesTheOthers() {
    Set<Integer> numbers = new HashSet<>();
    for (int i = 1; i <= 20; i++) {
      PartitionedLimit limit =
          limit("many", 10, Duration.ofSeconds(i % 2 == 0 ? 1001 * i : 97 * i));
      numbers.add(Inside.number(limit));
      boolean own = Inside.ownNumber(limit) == Inside.number(limit);
      assertThat(own).isEqualTo(i <= 8);
      long fill = Inside.nanosToFill(limit.limit());
      long word = BucketWord.take(BucketWord.FULL, 1000, 4, limit);
      long exact = 4 * Inside.nanosPerToken(limit.limit());
      assertThat(BucketWord.level(word, 1000, limit)).isBetween(exact, own ? exact : fill);
      assertThat(BucketWord.isFull(word, 1000 + exact - 1, 0)).isFalse();
    }
    assertThat(numbers).hasSize(8);
    PartitionedLimit first = limit("many", 10, Duration.ofSeconds(97));
    long word = BucketWord.take(BucketWord.FULL, 1000, 4, first);
    assertThat(BucketWord.level(word, 1000, first)).isEqualTo(Duration.ofMillis(38_800).toNanos());
  }

  @Test
  void extremes_longestLimitAtTheLatestTime_doNotOverflow() {
    PartitionedLimit decade = limit("decade", 100, Duration.ofDays(3_652));
    long empty = BucketWord.take(BucketWord.of(0, LATEST, decade), LATEST, 100, decade);
    assertThat(empty).isPositive();
    assertThat(BucketWord.level(empty, LATEST, decade))
        .isEqualTo(Inside.nanosToFill(decade.limit()));
    assertThat(BucketWord.exceeds(empty, LATEST, decade)).isFalse();
    assertThat(BucketWord.exceeds(empty, LATEST - 1, decade)).isTrue();
  }
}
