package dev.penstock.bucket;

import dev.penstock.Identity;
import dev.penstock.Limit;
import dev.penstock.Partition;
import dev.penstock.PartitionedLimit;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.jetbrains.lincheck.datastructures.ThreadIdGen;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * Joining a line, leaving it and putting back into its bucket at once, in interleavings that
 * Lincheck chooses step by step, while the clock stands still: whatever they are, everybody waits
 * for as long as in {@link Exact}, in some order.
 *
 * <pre>
 * mvn -B -Pinterleavings -pl core test -Dtest=WaitLinesInterleavingsTest
 * </pre>
 */
@Param(name = "thread", gen = ThreadIdGen.class)
public class WaitLinesInterleavingsTest {

  private static final long NOW = 100;
  private static final int CAPACITY = 2;
  private static final Identity USER = Identity.user("acme", "u1");
  private static final PartitionedLimit TWO =
      new PartitionedLimit("two", Limit.of(CAPACITY, 1, Duration.ofNanos(10)), Partition.IDENTITY);
  private static final Patience PATIENCE = new Patience(NOW + 1_000, () -> {});

  private final BucketStore store =
      new BucketStore(100, Rooms.standard(), () -> NOW, () -> Instant.EPOCH);
  private final ChargedBucket first = new ChargedBucket(store, USER, TWO, CAPACITY);
  private final ReservedBucket run;
  private final @Nullable ChargedBucket[] waiting = new @Nullable ChargedBucket[8];
  private int total = CAPACITY;

  public WaitLinesInterleavingsTest() {
    first.take(NOW);
    run = first.reserved(this);
  }

  @Test
  void everyOperation_atOnce_isLinearizable() {
    for (int threads = 2; threads <= 3; threads++) {
      new ModelCheckingOptions()
          .threads(threads)
          .actorsBefore(2)
          .actorsPerThread(3)
          .actorsAfter(2)
          .iterations(15)
          .invocationsPerIteration(1000)
          .sequentialSpecification(Exact.class)
          .check(WaitLinesInterleavingsTest.class);
    }
  }

  /** Joins the line, unless it stands there. */
  @Operation
  public void join(@Param(name = "thread") int thread) {
    if (waiting[thread] == null) {
      ChargedBucket waiter = new ChargedBucket(store, USER, TWO, 1, PATIENCE);
      waiter.take(NOW);
      waiting[thread] = waiter;
    }
  }

  /** Leaves it, or gives back what has been passed on. */
  @Operation
  public void leave(@Param(name = "thread") int thread) {
    ChargedBucket waiter = waiting[thread];
    if (waiter != null) {
      waiter.giveBack();
      waiting[thread] = null;
    }
  }

  @Operation
  public long nanosLeft(@Param(name = "thread") int thread) {
    ChargedBucket waiter = waiting[thread];
    if (waiter == null) {
      return -1;
    }
    waiter.pass(); // waits for whoever moves the line
    return Math.max(0, waiter.due(NOW) - NOW);
  }

  /** Asked by anybody: whoever joined may do nothing after that. */
  @Operation
  public long longest() {
    return store.lines.longest(store.own, BucketStore.hash(USER, TWO));
  }

  /** Settles the first for a token less. */
  @Operation
  public synchronized void putBack() {
    total = Math.max(0, total - 1);
    run.settle(total);
  }

  @Operation
  public long level() {
    return first.ownLevelNanos();
  }

  /** What one thread would see. */
  public static final class Exact {

    private final int[] left = new int[8];
    private final boolean[] waiting = new boolean[8];
    private int level = CAPACITY;
    private int total = CAPACITY;

    public void join(int thread) {
      if (!waiting[thread]) {
        waiting[thread] = true;
        level++;
        left[thread] = Math.max(0, level - CAPACITY);
      }
    }

    public void leave(int thread) {
      if (waiting[thread]) {
        waiting[thread] = false;
        level--;
        moveUp(left[thread]);
        left[thread] = 0;
      }
    }

    private void moveUp(int behind) {
      for (int i = 0; i < left.length; i++) {
        left[i] -= waiting[i] && left[i] > behind ? 1 : 0;
      }
    }

    public long nanosLeft(int thread) {
      return waiting[thread] ? 10L * left[thread] : -1;
    }

    public long longest() {
      return 10L * Arrays.stream(left).max().orElse(0);
    }

    public void putBack() {
      if (total > 0) {
        total--;
        level--;
        moveUp(0);
      }
    }

    public long level() {
      return 10L * level;
    }
  }
}
