package dev.penstock.bucket;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.Identity;
import dev.penstock.Limit;
import dev.penstock.Partition;
import dev.penstock.PartitionedLimit;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Interleavings of requests that are held up between reading the clock and charging a bucket, each
 * step made by hand. A token takes 10 ns, a bucket of five 50 ns.
 */
class BucketStoreTest {

  private static final Limit FIVE = Limit.of(5, 1, Duration.ofNanos(10));
  private static final String NAME = "five";

  private final AtomicLong time = new AtomicLong(1000);

  @Test
  void take_byATimeBeforeTheBucketWasForgotten_isChargedNow() {
    BucketStore store = new BucketStore(1, Rooms.standard(), time::get);
    long stalled = store.now();
    assertThat(charge(store, "a").take(1000, 5)).isTrue();
    time.set(1050);
    assertThat(charge(store, "b").take(1050, 1)).as("forgets the full bucket of a").isTrue();
    time.set(1060);
    assertThat(charge(store, "c").take(1060, 1)).as("forgets the full bucket of b").isTrue();
    time.set(1070);
    ChargedBucket late = charge(store, "a");
    assertThat(late.take(stalled, 5)).isTrue();
    assertThat(word(store, "a")).isEqualTo(1120);
    assertThat(charge(store, "a").take(1070, 1)).isFalse();
  }

