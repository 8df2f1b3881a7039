package dev.penstock.bucket;

import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Holders of slots in no order: each has a place in a row, from {@link #add} until it is released.
 *
 * <p>Each row is twice as long as the one before. Most threads hold one thing at a time, so each
 * has a place of its own in the first row. Where that is taken, some of the last row are tried by
 * chance; where they are taken, too, a row is added. So there are never more places than some for
 * each of the most holders that there have been at once.
 *
 * <p>Thread-safe: one compare-and-set to add, one to remove, and a lock to add a row.
 */
final class SlotBag {

  private static final int FIRST_LENGTH = 1024;

  /** How far apart the places of two threads are, so that they are in two lines of a cache. */
  private static final int APART = 16;

  private static final int TRIES = 8;

  private final Row first = new Row(FIRST_LENGTH, null);
  private volatile Row last = first;

  /** Places, a power of 2. */
  static final class Row {

    private final AtomicReferenceArray<@Nullable SlotHolder> places;
    private final @Nullable Row shorter;

    Row(int length, @Nullable Row shorter) {
      this.places = new AtomicReferenceArray<>(length);
      this.shorter = shorter;
    }

    boolean put(SlotHolder holder, int number) {
      int place = number & (places.length() - 1);
      if (places.get(place) != null) {
        return false;
      }
      holder.placed(this, place); // whoever sees it there finds where it is
      return places.compareAndSet(place, null, holder);
    }

    boolean putByChance(SlotHolder holder) {
      for (int i = 0; i < TRIES; i++) {
        if (put(holder, ThreadLocalRandom.current().nextInt())) {
          return true;
        }
      }
      return false;
    }

    boolean holds(SlotHolder holder, int place) {
      return places.get(place) == holder;
    }

    boolean remove(SlotHolder holder, int place) {
      return places.compareAndSet(place, holder, null);
    }

    void forEach(Consumer<SlotHolder> action) {
      for (int i = 0; i < places.length(); i++) {
        SlotHolder holder = places.get(i);
        if (holder != null) {
          action.accept(holder);
        }
      }
    }
  }

  void add(SlotHolder holder) {
    if (!first.put(holder, (int) Thread.currentThread().getId() * APART)) {
      Row row = last;
      while (!row.putByChance(holder)) {
        row = after(row);
      }
    }
  }

  private synchronized Row after(Row row) {
    if (last == row) {
      last = new Row(2 * row.places.length(), row);
    }
    return last;
  }

  /** Does something for each; one that is added or removed meanwhile may be among them. */
  void forEach(Consumer<SlotHolder> action) {
    for (@Nullable Row row = last; row != null; row = row.shorter) {
      row.forEach(action);
    }
  }
}
