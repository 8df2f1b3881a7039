package dev.penstock.redis;

import dev.penstock.Cost;
import dev.penstock.Identity;
import dev.penstock.LimitPolicy;
import dev.penstock.LimiterArguments;
import dev.penstock.PartitionedLimit;
import dev.penstock.redis.wire.Greeting.Layout;
import dev.penstock.redis.wire.KnownBuckets;
import dev.penstock.redis.wire.RedisKeys;
import dev.penstock.redis.wire.SharedBucket;
import java.util.ArrayList;
import java.util.List;

/**
 * The buckets that a policy names for an identity. A policy whose buckets one call of the script
 * cannot reach together is refused.
 */
final class PolicyBuckets {

  private static final Identity SAMPLE = Identity.user("workspace", "user");

  private final RedisKeys keys;
  private final KnownBuckets known;
  private final Layout layout;

  PolicyBuckets(RedisKeys keys, KnownBuckets known, Layout layout) {
    this.keys = keys;
    this.known = known;
    this.layout = layout;
  }

  /** Returns the buckets of a decision. */
  DecisionBuckets of(Identity identity, LimitPolicy policy, Cost cost) {
    return of(identity, LimiterArguments.requireLimits(identity, policy, cost));
  }

  /** Likewise of one that no slot may be taken by, as nobody could give it back. */
  DecisionBuckets withoutSlots(Identity identity, LimitPolicy policy, Cost cost) {
    return of(identity, LimiterArguments.requireNoSlots(identity, policy, cost));
  }

  /** Returns all buckets, those that are only tried as well. */
  List<SharedBucket> all(Identity identity, LimitPolicy policy) {
    return of(identity, LimiterArguments.requireLimits(identity, policy)).all();
  }

  /** Throws what decisions by a policy would throw. */
  void check(LimitPolicy policy) {
    List<PartitionedLimit> limits = LimiterArguments.requireLimits(SAMPLE, policy);
    requireOneSlot(limits);
  }

  private DecisionBuckets of(Identity identity, List<PartitionedLimit> limits) {
    requireOneSlot(limits);
    List<SharedBucket> buckets = new ArrayList<>(limits.size());
    for (PartitionedLimit limit : limits) {
      buckets.add(SharedBucket.of(limit, identity, keys, known));
    }
    int enforced = LimiterArguments.enforced(limits);
    return enforced == limits.size()
        ? new DecisionBuckets(buckets, List.of())
        : new DecisionBuckets(
            buckets.subList(0, enforced), buckets.subList(enforced, buckets.size()));
  }

  private void requireOneSlot(List<PartitionedLimit> limits) {
    if (layout != Layout.TOGETHER && keys.mayCrossSlots(limits)) {
      throw new IllegalArgumentException(
          "policy must not join a limit for everyone with others "
              + (layout == Layout.CLUSTER ? "on a Redis Cluster" : "behind a proxy that shards")
              + ", where their buckets lie in different slots, unless the limiter is built with"
              + " oneSlot(): "
              + limits.stream().map(PartitionedLimit::name).toList());
    }
  }
}
