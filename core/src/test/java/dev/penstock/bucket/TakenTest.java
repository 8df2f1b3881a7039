package dev.penstock.bucket;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.Limit;
import dev.penstock.Partition;
import dev.penstock.PartitionedLimit;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Of buckets of five tokens, a token every 10 ns. */
class TakenTest {

  private static final Limit FIVE = Limit.of(5, 1, Duration.ofNanos(10)).withOverdraft(3);
  private static final PartitionedLimit OF_FIVE =
      new PartitionedLimit("five", FIVE, Partition.IDENTITY);

  @Test
  void settle_less_putsBackWhatTimeHasNotRefilled() {
    Taken taken = new Taken(OF_FIVE, 4, 100);
    assertThat(taken.change(3, 100)).isEqualTo(-10);
    assertThat(taken.change(3, 100)).isZero();
    assertThat(taken.change(1, 115)).isEqualTo(-15);
    assertThat(taken.change(0, 115)).isZero();
  }

  @Test
  void settle_more_isChargedAndPutBackLater() {
    Taken taken = new Taken(OF_FIVE, 1, 100);
    assertThat(taken.change(4, 105)).isEqualTo(30);
    taken.charged(30, 30, 105);
    assertThat(taken.change(0, 110)).isEqualTo(-30);
  }

  @Test
  void settle_lessThanWhatWasNeverCharged_putsNothingBack() {
    Taken taken = new Taken(OF_FIVE, 1, 100);
    assertThat(taken.change(11, 100)).isEqualTo(100);
    taken.charged(100, 30, 100);
    assertThat(taken.change(4, 100)).isZero();
    assertThat(taken.change(2, 100)).isEqualTo(-20);
  }

  @Test
  void settle_extremes_doNotOverflow() {
    Taken taken = new Taken(OF_FIVE, 0, 0);
    long all = taken.change(Long.MAX_VALUE, 1);
    assertThat(all).isPositive();
    taken.charged(all, 80, 1);
    assertThat(taken.change(0, 1)).isEqualTo(-80);
    assertThat(new Taken(OF_FIVE, 5, Long.MAX_VALUE - 5).change(0, Long.MIN_VALUE + 4))
        .as("ten nanoseconds later")
        .isEqualTo(-40);
  }

  @Test
  void forget_bucketWasCut_putsNothingBack() {
    Taken taken = new Taken(OF_FIVE, 4, 100);
    taken.forget();
    assertThat(taken.change(0, 100)).isZero();
  }

  /** Of each the bucket as it is, and as it would be without the reservations. */
  @Test
  void settle_anyInterleaving_createsNoTokens() {
    Random random = new Random(20261130);
    for (int round = 0; round < 5_000; round++) {
      Limit limit =
          Limit.of(1 + random.nextInt(10), 1, Duration.ofNanos(1 + random.nextInt(20)))
              .withOverdraft(random.nextInt(10));
      interleave(random, new PartitionedLimit("any", limit, Partition.IDENTITY));
    }
  }

  private static void interleave(Random random, PartitionedLimit of) {
    Limit limit = of.limit();
    List<Taken> open = new ArrayList<>();
    long now = random.nextInt(100);
    long level = 0;
    long without = 0;
    for (int step = 0; step < 40; step++) {
      long passed = random.nextInt(3) == 0 ? random.nextLong(30) : 0;
      now += passed;
      level = Math.max(0, level - passed);
      without = Math.max(0, without - passed);
      long amount = random.nextLong(limit.capacity() + 1);
      if (random.nextInt(3) == 0 && !open.isEmpty()) {
        Taken taken = open.get(random.nextInt(open.size()));
        long nanos = taken.change(2 * amount, now);
        long after =
            nanos > 0 ? Gcra.owe(level, nanos, Gcra.most(limit)) : Math.max(0, level + nanos);
        if (nanos > 0) {
          taken.charged(nanos, after - level, now);
        }
        level = after;
      } else if (Gcra.take(level, amount, limit) != Gcra.DENIED) {
        level = Gcra.take(level, amount, limit);
        if (random.nextBoolean()) {
          open.add(new Taken(of, amount, now));
        } else {
          without = Gcra.take(without, amount, limit);
          assertThat(without).as("held by a bucket without reservations").isNotNegative();
        }
      }
      assertThat(level).isGreaterThanOrEqualTo(without);
    }
  }
}
