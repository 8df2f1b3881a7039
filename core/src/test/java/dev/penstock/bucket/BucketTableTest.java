package dev.penstock.bucket;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.Crowd;
import dev.penstock.Limit;
import dev.penstock.Partition;
import dev.penstock.PartitionedLimit;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A token takes 10 ns, a bucket of five 50 ns. */
class BucketTableTest {

  private static final PartitionedLimit FIVE = limit("five", 5);
  private static final Transition TAKE = BucketWord::take;

  private final AtomicLong time = new AtomicLong(1);

  @Test
  void everyOperation_absent_changesNothing() {
    BucketTable table = table(10);
    assertThat(table.word(hash(1))).isEqualTo(BucketArray.ABSENT);
    assertThat(take(table, 1, 1)).isEqualTo(BucketArray.ABSENT);
    table.begin(hash(1), BucketWord.of(0, 7, FIVE));
    assertThat(table.word(hash(1))).isEqualTo(BucketArray.ABSENT);
    assertThat(table.size()).isZero();
  }

  @Test
  void add_again_isTheSameBucket() {
    BucketTable table = table(10);
    spend(table, 1, 1);
    assertThat(table.add(hash(1))).isTrue();
    assertThat(fullAt(table, hash(1))).isEqualTo(11);
    assertThat(table.size()).isEqualTo(1);
  }

  /** Else the buckets of one decision might forget one another, each time that they are added. */
  @Test
  void add_arrayOfFullBucketsCannotBeSmaller_isLeft() {
    BucketTable table = table(10_000);
    long sweeping = 1;
    long sweepingElsewhere = (1L << 62) | 1;
    assertThat(table.add(sweeping)).isTrue();
    table.begin(sweeping, BucketWord.of(0, 1, FIVE));
    time.set(10);
    assertThat(table.add(sweepingElsewhere)).isTrue();
    assertThat(fullAt(table, sweeping)).isEqualTo(1);
  }

  @Test
  void begin_secondTime_keepsTheFirstWord() {
    BucketTable table = table(10);
    assertThat(table.add(hash(1))).isTrue();
    assertThat(table.word(hash(1))).isEqualTo(BucketArray.UNSET);
    assertThat(take(table, 1, 1)).isEqualTo(BucketArray.UNSET);
    table.begin(hash(1), BucketWord.of(0, 7, FIVE));
    table.begin(hash(1), BucketWord.of(0, 8, FIVE));
    assertThat(fullAt(table, hash(1))).isEqualTo(7);
  }

