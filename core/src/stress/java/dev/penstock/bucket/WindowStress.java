package dev.penstock.bucket;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;

import dev.penstock.CalendarUnit;
import dev.penstock.Cost;
import dev.penstock.Identity;
import dev.penstock.Limit;
import dev.penstock.Partition;
import dev.penstock.PartitionedLimit;
import dev.penstock.Reservation;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.ZJ_Result;
import org.openjdk.jcstress.infra.results.ZZJ_Result;

/**
 * Two requests at one window, decided in place or at length as it comes. An outcome that is not
 * named is forbidden; the number in each is how much is taken in the end.
 */
public class WindowStress {

  private static final Identity USER = Identity.user("acme", "u1");
  private static final List<PartitionedLimit> FIXED =
      limits(Limit.fixedWindow(2, CalendarUnit.HOUR, ZoneOffset.UTC));
  private static final List<PartitionedLimit> SLIDING =
      limits(Limit.slidingWindow(6, Duration.ofMinutes(1)));

  private WindowStress() {}

  private static List<PartitionedLimit> limits(Limit limit) {
    return List.of(new PartitionedLimit("window", limit, Partition.IDENTITY));
  }

  /** A wall clock that goes on only between races; token buckets' stands still. */
  private static final class Windows {

    private Instant wall = Instant.EPOCH;
    private final Buckets buckets = Buckets.onClock(100, Rooms.standard(), () -> 1, () -> wall);

    boolean take(List<PartitionedLimit> limits, long tokens) {
      return buckets.take(USER, limits, Cost.of(tokens)).permitted();
    }

    long taken(List<PartitionedLimit> limits) {
      return buckets.window(USER, limits.get(0)).taken();
    }
  }

  @JCStressTest
  @Outcome(id = "true, false, 2", expect = ACCEPTABLE, desc = "The first takes the last one.")
  @Outcome(id = "false, true, 2", expect = ACCEPTABLE, desc = "The second takes it.")
  @State
  public static class TakeAndTake {

    private final Windows windows = new Windows();

    public TakeAndTake() {
      windows.take(FIXED, 1);
    }

    @Actor
    public void first(ZZJ_Result result) {
      result.r1 = windows.take(FIXED, 1);
    }

    @Actor
    public void second(ZZJ_Result result) {
      result.r2 = windows.take(FIXED, 1);
    }

    @Arbiter
    public void after(ZZJ_Result result) {
      result.r3 = windows.taken(FIXED);
    }
  }

  /** Four of the last window count half, which is one token short of room for both. */
  @JCStressTest
  @Outcome(id = "true, false, 4", expect = ACCEPTABLE, desc = "The first begins the window.")
  @Outcome(id = "false, true, 5", expect = ACCEPTABLE, desc = "The second does.")
  @State
  public static class TakeAndTakeInTheNextWindow {

    private final Windows windows = new Windows();

    public TakeAndTakeInTheNextWindow() {
      windows.take(SLIDING, 4);
      windows.wall = Instant.ofEpochSecond(90);
    }

    @Actor
    public void first(ZZJ_Result result) {
      result.r1 = windows.take(SLIDING, 2);
    }

    @Actor
    public void second(ZZJ_Result result) {
      result.r2 = windows.take(SLIDING, 3);
    }

    @Arbiter
    public void after(ZZJ_Result result) {
      result.r3 = windows.taken(SLIDING);
    }
  }

  @JCStressTest
  @Outcome(id = "true, 2", expect = ACCEPTABLE, desc = "Takes what was put back.")
  @Outcome(id = "false, 0", expect = ACCEPTABLE, desc = "Comes before it is put back.")
  @State
  public static class TakeAndCancel {

    private final Windows windows = new Windows();
    private final Reservation reservation = windows.buckets.reserve(USER, FIXED, Cost.of(2));

    @Actor
    public void take(ZJ_Result result) {
      result.r1 = windows.take(FIXED, 2);
    }

    @Actor
    public void cancel() {
      reservation.cancel();
    }

    @Arbiter
    public void after(ZJ_Result result) {
      result.r2 = windows.taken(FIXED);
    }
  }

  /** What was taken before the window was emptied is not given back on top of that. */
  @JCStressTest
  @Outcome(id = "true, 1", expect = ACCEPTABLE, desc = "One of two is taken, in either order.")
  @State
  public static class CancelAndReset {

    private final Windows windows = new Windows();
    private final Reservation reservation = windows.buckets.reserve(USER, FIXED, Cost.of(2));

    @Actor
    public void resetAndTake(ZJ_Result result) {
      windows.buckets.fill(USER, FIXED);
      result.r1 = windows.take(FIXED, 1);
    }

    @Actor
    public void cancel() {
      reservation.cancel();
    }

    @Arbiter
    public void after(ZJ_Result result) {
      result.r2 = windows.taken(FIXED);
    }
  }
}
