package dev.penstock.bucket;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.Identity;
import dev.penstock.Limit;
import dev.penstock.Partition;
import dev.penstock.PartitionedLimit;
import java.time.Duration;
import java.time.InstantSource;
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
    BucketStore store = new BucketStore(1, Rooms.standard(), time::get, InstantSource.system());
    long stalled = store.now();
    assertThat(charge(store, "a", 5).take(1000)).isTrue();
    time.set(1050);
    assertThat(charge(store, "b", 1).take(1050)).as("forgets the full bucket of a").isTrue();
    time.set(1060);
    assertThat(charge(store, "c", 1).take(1060)).as("forgets the full bucket of b").isTrue();
    time.set(1070);
    ChargedBucket late = charge(store, "a", 5);
    assertThat(late.take(stalled)).isTrue();
    assertThat(word(store, "a")).isEqualTo(1120);
    assertThat(charge(store, "a", 1).take(1070)).isFalse();
  }

  /** A bucket that is full from now on is none of another limit's to a request of before. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void take_byATimeBeforeTheBucketWasFull_paysItsCostAlone(boolean filled) {
    BucketStore store = new BucketStore(10, Rooms.standard(), time::get, InstantSource.system());
    PartitionedLimit first = limited("both", FIVE);
    PartitionedLimit slow = limited("both", Limit.of(5, 1, Duration.ofNanos(10_000)));
    if (filled) {
      charge(store, "a", first, 1).take(1000);
    }
    long stalled = store.now();
    time.set(2000);
    if (filled) {
      charge(store, "a", slow, 0).fill();
    } else {
      store.add(hash("a", slow), store.room(Identity.Kind.NAMED), slow);
    }
    assertThat(charge(store, "a", slow, 1).take(stalled)).isTrue();
    assertThat(BucketWord.time(store.own.word(hash("a", slow)))).isEqualTo(12_000);
  }

  @Test
  void takeFromOverflow_byATimeBeforeItWasForgotten_isChargedNow() {
    BucketStore store = new BucketStore(1, Rooms.standard(), time::get, InstantSource.system());
    Limit slow = Limit.perDay(1);
    charge(store, "owner", limited("slow", slow), 1).take(1000);
    assertThat(charge(store, "a", 5).take(1000)).isTrue();
    time.set(1050);
    Room room = store.room(Identity.Kind.NAMED);
    for (int i = 0; i < 2 * Room.MAX_OVERFLOW_BUCKETS; i++) {
      store.addOverflow(room, limited("other" + i, FIVE));
    }
    assertThat(charge(store, "b", 5).take(1000)).isTrue();
    assertThat(word(store, "b")).isEqualTo(1100);
  }

  @Test
  void giveBack_othersTookMeanwhileFromAFullBucket_createsNoTokens() {
    Racing clock = new Racing();
    BucketStore store = new BucketStore(10, Rooms.standard(), clock, InstantSource.system());
    ChargedBucket undone = charge(store, "a", 2);
    assertThat(undone.take(1000)).isTrue();
    time.set(1015);
    clock.next =
        () -> {
          time.set(1100);
          assertThat(charge(store, "a", 5).take(1100)).isTrue();
        };
    undone.giveBack();
    assertThat(charge(store, "a", 1).take(1100)).isFalse();
  }

  @Test
  void settle_othersTookMeanwhileFromAFullBucket_createsNoTokens() {
    Racing clock = new Racing();
    BucketStore store = new BucketStore(10, Rooms.standard(), clock, InstantSource.system());
    ReservedBucket run = reserve(store, "a", 5);
    Runnable others =
        () -> {
          time.set(1100);
          assertThat(charge(store, "a", 5).take(1100)).isTrue();
        };
    clock.next = () -> clock.next = others;
    run.settle(3);
    assertThat(time).hasValue(1100);
    assertThat(charge(store, "a", 1).take(1100)).isFalse();
  }

  @Test
  void settle_othersTookMeanwhile_putsBackWhatIsStillMissing() {
    Racing clock = new Racing();
    BucketStore store = new BucketStore(10, Rooms.standard(), clock, InstantSource.system());
    ReservedBucket run = reserve(store, "a", 3);
    Runnable others =
        () -> {
          time.set(1010);
          assertThat(charge(store, "a", 2).take(1010)).isTrue();
        };
    clock.next = () -> clock.next = others;
    run.settle(1);
    assertThat(word(store, "a")).isEqualTo(1040);
  }

  @Test
  void fill_requestOfBeforeIsCharged_holdsNoMoreThanTheCapacity() {
    BucketStore store = new BucketStore(10, Rooms.standard(), time::get, InstantSource.system());
    long stalled = 985;
    time.set(990);
    assertThat(charge(store, "a", 5).take(990)).isTrue();
    time.set(1000);
    charge(store, "a").fill();
    assertThat(charge(store, "a", 5).take(stalled)).as("tries anew at its own time").isFalse();
    assertThat(charge(store, "a", 5).take(1000)).isTrue();
    assertThat(charge(store, "a", 1).take(1000)).isFalse();
  }

  @Test
  void cancel_requestOfBeforeIsCharged_holdsNoMoreThanTheCapacity() {
    BucketStore store = new BucketStore(10, Rooms.standard(), time::get, InstantSource.system());
    long stalled = 985;
    time.set(990);
    ReservedBucket run = reserve(store, "a", 1);
    time.set(995);
    run.cancel();
    assertThat(charge(store, "a", 5).take(stalled)).as("tries anew at its own time").isFalse();
    assertThat(charge(store, "a", 5).take(995)).isTrue();
    assertThat(charge(store, "a", 1).take(995)).isFalse();
  }

  @Test
  void giveBack_bucketFilledMeanwhile_createsNoTokens() {
    BucketStore store = new BucketStore(10, Rooms.standard(), time::get, InstantSource.system());
    ChargedBucket undone = charge(store, "a", 3);
    assertThat(undone.take(1000)).isTrue();
    charge(store, "a").fill();
    assertThat(charge(store, "a", 5).take(1000)).isTrue();
    undone.giveBack();
    assertThat(charge(store, "a", 1).take(1000)).isFalse();
  }

  @Test
  void giveBack_reservationCancelledMeanwhile_fillsToTheCapacityAndNoFurther() {
    BucketStore store = new BucketStore(10, Rooms.standard(), time::get, InstantSource.system());
    ReservedBucket run = reserve(store, "a", 2);
    ChargedBucket undone = charge(store, "a", 3);
    assertThat(undone.take(1000)).isTrue();
    run.cancel();
    undone.giveBack();
    assertThat(charge(store, "a", 5).take(1000)).isTrue();
    assertThat(charge(store, "a", 1).take(1000)).isFalse();
  }

  @Test
  void giveBack_takenUnderAnotherLimitMeanwhile_givesBackThatFraction() {
    BucketStore store = new BucketStore(10, Rooms.standard(), time::get, InstantSource.system());
    assertThat(charge(store, "a", 1).take(1000)).isTrue();
    ChargedBucket undone = charge(store, "a", 2);
    assertThat(undone.take(1000)).isTrue();
    PartitionedLimit changed = limited(NAME, Limit.per(10, Duration.ofNanos(500)));
    assertThat(charge(store, "a", changed, 4).take(1000)).as("six of ten are spent").isTrue();
    assertThat(charge(store, "a", changed, 1).take(1000)).isFalse();
    undone.giveBack();
    assertThat(charge(store, "a", changed, 0).ownLevelNanos()).isEqualTo(300);
    assertThat(charge(store, "a", changed, 4).take(1000)).isTrue();
    assertThat(charge(store, "a", changed, 1).take(1000)).isFalse();
  }

  @Test
  void giveBack_reservationSettledMeanwhile_givesBack() {
    BucketStore store = new BucketStore(10, Rooms.standard(), time::get, InstantSource.system());
    ReservedBucket run = reserve(store, "a", 3);
    ChargedBucket undone = charge(store, "a", 2);
    assertThat(undone.take(1000)).isTrue();
    run.settle(2);
    undone.giveBack();
    assertThat(word(store, "a")).isEqualTo(1020);
  }

  @Test
  void giveBack_nothingHappened_restoresTheWord() {
    BucketStore store = new BucketStore(10, Rooms.standard(), time::get, InstantSource.system());
    assertThat(charge(store, "a", 1).take(1000)).isTrue();
    long before = word(store, "a");
    ChargedBucket undone = charge(store, "a", 3);
    assertThat(undone.take(1000)).isTrue();
    undone.giveBack();
    assertThat(word(store, "a")).isEqualTo(before);
  }

  /** A request that found no room and charges the overflow bucket, while its own bucket appears. */
  @Test
  void word_ownBucketAddedAfterOverflowWasCharged_includesTheCharge() {
    BucketStore store = new BucketStore(1, Rooms.standard(), time::get, InstantSource.system());
    assertThat(charge(store, "owner", 1).take(1000)).isTrue();
    assertThat(charge(store, "a", 3).take(1000)).isTrue();
    assertThat(word(store, "a")).isEqualTo(1030);
    time.set(1010);
    Room room = store.room(Identity.Kind.NAMED);
    PartitionedLimit five = limited(NAME, FIVE);
    assertThat(store.add(hash("a"), room, five)).isTrue();
    assertThat(BucketWord.time(store.own.word(hash("a")))).isEqualTo(1030);
    assertThat(store.add(hash("b"), room, five)).isFalse();
  }

  /** Takes at the time that the store's clock shows. */
  private static ReservedBucket reserve(BucketStore store, String key, long amount) {
    ChargedBucket paid = charge(store, key, amount);
    assertThat(paid.take(store.now())).isTrue();
    return paid.reserved(new Object());
  }

  private static ChargedBucket charge(BucketStore store, String key) {
    return charge(store, key, 0);
  }

  private static ChargedBucket charge(BucketStore store, String key, long amount) {
    return charge(store, key, limited(NAME, FIVE), amount);
  }

  private static ChargedBucket charge(
      BucketStore store, String key, PartitionedLimit limit, long amount) {
    return new ChargedBucket(store, Identity.named("key", key), limit, amount);
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
