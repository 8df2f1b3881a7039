package dev.penstock.bucket;

import dev.penstock.MetricFamily;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Who waits for slots: of each bucket a line, in the order of arrival. Who needs slots of several
 * stands in all of their lines, and is served when first in each. A slot that comes free is taken
 * for the first in line by whoever gives it back; nobody else gets one meanwhile.
 *
 * <p><b>State.</b> The lines, changed under the lock; a bucket is in the map while somebody waits
 * for it. {@code waiting} is how many do.
 *
 * <p><b>Ordering.</b> Who joins counts itself, and then looks for slots; who gives one back does
 * so, and then reads the count: one of the two sees the other.
 *
 * <p><b>Progress.</b> Under the lock the buckets of a decision are charged, which does not block.
 * Where nobody waits, whoever takes or gives back reads the count and takes no lock.
 *
 * <p>Those without a bucket of their own, who share an overflow bucket, have a line each, and are
 * served from it in the order of arrival; but whoever needs fewer slots than whoever came before
 * passes them there.
 */
final class SlotQueue {

  private final ReentrantLock lock = new ReentrantLock();
  private final Map<Long, Deque<AwaitedReservation>> lines = new ConcurrentHashMap<>();

  /** All who wait, in the order of arrival. */
  private final Set<AwaitedReservation> waiters = new LinkedHashSet<>();

  private volatile int waiting;

  /** Returns whether somebody waits for slots of the bucket, so that nobody else may have one. */
  boolean isAwaited(long hash) {
    return waiting > 0 && lines.containsKey(hash);
  }

  /** Joins every line, and is served at once if that may be. */
  void join(AwaitedReservation waiter) {
    lock.lock();
    try {
      waiters.add(waiter);
      waiting = waiters.size();
      for (long hash : waiter.slotHashes()) {
        lines.computeIfAbsent(hash, any -> new ArrayDeque<>()).add(waiter);
      }
      serve(waiter.slotHashes());
    } finally {
      lock.unlock();
    }
  }

  /** Leaves the lines, unless it has been served meanwhile. */
  void leave(AwaitedReservation waiter) {
    lock.lock();
    try {
      if (remove(waiter)) {
        serve(waiter.slotHashes());
      }
    } finally {
      lock.unlock();
    }
  }

  /** Serves whoever can be, of those who wait for these buckets. */
  void look(long... hashes) {
    lock.lock();
    try {
      serve(hashes);
    } finally {
      lock.unlock();
    }
  }

  /**
   * Says that slots have come free.
   *
   * @param isShared whether in an overflow bucket, for whoever has no own one
   */
  void freed(long hash, boolean isShared) {
    // Under the lock it is whoever is being served, and has taken in vain.
    if (waiting > 0 && !lock.isHeldByCurrentThread()) {
      lock.lock();
      try {
        serve(isShared ? inOrderOfArrival() : new long[] {hash});
      } finally {
        lock.unlock();
      }
    }
  }

  private long[] inOrderOfArrival() {
    return waiters.stream()
        .flatMapToLong(waiter -> Arrays.stream(waiter.slotHashes()))
        .distinct()
        .toArray();
  }

  /** {@return how many callers wait for slots of the limits of each name} */
  MetricFamily metrics() {
    CountsByLimit counts = new CountsByLimit();
    lock.lock();
    try {
      waiters.forEach(waiter -> waiter.slotLimits().forEach(name -> counts.add(name, 1)));
    } finally {
      lock.unlock();
    }
    return counts.gauge("penstock_slots_awaited", "Callers that wait for slots, of each limit.");
  }

  private void serve(long... hashes) {
    Deque<Long> todo = new ArrayDeque<>(hashes.length);
    Arrays.stream(hashes).forEach(todo::add);
    while (!todo.isEmpty()) {
      @Nullable Deque<AwaitedReservation> line = lines.get(todo.remove());
      AwaitedReservation first = line == null ? null : line.getFirst();
      if (first != null && isFirst(first) && first.decide()) {
        remove(first);
        Arrays.stream(first.slotHashes()).forEach(todo::add);
        first.wake();
      }
    }
  }

  private boolean isFirst(AwaitedReservation waiter) {
    for (long hash : waiter.slotHashes()) {
      @Nullable Deque<AwaitedReservation> line = lines.get(hash);
      if (line == null || line.getFirst() != waiter) {
        return false;
      }
    }
    return true;
  }

  private boolean remove(AwaitedReservation waiter) {
    boolean wasThere = waiters.remove(waiter);
    waiting = waiters.size();
    for (long hash : waiter.slotHashes()) {
      @Nullable Deque<AwaitedReservation> line = lines.get(hash);
      if (line != null && line.remove(waiter) && line.isEmpty()) {
        lines.remove(hash);
      }
    }
    return wasThere;
  }
}
