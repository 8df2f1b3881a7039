package dev.penstock.metrics;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.lang.ref.WeakReference;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * Counts under numbers, by threads each of which writes cells of its own: without an atomic
 * operation, which takes longer than all else that a count does ({@code ListenedBenchmark}).
 *
 * <p><b>State.</b> A place for each thread by its id, with an array that has a cell for the largest
 * number that it has counted, and at most about as many again. A place belongs to the first thread
 * that comes, until that is gone; whoever finds a place taken counts elsewhere. Cells only grow, so
 * their sum does.
 *
 * <p><b>Ordering.</b> The owner alone writes its cells, one after the other, opaquely: no addition
 * is lost or torn, and a reader sees each in time, or at once where it has heard from the owner
 * since. A place changes its owner under the lock, when the collector has found the last one gone:
 * that writes no more.
 *
 * <p><b>Progress.</b> Wait-free to count in a place of one's own; a lock to take a place, and to
 * read.
 */
final class CountsByThread {

  /** How many threads have a place: as many as a server has in its pool. */
  static final int PLACES = 256;

  private static final VarHandle CELL = MethodHandles.arrayElementVarHandle(long[].class);

  /** One thread, and what it has counted under each number. */
  private static final class Place extends WeakReference<Thread> {

    private volatile long[] cells;

    Place(Thread owner, long[] cells) {
      super(owner);
      this.cells = cells;
    }
  }

  private final AtomicReferenceArray<@Nullable Place> places = new AtomicReferenceArray<>(PLACES);

  /**
   * Counts once more under a number.
   *
   * @param number from 0 on
   * @return whether it is counted; false if another thread has the place
   */
  boolean count(int number) {
    Thread thread = Thread.currentThread();
    Place place = places.get(index(thread));
    if (place == null || !place.refersTo(thread)) {
      place = taken(thread);
      if (place == null) {
        return false;
      }
    }
    long[] cells = place.cells;
    if (number >= cells.length) {
      cells = Arrays.copyOf(cells, Math.max(number + 1, 2 * cells.length));
      place.cells = cells;
    }
    CELL.setOpaque(cells, number, cells[number] + 1);
    return true;
  }

  private static int index(Thread thread) {
    return (int) thread.getId() & (PLACES - 1);
  }

  /** Returns the place of a thread, if nobody else has it. */
  private @Nullable Place taken(Thread thread) {
    Place before = places.get(index(thread));
    if (before != null && !before.refersTo(null)) {
      return null;
    }
    synchronized (this) {
      before = places.get(index(thread));
      if (before != null && !before.refersTo(null)) {
        return null;
      }
      Place place = new Place(thread, before == null ? new long[8] : before.cells);
      places.set(index(thread), place);
      return place;
    }
  }

  /** Returns how often all have counted under a number. */
  synchronized long sum(int number) {
    long sum = 0;
    for (int i = 0; i < PLACES; i++) {
      Place place = places.get(i);
      if (place != null) {
        long[] cells = place.cells;
        sum += number < cells.length ? (long) CELL.getOpaque(cells, number) : 0;
      }
    }
    return sum;
  }
}