  @Test
  void update_transitionSaysNo_answersWithTheComplementAndWritesNothing() {
    BucketTable table = table(10);
    spend(table, 1, 5);
    assertThat(take(table, 1, 1)).isEqualTo(~51L);
    assertThat(fullAt(table, hash(1))).isEqualTo(51);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 16, 17, 1000, 5000})
  void add_boundOfLiveBuckets_isRefusedAndForgetsNone(int bound) {
    BucketTable table = table(bound);
    for (int i = 0; i < bound; i++) {
      spend(table, i, 1 + i % 5);
    }
    time.set(10);
    for (int i = 0; i < 100; i++) {
      assertThat(table.add(hash(bound + i))).isFalse();
    }
    for (int i = 0; i < bound; i++) {
      assertThat(fullAt(table, hash(i))).isEqualTo(1 + 10 * (1 + i % 5));
    }
    assertThat(table.size()).isEqualTo(bound);
  }

  @Test
  void add_boundOfFullBuckets_forgetsThemAll() {
    BucketTable table = table(16);
    for (int i = 0; i < 16; i++) {
      spend(table, i, 1);
    }
    time.set(11);
    spend(table, 16, 1);
    assertThat(table.size()).isEqualTo(1);
    assertThat(table.word(hash(0))).isEqualTo(BucketArray.ABSENT);
    assertThat(take(table, 0, 1)).isEqualTo(BucketArray.ABSENT);
  }

  @Test
  void add_oneFullBucketInALargeTableAtTheBound_isFoundInABoundedNumberOfAttempts() {
    int bound = 4096;
    BucketTable table = table(bound);
    for (int i = 0; i < bound; i++) {
      spend(table, i, i == 1234 ? 1 : 5);
    }
    time.set(11);
    int attempts = 0;
    while (!table.add(hash(bound))) {
      attempts++;
      assertThat(attempts).isLessThanOrEqualTo(4 * bound / BucketTable.SWEPT);
    }
    assertThat(table.word(hash(1234))).isEqualTo(BucketArray.ABSENT);
    assertThat(table.size()).isEqualTo(bound);
  }

  @Test
  void add_mostBucketsFullThoughTheBoundIsFar_forgetsThem() {
    BucketTable table = table(1_000_000);
    for (int i = 0; i < 100_000; i++) {
      spend(table, i, 1);
    }
    time.set(11 + BucketArray.KEPT_NANOS);
    for (int i = 0; i < 60_000; i++) {
      spend(table, 100_000 + i, 1);
    }
    assertThat(table.size()).isEqualTo(60_000);
  }

  /** They would be added anew for each request. */
  @Test
  void add_mostBucketsFullOfLate_keepsThem() {
    BucketTable table = table(1_000_000);
    for (int i = 0; i < 100_000; i++) {
      spend(table, i, 1);
    }
    time.set(10 + BucketArray.KEPT_NANOS);
    for (int i = 0; i < 60_000; i++) {
      spend(table, 100_000 + i, 1);
    }
    assertThat(table.size()).isEqualTo(160_000);
  }

  @Test
  void add_tableGrows_keepsEveryWord() {
    int keys = 200_000;
    BucketTable table = table(keys);
    for (int i = 0; i < keys; i++) {
      spend(table, i, 1 + i % 5);
    }
    for (int i = 0; i < keys; i++) {
      assertThat(fullAt(table, hash(i))).isEqualTo(1 + 10 * (1 + i % 5));
    }
    assertThat(table.size()).isEqualTo(keys);
  }

  @Test
  void add_oneKeyByTwoThreads_addsOneBucket() {
    int keys = 20_000;
    BucketTable table = table(2 * keys);
    try (Crowd crowd = new Crowd(2)) {
      crowd.lockstep(keys, (thread, i) -> assertThat(table.add(hash(i))).isTrue());
    }
    assertThat(table.size()).isLessThanOrEqualTo(keys);
    for (int i = 0; i < keys; i++) {
      spend(table, i, 1);
    }
    assertThat(table.size()).isEqualTo(keys);
  }

  @Test
  void add_lastRoomWantedByTwoThreads_isGivenOnce() {
    List<BucketTable> tables = Stream.generate(() -> table(1)).limit(20_000).toList();
    AtomicInteger added = new AtomicInteger();
    try (Crowd crowd = new Crowd(2)) {
      crowd.lockstep(
          tables.size(),
          (thread, i) -> {
            if (tables.get(i).add(hash(thread))) {
              added.incrementAndGet();
            }
          });
    }
    assertThat(added).hasValue(tables.size());
    assertThat(tables).allMatch(table -> table.size() == 1);
  }

  /**
   * Tokens are taken from a few buckets while newcomers have their arrays replaced again and again.
   */
  @Test
  void update_whileTheTableGrows_losesNoTokenAndDoublesNone() {
    int threads = 4;
    int taken = 50_000;
    PartitionedLimit large = limit("large", 1 + 4L * taken);
    for (int round = 0; round < 5; round++) {
      BucketTable table = table(1_000_000);
      assertThat(table.add(hash(-1))).isTrue();
      table.begin(hash(-1), BucketWord.of(10, 1, large));
      try (Crowd crowd = new Crowd(threads)) {
        crowd.ask(
            thread -> {
              for (int i = 0; i < taken; i++) {
                // Full buckets, and so forgotten by the next replacement: the arrays stay small.
                int newcomer = taken * thread + i;
                if (table.add(hash(newcomer))) {
                  table.begin(hash(newcomer), BucketWord.of(0, 1, FIVE));
                }
                assertThat(table.update(hash(-1), TAKE, 1, 1, large)).isPositive();
              }
              return true;
            });
      }
      assertThat(fullAt(table, hash(-1))).isEqualTo(11 + 10L * threads * taken);
    }
  }

  /**
   * Keys come, are spent, full and forgotten under each other's hands; none that is live is lost.
   */
  @Test
  void add_whileOthersAreForgotten_losesNoLiveBucket() {
    int threads = 8;
    BucketTable table = table(64);
    time.set(100);
    try (Crowd crowd = new Crowd(threads)) {
      List<Integer> lost =
          crowd.ask(
              thread -> {
                int missing = 0;
                for (int i = 0; i < 20_000; i++) {
                  int key = thread * 20_000 + i;
                  if (table.add(hash(key))) {
                    table.begin(hash(key), BucketWord.of(0, 100, FIVE));
                    if (take(table, key, 5) == 150) {
                      missing += fullAt(table, hash(key)) == 150 ? 0 : 1;
                      table.update(
                          hash(key),
                          (word, at, tokens, limit) -> BucketWord.of(0, 100, FIVE),
                          0,
                          0,
                          FIVE);
                    }
                  }
                }
                return missing;
              });
      assertThat(lost).containsOnly(0);
    }
    assertThat(table.size()).isLessThanOrEqualTo(64);
  }

  private BucketTable table(int maxBuckets) {
    return new BucketTable(maxBuckets, time::get, () -> 0);
  }

  private static PartitionedLimit limit(String name, long capacity) {
    Limit limit = Limit.of(capacity, 1, Duration.ofNanos(10));
    return new PartitionedLimit(name, limit, Partition.IDENTITY);
  }

  private static long fullAt(BucketTable table, long hash) {
    return BucketWord.time(table.word(hash));
  }

  private long take(BucketTable table, int key, long cost) {
    long word = table.update(hash(key), TAKE, time.get(), cost, FIVE);
    return word > 0
        ? BucketWord.time(word)
        : word < 0 && word > BucketArray.LEFT ? ~BucketWord.time(~word) : word;
  }

  private void spend(BucketTable table, int key, long cost) {
    assertThat(table.add(hash(key))).isTrue();
    table.begin(hash(key), BucketWord.of(0, time.get(), FIVE));
    assertThat(take(table, key, cost)).isEqualTo(time.get() + 10 * cost);
  }

  private static long hash(int key) {
    return new SplittableRandom(key).nextLong() | 1;
  }
}
