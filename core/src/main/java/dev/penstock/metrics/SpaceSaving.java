package dev.penstock.metrics;

import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The Space-Saving sketch (Metwally, Agrawal and El Abbadi, 2005): counts the keys that come most
 * often, in bounded memory. A newcomer takes the place of the key with the smallest count, goes on
 * from that count, and keeps it as its error: it may have come so often before, and no more.
 *
 * <p>So a key has come at most {@code count} times and at least {@code count - error}, and each one
 * that has come more often than {@code total / capacity} is there. Nobody waits: a newcomer that
 * finds another one at work is {@linkplain #missed missed}, and any key may have come so often
 * besides.
 *
 * <p><b>State.</b> A count is positive, or {@code GONE} once its key has lost its place. <b>
 * Transitions.</b> Up by one, by whoever comes; to {@code GONE} and out of the map under the lock.
 * <b>Linearization.</b> The compare-and-set of the count: who meets {@code GONE} is a newcomer.
 * <b>Progress.</b> Lock-free for keys that are there, wait-free for others.
 *
 * @param <K> what is counted
 */
final class SpaceSaving<K> {

  /**
   * A key that has come often.
   *
   * @param count how often at most
   * @param error by how much that may be too much
   */
  record Frequent<K>(K key, long count, long error) {}

  private static final long GONE = -1;

  private record Counter(AtomicLong count, long error) {

    boolean increment() {
      long seen = count.get();
      while (seen != GONE) {
        if (count.compareAndSet(seen, seen + 1)) {
          return true;
        }
        seen = count.get();
      }
      return false;
    }
  }

  private final int capacity;
  private final Map<K, Counter> counters = new ConcurrentHashMap<>();
  private final ReentrantLock replacing = new ReentrantLock();
  private final LongAdder missed = new LongAdder();

  /**
   * Has counted nothing yet.
   *
   * @param capacity keys that are counted at once, at least 1
   */
  SpaceSaving(int capacity) {
    this.capacity = capacity;
  }

  void add(K key) {
    Counter counter = counters.get(key);
    if (counter != null && counter.increment()) {
      return;
    }
    if (!replacing.tryLock()) {
      missed.increment();
      return;
    }
    try {
      addNewcomer(key);
    } finally {
      replacing.unlock();
    }
  }

  private void addNewcomer(K key) {
    Counter counter = counters.get(key);
    if (counter != null && counter.increment()) {
      return;
    }
    long before = 0;
    if (counters.size() >= capacity) {
      Map.Entry<K, Counter> rarest =
          counters.entrySet().stream()
              .min(Comparator.comparingLong(entry -> entry.getValue().count.get()))
              .orElseThrow();
      before = rarest.getValue().count.getAndSet(GONE);
      counters.remove(rarest.getKey());
    }
    counters.put(key, new Counter(new AtomicLong(before + 1), before));
  }

  /** Returns the keys that have come most often, the first of them most. */
  List<Frequent<K>> top(int most) {
    return counters.entrySet().stream()
        .map(
            entry ->
                new Frequent<>(
                    entry.getKey(), entry.getValue().count.get(), entry.getValue().error))
        .filter(frequent -> frequent.count != GONE)
        .sorted(Comparator.<Frequent<K>>comparingLong(Frequent::count).reversed())
        .limit(most)
        .toList();
  }

  /** Returns how often somebody came who was not counted. */
  long missed() {
    return missed.sum();
  }
}
