package dev.penstock.memory;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.Crowd;
import dev.penstock.Limit;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class BucketTableTest {

  private static final Limit FIVE = Limit.of(5, 1, Duration.ofNanos(10));

  @Test
  void find_absent_isNull() {
    BucketTable table = table(10);
    assertThat(table.find("name", "key")).isNull();
    assertThat(table.size()).isZero();
  }

  @Test
  void findOrAdd_again_isTheSameBucket() {
    BucketTable table = table(10);
    Bucket bucket = spent(table, "name", "key", 0);
    assertThat(table.findOrAdd("name", "key", 0)).isSameAs(bucket);
    assertThat(table.find("name", "key")).isSameAs(bucket);
    assertThat(table.size()).isEqualTo(1);
  }

  @Test
  void findOrAdd_otherNameOrKey_isAnotherBucket() {
    BucketTable table = table(10);
    Set<Bucket> buckets = Collections.newSetFromMap(new IdentityHashMap<>());
    buckets.add(spent(table, "name", "key", 0));
    buckets.add(spent(table, "name", "key2", 0));
    buckets.add(spent(table, "name2", "key", 0));
    buckets.add(spent(table, "namekey", "", 0));
    buckets.add(spent(table, "", "namekey", 0));
    assertThat(buckets).hasSize(5);
    assertThat(table.size()).isEqualTo(5);
  }

  @Test
  void findOrAdd_newBucket_beginsWithTheFirstWordOfItsName() {
    BucketTable table = new BucketTable(10, name -> name.length());
    assertThat(Objects.requireNonNull(table.findOrAdd("four", "key", 0)).word()).isEqualTo(4);
  }

  /** Whoever changes the level between reading it and linking the bucket would go unnoticed. */
  @Test
  void findOrAdd_firstWord_isReadWhenOthersSeeTheBucket() {
    List<Boolean> seen = new ArrayList<>();
    List<BucketTable> tables = new ArrayList<>();
    tables.add(
        new BucketTable(
            10,
            name -> {
              if (seen.isEmpty()) {
                seen.add(false);
                seen.set(0, tables.get(0).find(name, "key") != null);
              }
              return 7;
            }));
    assertThat(tables.get(0).findOrAdd("name", "key", 0)).isNotNull();
    assertThat(seen).containsExactly(true);
  }

  @Test
  void findOrAdd_boundOfLiveBuckets_isNullAndForgetsNone() {
    for (int bound : new int[] {1, 2, 3, 16, 17, 1000}) {
      BucketTable table = table(bound);
      for (int i = 0; i < bound; i++) {
        spent(table, "name", "key" + i, 0);
      }
      for (int i = 0; i < 100; i++) {
        assertThat(table.findOrAdd("name", "more" + i, 9)).isNull();
      }
      for (int i = 0; i < bound; i++) {
        assertThat(table.find("name", "key" + i)).isNotNull();
      }
      assertThat(table.size()).isEqualTo(bound);
    }
  }

  @Test
  void findOrAdd_boundOfFullBuckets_forgetsThemAndDeadOnesStayDead() {
    BucketTable table = table(16);
    Bucket first = spent(table, "name", "key0", 0);
    for (int i = 1; i < 16; i++) {
      spent(table, "name", "key" + i, 0);
    }
    for (int i = 0; i < 8; i++) {
      spent(table, "name", "newcomer" + i, 10);
    }
    assertThat(table.size()).as("two bins are swept at each addition").isEqualTo(8);
    assertThat(table.find("name", "key0")).isNull();
    assertThat(first.isDead()).isTrue();
    assertThat(first.take(10, 1, FIVE)).isEqualTo(Bucket.DEAD);
    first.fill(() -> 10);
    first.refund(() -> 10, 1, FIVE);
    assertThat(first.isDead()).isTrue();
    assertThat(spent(table, "name", "key0", 10)).isNotSameAs(first);
  }

  @Test
  void findOrAdd_largeTableAtTheBound_comesRoundToTheFullBucket() {
    int bound = 4096;
    BucketTable table = table(bound);
    for (int i = 0; i < bound; i++) {
      Bucket bucket = spent(table, "name", "key" + i, 0);
      if (i != 1234) {
        bucket.take(0, 4, FIVE);
      }
    }
    int attempts = 0;
    while (table.findOrAdd("name", "newcomer", 10) == null) {
      attempts++;
      assertThat(attempts).isLessThanOrEqualTo(bound / BucketTable.SWEPT_AT_BOUND);
    }
    assertThat(table.find("name", "key1234")).isNull();
    assertThat(table.size()).isEqualTo(bound);
  }

  @Test
  void findOrAdd_oneKeyByTwoThreads_addsOneBucket() {
    int keys = 20_000;
    BucketTable table = new BucketTable(2 * keys, name -> Long.MAX_VALUE);
    AtomicReferenceArray<@Nullable Bucket> found = new AtomicReferenceArray<>(2 * keys);
    try (Crowd crowd = new Crowd(2)) {
      crowd.lockstep(
          keys, (thread, i) -> found.set(2 * i + thread, table.findOrAdd("name", "key" + i, 0)));
    }
    for (int i = 0; i < keys; i++) {
      assertThat(found.get(2 * i)).isNotNull().isSameAs(found.get(2 * i + 1));
    }
    assertThat(table.size()).isEqualTo(keys);
  }

  @Test
  void findOrAdd_lastRoomWantedByTwoThreads_isGivenOnce() {
    List<BucketTable> tables =
        Stream.generate(() -> new BucketTable(1, name -> Long.MAX_VALUE)).limit(20_000).toList();
    AtomicInteger added = new AtomicInteger();
    try (Crowd crowd = new Crowd(2)) {
      crowd.lockstep(
          tables.size(),
          (thread, i) -> {
            if (tables.get(i).findOrAdd("name", "key" + thread, 0) != null) {
              added.incrementAndGet();
            }
          });
    }
    assertThat(added).hasValue(tables.size());
    assertThat(tables).allMatch(table -> table.size() == 1);
  }

  @Test
  void findOrAdd_neighboursOfLiveBucketsForgotten_losesNoLiveBucket() {
    for (int round = 0; round < 500; round++) {
      BucketTable table = table(16);
      for (int i = 0; i < 16; i++) {
        spent(table, "name", "key" + i, 0).take(0, i % 2 == 0 ? 4 : 1, FIVE);
      }
      for (int i = 0; i < 8; i++) {
        spent(table, "name", "newcomer" + i, 20);
      }
      for (int i = 0; i < 16; i++) {
        assertThat(table.find("name", "key" + i) != null).isEqualTo(i % 2 == 0);
      }
    }
  }

  /**
   * Keys come, are spent, full and forgotten under each other's hands; none that is live is lost.
   */
  @Test
  void findOrAdd_whileOthersAreForgotten_losesNoLiveBucket() {
    int threads = 8;
    BucketTable table = table(64);
    try (Crowd crowd = new Crowd(threads)) {
      List<Integer> lost =
          crowd.ask(
              thread -> {
                int missing = 0;
                for (int i = 0; i < 20_000; i++) {
                  String key = thread + "-" + i;
                  Bucket mine = table.findOrAdd("name", key, 100);
                  if (mine != null && mine.take(100, 5, FIVE) >= 0) {
                    missing += table.find("name", key) == mine ? 0 : 1;
                    mine.fill(() -> 100);
                  }
                }
                return missing;
              });
      assertThat(lost).containsOnly(0);
    }
    assertThat(table.size()).isLessThanOrEqualTo(64);
  }

  private static BucketTable table(int maxBuckets) {
    return new BucketTable(maxBuckets, name -> Bucket.FULL);
  }

  /** Returns the bucket of this key with one token taken, full again 10 ns later. */
  private static Bucket spent(BucketTable table, String name, String key, long now) {
    Bucket bucket = Objects.requireNonNull(table.findOrAdd(name, key, now), key);
    assertThat(bucket.take(now, 1, FIVE)).isEqualTo(now + 10);
    return bucket;
  }
}
