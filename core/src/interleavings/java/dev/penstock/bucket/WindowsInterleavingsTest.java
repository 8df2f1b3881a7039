package dev.penstock.bucket;

import dev.penstock.Cost;
import dev.penstock.Identity;
import dev.penstock.Limit;
import dev.penstock.Partition;
import dev.penstock.PartitionedLimit;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.junit.jupiter.api.Test;

/**
 * Taking from a window that slides and looking at it at once, in interleavings that Lincheck
 * chooses step by step, while the clock stands still in the window after one that was charged:
 * whatever they are, the answers are those of {@link Exact} in some order.
 *
 * <pre>
 * mvn -B -Pinterleavings -pl core test -Dtest=WindowsInterleavingsTest
 * </pre>
 */
@Param(name = "tokens", gen = IntGen.class, conf = "1:3")
public class WindowsInterleavingsTest {

  private static final int CAPACITY = 6;
  private static final int IN_LAST = 4;
  private static final Identity USER = Identity.user("acme", "u1");
  private static final List<PartitionedLimit> SIX =
      List.of(
          new PartitionedLimit(
              "six", Limit.slidingWindow(CAPACITY, Duration.ofMinutes(1)), Partition.IDENTITY));

  private Instant wall = Instant.ofEpochSecond(30);
  private final Buckets buckets = Buckets.onClock(100, Rooms.standard(), () -> 1, () -> wall);

  public WindowsInterleavingsTest() {
    buckets.take(USER, SIX, Cost.of(IN_LAST));
    wall = Instant.ofEpochSecond(90); // half of the last one counts
  }

  @Test
  void everyOperation_atOnce_isLinearizable() {
    for (int threads = 2; threads <= 3; threads++) {
      new ModelCheckingOptions()
          .threads(threads)
          .actorsBefore(0)
          .actorsPerThread(3)
          .actorsAfter(2)
          .iterations(15)
          .invocationsPerIteration(1000)
          .sequentialSpecification(Exact.class)
          .check(WindowsInterleavingsTest.class);
    }
  }

  @Operation
  public boolean take(@Param(name = "tokens") int tokens) {
    return buckets.take(USER, SIX, Cost.of(tokens)).permitted();
  }

  @Operation
  public long taken() {
    return buckets.window(USER, SIX.get(0)).taken();
  }

  /** What one thread would see. */
  public static final class Exact {

    private int taken = IN_LAST / 2;

    public boolean take(int tokens) {
      boolean fits = taken + tokens <= CAPACITY;
      taken += fits ? tokens : 0;
      return fits;
    }

    public long taken() {
      return taken;
    }
  }
}
