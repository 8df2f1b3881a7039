package dev.penstock.memory;

import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The buckets of a limiter: a bounded table of own buckets, and for each limit's name one overflow
 * bucket, shared by newcomers for whom there is no room.
 *
 * <p>What an absent bucket holds is what its overflow bucket holds: its owner may have spent there.
 * So a bucket that is added starts at the level of the overflow bucket. Two rules make that exact
 * when both happen at once: the first level of a bucket is read after it is visible in the table,
 * and whoever has charged the overflow bucket looks for an own bucket once more afterwards, and if
 * there is one gives back and charges that. So either the first level includes the charge, or the
 * charge is taken back.
 *
 * <p>An absent bucket is full now, and not at the earlier time that a stalled request goes by:
 * since then the same bucket may have been charged, full again and forgotten. So a bucket begins at
 * the time of its addition, and whoever adds one reads the time anew before charging it.
 */
final class BucketStore {

  /** Names that can have an overflow bucket at once; newcomers under any further one are denied. */
  static final int MAX_OVERFLOW_BUCKETS = 1024;

  private static final String EVERY_NEWCOMER = "";

  private final LongSupplier clock;
  private final BucketTable own;
  private final BucketTable overflow = new BucketTable(MAX_OVERFLOW_BUCKETS, name -> now());

  BucketStore(int maxBuckets, LongSupplier clock) {
    this.clock = clock;
    this.own = new BucketTable(maxBuckets, this::firstWord);
  }

  /** {@return nanoseconds since the limiter was made} */
  long now() {
    return clock.getAsLong();
  }

  int size() {
    return own.size();
  }

  /** Returns the word of the bucket, or what it would begin with where it is absent. */
  long word(String name, String key) {
    while (true) {
      Bucket bucket = own.find(name, key);
      long word = bucket == null ? overflowWord(name) : bucket.word();
      if (word != Bucket.DEAD) {
        return word;
      }
    }
  }

  @Nullable Bucket find(String name, String key) {
    return own.find(name, key);
  }

  @Nullable Bucket findOrAdd(String name, String key, long now) {
    return own.findOrAdd(name, key, now);
  }

  @Nullable Bucket findOverflow(String name) {
    return overflow.find(name, EVERY_NEWCOMER);
  }

  @Nullable Bucket findOrAddOverflow(String name, long now) {
    return overflow.findOrAdd(name, EVERY_NEWCOMER, now);
  }

  private long firstWord(String name) {
    return Math.max(now(), overflowWord(name));
  }

  private long overflowWord(String name) {
    Bucket bucket = findOverflow(name);
    long word = bucket == null ? Bucket.FULL : bucket.word();
    return word == Bucket.DEAD ? Bucket.FULL : word;
  }
}
