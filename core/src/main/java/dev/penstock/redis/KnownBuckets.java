package dev.penstock.redis;

import java.util.Iterator;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * What Redis last said of the buckets that this process has asked about; at most so many, and only
 * while they are not full. Times are nanoseconds of this process's clock.
 */
final class KnownBuckets {

  /**
   * One bucket.
   *
   * @param fullAt when it is full, at the soonest: if Redis said so as soon as it was asked
   * @param saidAt when Redis was asked
   * @param heardAt when the answer came
   * @param epoch how often Redis had been away by then
   */
  record Known(long fullAt, long saidAt, long heardAt, int epoch) {

    long resetAfterNanos(long now) {
      return Math.max(0, fullAt - now);
    }

    /** As if Redis had said so just before it was heard. */
    long resetAfterNanosAtMost(long now) {
      return Math.max(0, fullAt + (heardAt - saidAt) - now);
    }

    /** Which of two questions that were under way at once came first is not known. */
    private boolean supersedes(Known old) {
      if (saidAt - old.heardAt >= 0) {
        return true;
      }
      return old.saidAt - heardAt < 0 && fullAt > old.fullAt;
    }
  }

  private static final int SWEPT_AT_BOUND = 64;

  private final int maxBuckets;
  private final Map<String, Known> buckets = new ConcurrentHashMap<>();
  private final AtomicReference<@Nullable Iterator<Known>> hand = new AtomicReference<>();

  KnownBuckets(int maxBuckets) {
    this.maxBuckets = maxBuckets;
  }

  @Nullable Known find(String key) {
    return buckets.get(key);
  }

  /** Remembers a bucket, where there is room. The later saying wins, else the emptier. */
  void remember(String key, Known known, long now) {
    if (known.fullAt() <= now) {
      buckets.computeIfPresent(key, (same, old) -> known.supersedes(old) ? null : old);
      return;
    }
    if (buckets.size() >= maxBuckets && !buckets.containsKey(key)) {
      sweep(now);
      if (buckets.size() >= maxBuckets) {
        return;
      }
    }
    buckets.merge(key, known, (old, latest) -> latest.supersedes(old) ? latest : old);
  }

  void forget(String key) {
    buckets.remove(key);
  }

  int size() {
    return buckets.size();
  }

  /** One thread at a time takes the hand some entries further; the others go without. */
  private void sweep(long now) {
    Iterator<Known> taken = hand.getAndSet(null);
    Iterator<Known> entries =
        taken == null || !taken.hasNext() ? buckets.values().iterator() : taken;
    for (int i = 0; i < SWEPT_AT_BOUND && entries.hasNext(); i++) {
      if (entries.next().fullAt() <= now) {
        entries.remove();
      }
    }
    hand.set(entries);
  }
}