  /** A bucket that is full from now on is none of another limit's to a request of before. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void take_byATimeBeforeTheBucketWasFull_paysItsCostAlone(boolean filled) {
    BucketStore store = new BucketStore(10, Rooms.standard(), time::get);
    PartitionedLimit first = limited("both", FIVE);
    PartitionedLimit slow = limited("both", Limit.of(5, 1, Duration.ofNanos(10_000)));
    if (filled) {
      charge(store, "a", first).take(1000, 1);
    }
    long stalled = store.now();
    time.set(2000);
    if (filled) {
      charge(store, "a", slow).fill();
    } else {
      store.add(hash("a", slow), store.room(Identity.Kind.NAMED), slow);
    }
    assertThat(charge(store, "a", slow).take(stalled, 1)).isTrue();
    assertThat(BucketWord.time(store.own.word(hash("a", slow)))).isEqualTo(12_000);
  }

  @Test
  void takeFromOverflow_byATimeBeforeItWasForgotten_isChargedNow() {
    BucketStore store = new BucketStore(1, Rooms.standard(), time::get);
    Limit slow = Limit.perDay(1);
    charge(store, "owner", limited("slow", slow)).take(1000, 1);
    assertThat(charge(store, "a").take(1000, 5)).isTrue();
    time.set(1050);
    Room room = store.room(Identity.Kind.NAMED);
    for (int i = 0; i < 2 * Room.MAX_OVERFLOW_BUCKETS; i++) {
      store.addOverflow(room, limited("other" + i, FIVE));
    }
    assertThat(charge(store, "b").take(1000, 5)).isTrue();
    assertThat(word(store, "b")).isEqualTo(1100);
  }

  @Test
  void giveBack_othersTookMeanwhileFromAFullBucket_createsNoTokens() {
    Racing clock = new Racing();
    BucketStore store = new BucketStore(10, Rooms.standard(), clock);
    ChargedBucket undone = charge(store, "a");
    assertThat(undone.take(1000, 2)).isTrue();
    time.set(1015);
    clock.next =
        () -> {
          time.set(1100);
          assertThat(charge(store, "a").take(1100, 5)).isTrue();
        };
    undone.giveBack(2);
    assertThat(charge(store, "a").take(1100, 1)).isFalse();
  }

  @Test
  void refund_othersTookMeanwhile_putsBackNoMoreThanWasSaid() {
    Racing clock = new Racing();
    BucketStore store = new BucketStore(10, Rooms.standard(), clock);
    assertThat(charge(store, "a").take(1000, 5)).isTrue();
    clock.next =
        () -> {
          time.set(1100);
          assertThat(charge(store, "a").take(1100, 5)).isTrue();
        };
    charge(store, "a").refund(1);
    assertThat(charge(store, "a").take(1100, 2)).isFalse();
    assertThat(charge(store, "a").take(1100, 1)).isTrue();
  }

  @Test
  void fill_requestOfBeforeIsCharged_holdsNoMoreThanTheCapacity() {
    BucketStore store = new BucketStore(10, Rooms.standard(), time::get);
    long stalled = 985;
    time.set(990);
    assertThat(charge(store, "a").take(990, 5)).isTrue();
    time.set(1000);
    charge(store, "a").fill();
    assertThat(charge(store, "a").take(stalled, 5)).as("tries anew at its own time").isFalse();
    assertThat(charge(store, "a").take(1000, 5)).isTrue();
    assertThat(charge(store, "a").take(1000, 1)).isFalse();
  }

  @Test
  void refund_requestOfBeforeIsCharged_holdsNoMoreThanTheCapacity() {
    BucketStore store = new BucketStore(10, Rooms.standard(), time::get);
    long stalled = 985;
    time.set(990);
    assertThat(charge(store, "a").take(990, 1)).isTrue();
    charge(store, "a").refund(5);
    time.set(1000);
    charge(store, "a").refund(5);
    assertThat(charge(store, "a").take(stalled, 5)).as("tries anew at its own time").isFalse();
    assertThat(charge(store, "a").take(1000, 5)).isTrue();
    assertThat(charge(store, "a").take(1000, 1)).isFalse();
  }

  @Test
  void giveBack_bucketFilledMeanwhile_createsNoTokens() {
    BucketStore store = new BucketStore(10, Rooms.standard(), time::get);
    ChargedBucket undone = charge(store, "a");
    assertThat(undone.take(1000, 3)).isTrue();
    charge(store, "a").fill();
    assertThat(charge(store, "a").take(1000, 5)).isTrue();
    undone.giveBack(3);
    assertThat(charge(store, "a").take(1000, 1)).isFalse();
  }

  @Test
  void giveBack_bucketRefundedToTheCapacityMeanwhile_createsNoTokens() {
    BucketStore store = new BucketStore(10, Rooms.standard(), time::get);
    ChargedBucket undone = charge(store, "a");
    assertThat(undone.take(1000, 3)).isTrue();
    charge(store, "a").refund(5);
    assertThat(charge(store, "a").take(1000, 5)).isTrue();
    undone.giveBack(3);
    assertThat(charge(store, "a").take(1000, 1)).isFalse();
  }

  @Test
  void giveBack_takenUnderAnotherLimitMeanwhile_givesBackThatFraction() {
    BucketStore store = new BucketStore(10, Rooms.standard(), time::get);
    assertThat(charge(store, "a").take(1000, 1)).isTrue();
    ChargedBucket undone = charge(store, "a");
    assertThat(undone.take(1000, 2)).isTrue();
    ChargedBucket changed = charge(store, "a", limited(NAME, Limit.per(10, Duration.ofNanos(500))));
    assertThat(changed.take(1000, 4)).as("six of ten are spent").isTrue();
    assertThat(changed.take(1000, 1)).isFalse();
    undone.giveBack(2);
    assertThat(changed.ownLevelNanos()).isEqualTo(300);
    assertThat(changed.take(1000, 4)).isTrue();
    assertThat(changed.take(1000, 1)).isFalse();
  }

  @Test
  void giveBack_bucketRefundedBelowTheCapacityMeanwhile_givesBack() {
    BucketStore store = new BucketStore(10, Rooms.standard(), time::get);
    assertThat(charge(store, "a").take(1000, 3)).isTrue();
    ChargedBucket undone = charge(store, "a");
    assertThat(undone.take(1000, 2)).isTrue();
    charge(store, "a").refund(1);
    undone.giveBack(2);
    assertThat(word(store, "a")).isEqualTo(1020);
  }

  @Test
  void giveBack_nothingHappened_restoresTheWord() {
    BucketStore store = new BucketStore(10, Rooms.standard(), time::get);
    assertThat(charge(store, "a").take(1000, 1)).isTrue();
    long before = word(store, "a");
    ChargedBucket undone = charge(store, "a");
    assertThat(undone.take(1000, 3)).isTrue();
    undone.giveBack(3);
    assertThat(word(store, "a")).isEqualTo(before);
  }

  /** A request that found no room and charges the overflow bucket, while its own bucket appears. */
  @Test
  void word_ownBucketAddedAfterOverflowWasCharged_includesTheCharge() {
    BucketStore store = new BucketStore(1, Rooms.standard(), time::get);
    assertThat(charge(store, "owner").take(1000, 1)).isTrue();
    assertThat(charge(store, "a").take(1000, 3)).isTrue();
    assertThat(word(store, "a")).isEqualTo(1030);
    time.set(1010);
    Room room = store.room(Identity.Kind.NAMED);
    PartitionedLimit five = limited(NAME, FIVE);
    assertThat(store.add(hash("a"), room, five)).isTrue();
    assertThat(BucketWord.time(store.own.word(hash("a")))).isEqualTo(1030);
    assertThat(store.add(hash("b"), room, five)).isFalse();
  }

  private static ChargedBucket charge(BucketStore store, String key) {
    return charge(store, key, limited(NAME, FIVE));
  }

  private static ChargedBucket charge(BucketStore store, String key, PartitionedLimit limit) {
    return new ChargedBucket(store, Identity.named("key", key), limit);
  }

  private static long word(BucketStore store, String key) {
    Room room = store.room(Identity.Kind.NAMED);
    long word = store.word(hash(key), room, limited(NAME, FIVE));
    return BucketWord.time(word);
  }

  private static long hash(String key) {
    return hash(key, limited(NAME, FIVE));
  }

  private static long hash(String key, PartitionedLimit limit) {
    return BucketStore.hash(Identity.named("key", key), limit);
  }

  private static PartitionedLimit limited(String name, Limit limit) {
    return new PartitionedLimit(name, limit, Partition.IDENTITY);
  }

  /** A clock whose next reader is overtaken right after the reading. */
  private final class Racing implements LongSupplier {

    private Runnable next = () -> {};

    @Override
    public long getAsLong() {
      long now = time.get();
      Runnable overtaking = next;
      next = () -> {};
      overtaking.run();
      return now;
    }
  }
}
