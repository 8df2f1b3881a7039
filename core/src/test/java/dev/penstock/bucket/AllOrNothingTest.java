package dev.penstock.bucket;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.Cost;
import dev.penstock.Identity;
import dev.penstock.Limit;
import dev.penstock.Partition;
import dev.penstock.PartitionedLimit;
import java.time.Duration;
import java.time.InstantSource;
import java.util.AbstractList;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Two buckets of five tokens, a token every 10 ns, both there. Another request comes when the first
 * has paid and the second is about to.
 */
class AllOrNothingTest {

  private static final long NOW = 1000;
  private static final Identity KEY = Identity.named("key", "k");
  private static final PartitionedLimit FIRST = five("first");
  private static final PartitionedLimit SECOND = five("second");

  private final BucketStore store =
      new BucketStore(10, Rooms.standard(), () -> NOW, InstantSource.system());
  private final AllOrNothing decisions = new AllOrNothing(store);
  private final long[] levelNanos = new long[2];

  AllOrNothingTest() {
    assertThat(first(1).take(NOW)).isTrue();
    assertThat(second(1).take(NOW)).isTrue();
  }

  @Test
  void acquire_bothHold_takesFromBoth() {
    assertThat(acquire(2, () -> {})).isTrue();
    assertThat(levelNanos).containsExactly(30, 30);
    assertThat(first(0).ownLevelNanos()).isEqualTo(30);
    assertThat(second(0).ownLevelNanos()).isEqualTo(30);
  }

  @Test
  void acquire_otherIsFasterAtTheSecond_givesBackToTheFirst() {
    assertThat(acquire(2, () -> second(4).take(NOW))).isFalse();
    assertThat(levelNanos).containsExactly(10, 50);
    assertThat(first(0).ownLevelNanos()).isEqualTo(10);
    assertThat(second(0).ownLevelNanos()).isEqualTo(50);
  }

  @Test
  void acquire_firstIsFilledMeanwhile_createsNoTokens() {
    Runnable other =
        () -> {
          first(0).fill();
          first(5).take(NOW);
          second(4).take(NOW);
        };
    assertThat(acquire(2, other)).isFalse();
    assertThat(first(1).take(NOW)).isFalse();
  }

  private boolean acquire(long cost, Runnable other) {
    List<PartitionedLimit> limits =
        new AbstractList<>() {
          private int readings;

          @Override
          public PartitionedLimit get(int index) {
            if (index == 1 && ++readings == 2) {
              other.run();
            }
            return index == 0 ? FIRST : SECOND;
          }

          @Override
          public int size() {
            return 2;
          }
        };
    return decisions.acquire(KEY, limits, Cost.of(cost), NOW, levelNanos) == 0;
  }

  private ChargedBucket first(long amount) {
    return new ChargedBucket(store, KEY, FIRST, amount);
  }

  private ChargedBucket second(long amount) {
    return new ChargedBucket(store, KEY, SECOND, amount);
  }

  private static PartitionedLimit five(String name) {
    return new PartitionedLimit(name, Limit.of(5, 1, Duration.ofNanos(10)), Partition.IDENTITY);
  }
}
