package dev.penstock.bucket;

import dev.penstock.Limit;
import dev.penstock.Partition;
import dev.penstock.PartitionedLimit;
import java.time.Duration;
import java.util.SplittableRandom;
import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.junit.jupiter.api.Test;

/**
 * Taking, filling, adding, growing and forgetting at once, in interleavings that Lincheck chooses
 * step by step: whatever they are, the answers are those of {@link Exact} in some order, and no
 * thread ever waits for another. The array begins so crowded that each newcomer may have it
 * replaced, and newcomers are full, so each replacement forgets.
 *
 * <pre>
 * mvn -B -Pinterleavings -pl core test -Dtest=BucketTableInterleavingsTest
 * </pre>
 */
@Param(name = "key", gen = IntGen.class, conf = "1:2")
@Param(name = "newcomer", gen = IntGen.class, conf = "11:20")
public class BucketTableInterleavingsTest {

  private static final long NOW = 100;
  private static final PartitionedLimit TWO =
      new PartitionedLimit("two", Limit.of(2, 1, Duration.ofNanos(10)), Partition.IDENTITY);
  private static final Transition TAKE = BucketWord::take;

  private final BucketTable table = new BucketTable(100, () -> NOW, () -> 0);

  public BucketTableInterleavingsTest() {
    for (int i = 1; i <= 5; i++) {
      newcomer(100 + i);
    }
  }

  @Test
  void everyOperation_atOnce_isLinearizableAndObstructionFree() {
    for (int threads = 2; threads <= 3; threads++) {
      new ModelCheckingOptions()
          .threads(threads)
          .actorsBefore(2)
          .actorsPerThread(3)
          .actorsAfter(2)
          .iterations(15)
          .invocationsPerIteration(1000)
          .checkObstructionFreedom(true)
          .sequentialSpecification(Exact.class)
          .check(BucketTableInterleavingsTest.class);
    }
  }

  @Operation
  public boolean take(@Param(name = "key") int key) {
    long taken = table.update(hash(key), TAKE, NOW, 1, TWO);
    while (taken == BucketArray.ABSENT || taken == BucketArray.UNSET) {
      newcomer(key);
      taken = table.update(hash(key), TAKE, NOW, 1, TWO);
    }
    return taken > 0;
  }

  @Operation
  public void newcomer(@Param(name = "newcomer") int key) {
    if (table.add(hash(key))) {
      table.begin(hash(key), BucketWord.of(0, NOW, TWO));
    }
  }

  @Operation
  public void fill(@Param(name = "key") int key) {
    table.update(hash(key), (word, time, tokens, limit) -> BucketWord.of(0, NOW, TWO), 0, 0, TWO);
  }

  @Operation
  public long fullAt(@Param(name = "key") int key) {
    return Math.max(NOW, BucketWord.time(Math.max(BucketWord.FULL, table.word(hash(key)))));
  }

  private static long hash(int key) {
    return new SplittableRandom(key).nextLong() | 1;
  }

  /** What one thread would see. */
  public static final class Exact {

    private final int[] taken = new int[3];

    public boolean take(int key) {
      return taken[key] < 2 && ++taken[key] > 0;
    }

    public void newcomer(int key) {}

    public void fill(int key) {
      taken[key] = 0;
    }

    public long fullAt(int key) {
      return NOW + 10L * taken[key];
    }
  }
}
