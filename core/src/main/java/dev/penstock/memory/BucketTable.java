package dev.penstock.memory;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * A bounded table of buckets: bins of linked buckets, the newest first.
 *
 * <p>A full bucket is as good as an absent one, so full buckets are forgotten when room is needed,
 * and a few at every addition; live ones never are. The hand that looks for them moves a bounded
 * number of bins in one call, so a newcomer may be turned away while a full bucket stands
 * elsewhere; the next call goes on from there.
 *
 * <p><b>State.</b> A bin is a list of buckets with different keys among the live ones. {@code size}
 * is the number of live buckets, counted before a bucket is linked and after it has died, so it is
 * never below the truth.
 *
 * <p><b>Transitions.</b> Only the head of a bin gains a bucket, and only while the list that was
 * searched for a twin is still the list of that bin. Dead buckets are unlinked by whoever sweeps
 * the bin; two unlinkings that meet may leave a dead bucket linked for a later sweep, never unlink
 * a live one.
 *
 * <p><b>Linearization.</b> The compare-and-set of the bin's head for an addition; of the bucket's
 * word for its death.
 *
 * <p><b>Ordering.</b> A bucket's first value is read from elsewhere only after the bucket is
 * linked: see {@link BucketStore}.
 *
 * <p><b>Progress.</b> Lock-free.
 *
 * <p><b>Overflow.</b> {@code hand} wraps around and is masked.
 */
final class BucketTable {

  /** Bins swept at each addition, so that full buckets go though the bound is far. */
  private static final int SWEPT_ALWAYS = 2;

  /** Bins swept for a newcomer when the bound is reached. */
  static final int SWEPT_AT_BOUND = 64;

  private static final int MIN_BINS = 16;

  private final int maxBuckets;
  private final ToLongFunction<String> firstWord;
  private final KeyedHash keyedHash = KeyedHash.random();
  private final AtomicReferenceArray<@Nullable Bucket> bins;
  private final int mask;
  private final AtomicInteger size = new AtomicInteger();
  private final AtomicInteger hand = new AtomicInteger();

  /**
   * @param maxBuckets at least 1
   * @param firstWord the word that a bucket of this name begins with
   */
  BucketTable(int maxBuckets, ToLongFunction<String> firstWord) {
    this.maxBuckets = maxBuckets;
    this.firstWord = firstWord;
    int length = Math.max(MIN_BINS, Integer.highestOneBit(maxBuckets - 1 | 1) << 1);
    this.bins = new AtomicReferenceArray<>(length);
    this.mask = length - 1;
  }

  int size() {
    return size.get();
  }

  /** Returns the bucket, or null where it is absent. */
  @Nullable Bucket find(String name, String key) {
    long hash = keyedHash.hash(name, key);
    Bucket found = find(bins.get(bin(hash)), name, key, hash);
    return found == null ? null : started(found);
  }

  /** Returns the bucket, new where it was absent, or null where there is no room for it. */
  @Nullable Bucket findOrAdd(String name, String key, long now) {
    long hash = keyedHash.hash(name, key);
    int bin = bin(hash);
    while (true) {
      Bucket head = bins.get(bin);
      Bucket found = find(head, name, key, hash);
      if (found != null) {
        return started(found);
      }
      if (!takeRoom(now)) {
        return null;
      }
      Bucket added = new Bucket(name, key, hash, head);
      if (bins.compareAndSet(bin, head, added)) {
        return started(added);
      }
      size.decrementAndGet();
    }
  }

  private static @Nullable Bucket find(@Nullable Bucket head, String name, String key, long hash) {
    for (Bucket bucket = head; bucket != null; bucket = bucket.next) {
      if (bucket.is(name, key, hash) && !bucket.isDead()) {
        return bucket;
      }
    }
    return null;
  }

  private Bucket started(Bucket bucket) {
    if (bucket.word() == Bucket.UNSET) {
      bucket.start(firstWord.applyAsLong(bucket.name));
    }
    return bucket;
  }

  private boolean takeRoom(long now) {
    sweep(now, SWEPT_ALWAYS);
    return countOne() || (sweep(now, SWEPT_AT_BOUND) && countOne());
  }

  private boolean countOne() {
    int seen = size.get();
    while (seen < maxBuckets) {
      if (size.compareAndSet(seen, seen + 1)) {
        return true;
      }
      seen = size.get();
    }
    return false;
  }

  /** Returns whether a full bucket was found and forgotten. */
  private boolean sweep(long now, int count) {
    boolean found = false;
    int from = hand.getAndAdd(count);
    for (int i = 0; i < count; i++) {
      int bin = (from + i) & mask;
      for (Bucket bucket = bins.get(bin); bucket != null; bucket = bucket.next) {
        if (started(bucket).retire(now)) {
          size.decrementAndGet();
          found = true;
        }
      }
      unlinkDead(bin);
    }
    return found;
  }

  private void unlinkDead(int bin) {
    Bucket last = null;
    for (Bucket bucket = bins.get(bin); bucket != null; bucket = bucket.next) {
      if (!bucket.isDead()) {
        last = bucket;
      } else if (last != null) {
        last.next = bucket.next;
      } else if (!bins.compareAndSet(bin, bucket, bucket.next)) {
        return;
      }
    }
  }

  private int bin(long hash) {
    return (int) hash & mask;
  }
}
