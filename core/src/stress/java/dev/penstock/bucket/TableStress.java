package dev.penstock.bucket;

import static dev.penstock.bucket.Stressed.NOW;
import static dev.penstock.bucket.Stressed.begin;
import static dev.penstock.bucket.Stressed.take;
import static dev.penstock.bucket.Stressed.takeAnyhow;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.JJ_Result;
import org.openjdk.jcstress.infra.results.ZJJ_Result;
import org.openjdk.jcstress.infra.results.ZZI_Result;
import org.openjdk.jcstress.infra.results.ZZJ_Result;

/**
 * Buckets that come while others come, are charged or go. An outcome that is not named is
 * forbidden.
 */
public class TableStress {

  private TableStress() {}

  @JCStressTest
  @Outcome(id = "true, false, 1", expect = ACCEPTABLE, desc = "One bucket, and one has its token.")
  @Outcome(id = "false, true, 1", expect = ACCEPTABLE, desc = "Likewise the other.")
  @State
  public static class AddAndAdd {

    private final BucketTable table = Stressed.table(2);

    @Actor
    public void first(ZZI_Result result) {
      result.r1 = takeAnyhow(table, 1, 1);
    }

    @Actor
    public void second(ZZI_Result result) {
      result.r2 = takeAnyhow(table, 1, 1);
    }

    @Arbiter
    public void after(ZZI_Result result) {
      result.r3 = table.size();
    }
  }

  /** The array is replaced for the newcomer while another takes from a bucket in it. */
  @JCStressTest
  @Outcome(id = "true, 120, 110", expect = ACCEPTABLE, desc = "The token is taken, once.")
  @State
  public static class TakeAndGrow {

    private final BucketTable table = Stressed.crowded();

    @Actor
    public void take(ZJJ_Result result) {
      result.r1 = Stressed.take(table, 1, 2);
    }

    @Actor
    public void grow() {
      begin(table, 7, NOW + 10);
    }

    @Arbiter
    public void after(ZJJ_Result result) {
      result.r2 = Stressed.fullAt(table, 1);
      result.r3 = Stressed.fullAt(table, 7);
    }
  }

  /** Both have the array replaced, each for a newcomer, and then want the same last token. */
  @JCStressTest
  @Outcome(id = "true, false, 120", expect = ACCEPTABLE, desc = "One takes the token.")
  @Outcome(id = "false, true, 120", expect = ACCEPTABLE, desc = "The other takes it.")
  @State
  public static class GrowAndGrow {

    private final BucketTable table = Stressed.crowded();

    @Actor
    public void first(ZZJ_Result result) {
      begin(table, 7, NOW + 10);
      result.r1 = take(table, 1, 2);
    }

    @Actor
    public void second(ZZJ_Result result) {
      begin(table, 8, NOW + 10);
      result.r2 = take(table, 1, 2);
    }

    @Arbiter
    public void after(ZZJ_Result result) {
      result.r3 = Stressed.fullAt(table, 1);
    }
  }

  /** A frozen word is not shown, and nothing instead of it. */
  @JCStressTest
  @Outcome(id = "110, 110", expect = ACCEPTABLE, desc = "The word, in whichever array.")
  @State
  public static class WordAndGrow {

    private final BucketTable table = Stressed.crowded();

    @Actor
    public void read(JJ_Result result) {
      result.r1 = Stressed.fullAt(table, 1);
      result.r2 = Stressed.fullAt(table, 1);
    }

    @Actor
    public void grow() {
      begin(table, 7, NOW + 10);
    }
  }

  /** At the bound a full bucket is forgotten for a newcomer while its owner comes back. */
  @JCStressTest
  @Outcome(id = "true, false, 1", expect = ACCEPTABLE, desc = "The bucket is spent, and stays.")
  @Outcome(id = "false, true, 1", expect = ACCEPTABLE, desc = "It is forgotten, and has no room.")
  @State
  public static class TakeAndForget {

    private final BucketTable table = Stressed.table(1);

    public TakeAndForget() {
      begin(table, 1, NOW);
    }

    @Actor
    public void owner(ZZI_Result result) {
      result.r1 = takeAnyhow(table, 1, 1);
    }

    @Actor
    public void newcomer(ZZI_Result result) {
      result.r2 = takeAnyhow(table, 2, 1);
    }

    @Arbiter
    public void after(ZZI_Result result) {
      result.r3 = table.size();
    }
  }

  @JCStressTest
  @Outcome(id = "true, false, 1", expect = ACCEPTABLE, desc = "The first gets the last room.")
  @Outcome(id = "false, true, 1", expect = ACCEPTABLE, desc = "The second gets it.")
  @State
  public static class LastRoom {

    private final BucketTable table = Stressed.table(1);

    @Actor
    public void first(ZZI_Result result) {
      result.r1 = takeAnyhow(table, 1, 1);
    }

    @Actor
    public void second(ZZI_Result result) {
      result.r2 = takeAnyhow(table, 2, 1);
    }

    @Arbiter
    public void after(ZZI_Result result) {
      result.r3 = table.size();
    }
  }

  /**
   * Two requests of one identity, of which the second makes room for its bucket: the first may have
   * been charged to the overflow bucket by then, and is not forgotten.
   */
  @JCStressTest
  @Outcome(id = "true, false, 10", expect = ACCEPTABLE, desc = "The first takes the token.")
  @Outcome(id = "false, true, 10", expect = ACCEPTABLE, desc = "The second takes it.")
  @Outcome(
      id = "false, false, 10",
      expect = ACCEPTABLE,
      desc = "The own bucket began at the level of a charge that was moved to it: both are denied.")
  @State
  public static class OverflowAndRoom {

    private final BucketStore store = Stressed.store(1);
    private final ChargedBucket owner = Stressed.charged(store, "owner", 1, 1);
    private final ChargedBucket first = Stressed.charge(store, "a", 1);
    private final ChargedBucket second = Stressed.charge(store, "a", 1);

    @Actor
    public void first(ZZJ_Result result) {
      result.r1 = first.take(NOW);
    }

    @Actor
    public void second(ZZJ_Result result) {
      owner.fill();
      result.r2 = second.take(NOW);
    }

    @Arbiter
    public void after(ZZJ_Result result) {
      first.look();
      result.r3 = first.level(false, NOW);
    }
  }
}
