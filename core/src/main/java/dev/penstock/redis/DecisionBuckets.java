package dev.penstock.redis;

import dev.penstock.BucketState;
import dev.penstock.Decision;
import dev.penstock.redis.wire.SharedBucket;
import java.util.ArrayList;
import java.util.List;

/**
 * The buckets of a decision.
 *
 * @param enforced those that may deny it
 * @param shadow those that are only tried
 * @param windowEnds what is told of those that are windows
 */
record DecisionBuckets(
    List<SharedBucket> enforced, List<SharedBucket> shadow, WindowEnds windowEnds) {

  /** Makes those of a decision that is still to be made. */
  DecisionBuckets(List<SharedBucket> enforced, List<SharedBucket> shadow) {
    this(enforced, shadow, new WindowEnds());
  }

  /** Returns all of them, at least one; those that are only tried stand last. */
  List<SharedBucket> all() {
    if (shadow.isEmpty()) {
      return enforced;
    }
    List<SharedBucket> all = new ArrayList<>(enforced);
    all.addAll(shadow);
    return all;
  }

  /** Returns one of them, which lies where all do. */
  SharedBucket first() {
    return enforced.isEmpty() ? shadow.get(0) : enforced.get(0);
  }

  /** Returns those with slots that may deny. */
  List<SharedBucket> inFlight() {
    return inFlight(enforced);
  }

  /** Returns those with slots that are only tried. */
  List<SharedBucket> shadowInFlight() {
    return inFlight(shadow);
  }

  /** Returns whether all that is only tried would have been permitted. */
  static boolean isTried(Decision decision) {
    return decision.shadow().filter(Decision::permitted).isPresent();
  }

  /** Returns whether a bucket has paid its part of a permitted decision. */
  static boolean tookPart(SharedBucket bucket, Decision decision) {
    boolean isShadow = bucket.limit().isShadow();
    List<BucketState> states =
        isShadow
            ? decision.shadow().filter(Decision::permitted).map(Decision::buckets).orElse(List.of())
            : decision.buckets();
    return states.stream().anyMatch(state -> state.name().equals(bucket.limit().name()));
  }

  private static List<SharedBucket> inFlight(List<SharedBucket> buckets) {
    return buckets.stream().filter(SharedBucket::isInFlight).toList();
  }
}
