package dev.penstock.bucket;

import dev.penstock.Identity;
import dev.penstock.Limit;
import dev.penstock.Partition;
import dev.penstock.PartitionedLimit;
import java.time.Duration;
import java.time.InstantSource;

/** What races begin with. Time stands still, and a token takes 10 ns. */
final class Stressed {

  static final long NOW = 100;

  private Stressed() {}

  static BucketStore store(int maxBuckets) {
    return new BucketStore(maxBuckets, Rooms.standard(), () -> NOW, InstantSource.system());
  }

  /** Returns a part in a decision that is to take a token. */
  static ChargedBucket charge(BucketStore store, String name, long capacity) {
    return charge(store, name, capacity, 1);
  }

  /** Returns a part in a decision that has taken its tokens already. */
  static ChargedBucket charged(BucketStore store, String name, long capacity, long cost) {
    ChargedBucket charge = charge(store, name, capacity, cost);
    charge.take(NOW);
    return charge;
  }

  private static ChargedBucket charge(BucketStore store, String name, long capacity, long cost) {
    return new ChargedBucket(store, Identity.named("key", name), limit(capacity), cost);
  }

  static PartitionedLimit limit(long capacity) {
    Limit limit = Limit.of(capacity, 1, Duration.ofNanos(10));
    return new PartitionedLimit("p", limit, Partition.IDENTITY);
  }

  static BucketTable table(int maxBuckets) {
    return new BucketTable(maxBuckets, () -> NOW, () -> 0);
  }

  /** Returns a table whose array the next newcomer has replaced; its six buckets are spent. */
  static BucketTable crowded() {
    BucketTable table = table(100);
    for (int key = 1; key <= 6; key++) {
      begin(table, key, NOW + 10);
    }
    return table;
  }

  /** Returns whether the bucket is there, of two tokens that are full at this time if it is new. */
  static boolean begin(BucketTable table, int key, long fullAt) {
    boolean added = table.add(hash(key));
    table.begin(hash(key), BucketWord.of(0, fullAt, limit(2)));
    return added;
  }

  /** Returns when a bucket is full, or why it has no word. */
  static long fullAt(BucketTable table, int key) {
    long word = table.word(hash(key));
    return word > 0 ? BucketWord.time(word) : word;
  }

  static boolean take(BucketTable table, int key, long capacity) {
    return update(table, key, capacity) > 0;
  }

  /** Takes from the bucket, which is added where it is absent; no, where there is no room. */
  static boolean takeAnyhow(BucketTable table, int key, long capacity) {
    long taken = update(table, key, capacity);
    while (taken == BucketArray.ABSENT || taken == BucketArray.UNSET) {
      if (!begin(table, key, NOW)) {
        return false;
      }
      taken = update(table, key, capacity);
    }
    return taken > 0;
  }

  private static long update(BucketTable table, int key, long capacity) {
    return table.update(hash(key), BucketWord::take, NOW, 1, limit(capacity));
  }

  /** Returns odd numbers that lie far apart in the lower half. */
  static long hash(int key) {
    return ((key * 0x9E37_79B9L) << 5) | 0b10001;
  }
}
