package dev.penstock.bucket;

import static dev.penstock.bucket.Stressed.NOW;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.ZJ_Result;
import org.openjdk.jcstress.infra.results.ZZJ_Result;

/**
 * Two requests at one bucket that stands in the table already. An outcome that is not named is
 * forbidden; the number in each is how far from full the bucket is in the end.
 */
public class CellStress {

  private CellStress() {}

  @JCStressTest
  @Outcome(id = "true, false, 10", expect = ACCEPTABLE, desc = "The first takes the token.")
  @Outcome(id = "false, true, 10", expect = ACCEPTABLE, desc = "The second takes it.")
  @State
  public static class TakeAndTake {

    private final BucketStore store = Stressed.store(1);
    private final ChargedBucket first = Stressed.charge(store, "a", 1);
    private final ChargedBucket second = Stressed.charge(store, "a", 1);

    public TakeAndTake() {
      first.take(NOW);
      first.giveBack();
    }

    @Actor
    public void first(ZZJ_Result result) {
      result.r1 = first.take(NOW);
    }

    @Actor
    public void second(ZZJ_Result result) {
      result.r2 = second.take(NOW);
    }

    @Arbiter
    public void after(ZZJ_Result result) {
      result.r3 = first.ownLevelNanos();
    }
  }

  @JCStressTest
  @Outcome(id = "true, 10", expect = ACCEPTABLE, desc = "Takes what was put back.")
  @Outcome(id = "false, 0", expect = ACCEPTABLE, desc = "Comes before it is put back.")
  @State
  public static class TakeAndCancel {

    private final BucketStore store = Stressed.store(1);
    private final ReservedBucket reserved =
        Stressed.charged(store, "a", 1, 1).reserved(new Object());
    private final ChargedBucket taking = Stressed.charge(store, "a", 1);

    @Actor
    public void take(ZJ_Result result) {
      result.r1 = taking.take(NOW);
    }

    @Actor
    public void cancel() {
      reserved.cancel();
    }

    @Arbiter
    public void after(ZJ_Result result) {
      result.r2 = taking.ownLevelNanos();
    }
  }

  @JCStressTest
  @Outcome(id = "true, 30", expect = ACCEPTABLE, desc = "Both moved the level.")
  @State
  public static class TakeAndFollow {

    private final BucketStore store = Stressed.store(1);
    private final ChargedBucket following = Stressed.charged(store, "a", 3, 1);
    private final ChargedBucket taking = Stressed.charge(store, "a", 3);

    @Actor
    public void take(ZJ_Result result) {
      result.r1 = taking.take(NOW);
    }

    @Actor
    public void follow() {
      following.follow(10, 20);
    }

    @Arbiter
    public void after(ZJ_Result result) {
      result.r2 = taking.ownLevelNanos();
    }
  }

  /** Two of five are spent, which is 8 ns of 20 under the limit of two. */
  @JCStressTest
  @Outcome(id = "true, false, 30", expect = ACCEPTABLE, desc = "12 ns of 20 leave no room for 10.")
  @Outcome(id = "false, true, 45", expect = ACCEPTABLE, desc = "18 ns of 20 are 45 of 50.")
  @State
  public static class TakeUnderTwoLimits {

    private final BucketStore store = Stressed.store(1);
    private final ChargedBucket ofFive = Stressed.charge(store, "a", 5);
    private final ChargedBucket ofTwo = Stressed.charge(store, "a", 2);

    public TakeUnderTwoLimits() {
      Stressed.charged(store, "a", 5, 2);
    }

    @Actor
    public void first(ZZJ_Result result) {
      result.r1 = ofFive.take(NOW);
    }

    @Actor
    public void second(ZZJ_Result result) {
      result.r2 = ofTwo.take(NOW);
    }

    @Arbiter
    public void after(ZZJ_Result result) {
      result.r3 = ofFive.ownLevelNanos();
    }
  }

  @JCStressTest
  @Outcome(id = "true, 10", expect = ACCEPTABLE, desc = "Takes from the filled bucket.")
  @Outcome(id = "false, 0", expect = ACCEPTABLE, desc = "Comes before it is filled.")
  @State
  public static class TakeAndReset {

    private final BucketStore store = Stressed.store(1);
    private final ChargedBucket filling = Stressed.charged(store, "a", 1, 1);
    private final ChargedBucket taking = Stressed.charge(store, "a", 1);

    @Actor
    public void take(ZJ_Result result) {
      result.r1 = taking.take(NOW);
    }

    @Actor
    public void reset() {
      filling.fill();
    }

    @Arbiter
    public void after(ZJ_Result result) {
      result.r2 = taking.ownLevelNanos();
    }
  }

  /** What was taken before the bucket was filled is not given back on top of that. */
  @JCStressTest
  @Outcome(id = "true, 10", expect = ACCEPTABLE, desc = "One of two is spent, in either order.")
  @State
  public static class GiveBackAndReset {

    private final BucketStore store = Stressed.store(1);
    private final ChargedBucket undone = Stressed.charged(store, "a", 2, 2);
    private final ChargedBucket taking = Stressed.charge(store, "a", 2);

    @Actor
    public void resetAndTake(ZJ_Result result) {
      taking.fill();
      result.r1 = taking.take(NOW);
    }

    @Actor
    public void giveBack() {
      undone.giveBack();
    }

    @Arbiter
    public void after(ZJ_Result result) {
      result.r2 = taking.ownLevelNanos();
    }
  }
}
