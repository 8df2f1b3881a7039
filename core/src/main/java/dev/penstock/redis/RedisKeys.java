package dev.penstock.redis;

import dev.penstock.Identity;
import dev.penstock.Partition;
import dev.penstock.PartitionedLimit;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * The names of buckets in Redis, version 1:
 *
 * <pre>
 * prefix ":1:{" tag "}" length ":" name ":" partition-key
 * </pre>
 *
 * <p>The name of the limit is length-prefixed and the partition key is injective by itself, so
 * different buckets have different keys. The part in braces is the hash tag of Redis Cluster: the
 * workspace partition key, so that the buckets of a user and of their workspace lie in one slot; of
 * a bucket for everyone it is {@code *}. In one slot, all tags are {@code *}. Of a probe it is
 * {@code *} or {@code -}.
 */
final class RedisKeys {

  private static final String EVERYONE_TAG = "*";
  private static final String NOBODY_TAG = "-";

  private final String start;
  private final boolean oneSlot;

  RedisKeys(String prefix, boolean oneSlot) {
    Objects.requireNonNull(prefix, "prefix");
    if (prefix.isEmpty() || prefix.length() > 64) {
      throw new IllegalArgumentException("prefix must be 1 to 64 characters: " + prefix.length());
    }
    if (!prefix.chars().allMatch(c -> c > 0x20 && c < 0x7F && c != '{' && c != '}')) {
      throw new IllegalArgumentException(
          "prefix must be printable ASCII without spaces and braces: \"" + prefix + "\"");
    }
    this.start = prefix + ":1:{";
    this.oneSlot = oneSlot;
  }

  String key(PartitionedLimit limit, Identity identity) {
    String name = limit.name();
    return start
        + tag(limit.partition(), identity)
        + "}"
        + name.length()
        + ":"
        + name
        + ":"
        + identity.partitionKey(limit.partition());
  }

  /** Returns keys of our own making, for the probe: in two hash slots, unless all are in one. */
  List<String> probes(String instance) {
    return Stream.of(EVERYONE_TAG, oneSlot ? EVERYONE_TAG : NOBODY_TAG)
        .map(tag -> start + tag + "}probe:" + instance)
        .toList();
  }

  /**
   * Returns whether buckets of these limits may lie in different slots for one identity: some are
   * for everyone, and some are not.
   */
  boolean mayCrossSlots(List<PartitionedLimit> limits) {
    long shared = limits.stream().filter(l -> l.partition() == Partition.EVERYONE).count();
    return !oneSlot && shared > 0 && shared < limits.size();
  }

  private String tag(Partition partition, Identity identity) {
    return oneSlot || partition == Partition.EVERYONE
        ? EVERYONE_TAG
        : identity.partitionKey(Partition.WORKSPACE);
  }
}
