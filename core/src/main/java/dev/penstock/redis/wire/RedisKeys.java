package dev.penstock.redis.wire;

import dev.penstock.Identity;
import dev.penstock.InFlightLimit;
import dev.penstock.Partition;
import dev.penstock.PartitionedLimit;
import dev.penstock.base.Inside;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * The names of buckets in Redis, version 3:
 *
 * <pre>
 * prefix ":3:{" tag "}" [ "shadow:" ] [ "slots:" / "ban:" ] length ":" name ":" partition-key
 * </pre>
 *
 * <p>The name of the limit is length-prefixed and the partition key is injective by itself, so
 * different buckets have different keys. The part in braces is the hash tag of Redis Cluster: the
 * workspace partition key, so that the buckets of a user and of their workspace lie in one slot; of
 * a bucket for everyone it is {@code *}. In one slot, all tags are {@code *}. Of a probe it is
 * {@code *}, {@code -} or a random one, or that of a bucket whose node is away.
 *
 * <p>Where names are hidden, a keyed hash ({@link HiddenNames}) stands in the place of each
 * partition key but {@code *}, in the tag as behind the name: 22 characters without a colon, so
 * never what another limiter writes in clear. The name of the limit stays as it is.
 */
public final class RedisKeys {

  private static final String EVERYONE_TAG = "*";
  private static final String NOBODY_TAG = "-";

  /** Of two servers that share keys evenly, one has so many in 2^31 cases. */
  private static final int PROBES = 32;

  private final String start;
  private final boolean oneSlot;
  private final UnaryOperator<String> names;

  public RedisKeys(String prefix, boolean oneSlot) {
    this(prefix, oneSlot, UnaryOperator.identity());
  }

  /**
   * Makes keys of another form.
   *
   * @param names how a partition key is written, but for everyone's; injective, and never with a
   *     colon or a brace where it is not the partition key itself
   */
  public RedisKeys(String prefix, boolean oneSlot, UnaryOperator<String> names) {
    this.start = requirePrefix(prefix) + ":3:{";
    this.oneSlot = oneSlot;
    this.names = names;
  }

  /** Returns what all keys may begin with. */
  public static String requirePrefix(String prefix) {
    Objects.requireNonNull(prefix, "prefix");
    if (prefix.isEmpty() || prefix.length() > 64) {
      throw new IllegalArgumentException("prefix must be 1 to 64 characters: " + prefix.length());
    }
    if (!prefix.chars().allMatch(c -> c > 0x20 && c < 0x7F && c != '{' && c != '}')) {
      throw new IllegalArgumentException(
          "prefix must be printable ASCII without spaces and braces: \"" + prefix + "\"");
    }
    return prefix;
  }

  public String key(PartitionedLimit limit, Identity identity) {
    String name = limit.name();
    return start
        + tag(limit.partition(), identity)
        + "}"
        + (limit.isShadow() ? "shadow:" : "")
        + kind(limit)
        + name.length()
        + ":"
        + name
        + ":"
        + written(limit.partition(), identity);
  }

  private static String kind(PartitionedLimit limit) {
    if (limit.limit() instanceof InFlightLimit) {
      return "slots:";
    }
    return Inside.isBan(limit) ? "ban:" : "";
  }

  /** Returns keys of our own making, for the probe: in two hash slots, unless all are in one. */
  public List<String> probes(String instance) {
    return Stream.of(EVERYONE_TAG, oneSlot ? EVERYONE_TAG : NOBODY_TAG)
        .map(tag -> probe(start + tag + "}", instance))
        .toList();
  }

  /** Returns keys of our own making of as many hash tags, unless all are in one slot. */
  List<String> spreadProbes(String instance) {
    return probes(instance, "spread", number -> oneSlot ? EVERYONE_TAG : number);
  }

  /** Returns keys of our own making of one hash tag. */
  List<String> joinedProbes(String instance) {
    return probes(instance, "joined", number -> EVERYONE_TAG);
  }

  /** Their names have nothing in common that a hash function might make much of. */
  private List<String> probes(String instance, String kind, UnaryOperator<String> tag) {
    return IntStream.range(0, PROBES)
        .mapToObj(i -> (instance + kind + i).getBytes(StandardCharsets.UTF_8))
        .map(name -> UUID.nameUUIDFromBytes(name).toString())
        .map(name -> probe(start + tag.apply(name) + "}", name))
        .toList();
  }

  /** Returns a key of our own making in the hash slot of another key of ours, for the probe. */
  static String probe(String key, String instance) {
    return inSlotOf(key, "probe:" + instance);
  }

  /** Returns a key of our own making in the hash slot of another key of ours. */
  public static String inSlotOf(String key, String name) {
    return key.substring(0, key.indexOf('}') + 1) + name;
  }

  /**
   * Returns whether buckets of these limits may lie in different slots for one identity: some are
   * for everyone, and some are not.
   */
  public boolean mayCrossSlots(List<PartitionedLimit> limits) {
    long shared = limits.stream().filter(l -> l.partition() == Partition.EVERYONE).count();
    return !oneSlot && shared > 0 && shared < limits.size();
  }

  private String tag(Partition partition, Identity identity) {
    return oneSlot || partition == Partition.EVERYONE
        ? EVERYONE_TAG
        : written(Partition.WORKSPACE, identity);
  }

  private String written(Partition partition, Identity identity) {
    String partitionKey = identity.partitionKey(partition);
    return partition == Partition.EVERYONE ? partitionKey : names.apply(partitionKey);
  }
}
