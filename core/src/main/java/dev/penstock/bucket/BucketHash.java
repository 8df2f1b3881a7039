package dev.penstock.bucket;

import dev.penstock.Identity;
import dev.penstock.Partition;
import dev.penstock.PartitionedLimit;
import dev.penstock.base.Inside;
import dev.penstock.base.KeyedHash;

/** What the bucket of an identity under a limit is called in this process. */
public final class BucketHash {

  private static final long EVERYONE = KeyedHash.OF_THIS_PROCESS.hash('*', null, null, null);

  private BucketHash() {}

  /**
   * {@return 64 random bits of the limit's name and of the key that it charges, under a secret of
   * this process; two buckets have the same with a probability of 2^-64}
   *
   * @param identity who is charged
   * @param limit under which limit
   */
  public static long of(Identity identity, PartitionedLimit limit) {
    return partitionHash(identity, limit.partition()) ^ Inside.nameHash(limit);
  }

  static long partitionHash(Identity identity, Partition partition) {
    if (partition == Partition.IDENTITY) {
      return Inside.hash(identity);
    }
    return partition == Partition.WORKSPACE ? Inside.workspaceHash(identity) : EVERYONE;
  }
}
