package dev.penstock.metrics;

import dev.penstock.Cost;
import dev.penstock.Decision.Source;
import dev.penstock.InFlightLimit;
import dev.penstock.Limit;
import dev.penstock.PartitionedLimit;
import dev.penstock.base.NumberedName;
import java.lang.ref.Reference;
import java.lang.ref.ReferenceQueue;
import java.lang.ref.WeakReference;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/**
 * Counts requests by the list of limits that have paid one request each: one addition for a
 * request, whatever the number of its limits. Who reads the counts {@linkplain #settle adds} them
 * to those of each limit before.
 *
 * <p>A policy has one list as long as it lives, so a list is known by its identity. What a policy
 * that nobody has any more was charged is kept, and its place is given to others.
 *
 * <p><b>State.</b> A table of open addressing, in which a row is found from its list's identity
 * hash on; a row that has come never moves within one table, and a larger or a tidier table takes
 * the place of the whole.
 *
 * <p><b>Ordering.</b> A row is written before it is seen in the table. A count goes to a row found
 * by its list, and the caller holds the list until it is counted: so once a list is gone, nobody
 * counts for it any more, and its row can be left behind.
 *
 * <p><b>Progress.</b> Wait-free to count, where others have the place of a thread by {@link
 * LongAdder}; a lock to add a row, and to read.
 */
final class PaidLists {

  /** More lists than this are not counted here. */
  static final int MAX_LISTS = 1 << 14;

  /** One list of limits, with what has been counted of it. */
  private static final class Row extends WeakReference<List<? extends NumberedName>> {

    private final int hash;

    /** Under which threads that have a place count. */
    private final int number;

    /** What the others count. */
    private final LongAdder others = new LongAdder();

    private final LimitCounts[] counts;

    /** What a request costs of each. */
    private final long[] amounts;

    /** What was counted under the number before this row had it, and what is settled since. */
    private long added;

    Row(
        List<? extends NumberedName> limits,
        int number,
        long counted,
        BiFunction<String, Limit, LimitCounts> byName,
        ReferenceQueue<Object> gone) {
      super(limits, gone);
      this.number = number;
      this.added = counted;
      hash = System.identityHashCode(limits);
      counts = new LimitCounts[limits.size()];
      amounts = new long[limits.size()];
      for (int i = 0; i < counts.length; i++) {
        PartitionedLimit limit = (PartitionedLimit) limits.get(i);
        counts[i] = byName.apply(limit.name(), limit.limit());
        amounts[i] = amount(limit.limit());
      }
    }

    /**
     * Adds what was counted since.
     *
     * @param byThreads the sum of those who have a place
     */
    void settle(long byThreads, DecisionCounts all) {
      long more = byThreads + others.sum() - added;
      if (more > 0) {
        added += more;
        all.add(Source.MEMORY, Outcome.PAID, more);
        for (int i = 0; i < counts.length; i++) {
          counts[i].decisions.add(Source.MEMORY, Outcome.PAID, more);
          counts[i].granted.add(more * amounts[i]);
        }
      }
    }
  }

  private final BiFunction<String, Limit, LimitCounts> byName;
  private final DecisionCounts all;
  private final ReferenceQueue<Object> gone = new ReferenceQueue<>();
  private final CountsByThread byThreads = new CountsByThread();
  private final BitSet numbers = new BitSet();
  private volatile AtomicReferenceArray<@Nullable Row> rows = new AtomicReferenceArray<>(64);
  private int size;

  /**
   * Counts nothing yet.
   *
   * @param byName gives the counts of a limit
   * @param all counts each request once
   */
  PaidLists(BiFunction<String, Limit, LimitCounts> byName, DecisionCounts all) {
    this.byName = byName;
    this.all = all;
  }

  /** Returns how many tokens a request costs, of which slots are none. */
  static long amount(Limit limit) {
    return limit instanceof InFlightLimit ? 0 : Cost.ONE_REQUEST.amount(limit);
  }

  /** Counts a request; returns whether there is room for its list. */
  boolean count(List<? extends NumberedName> limits) {
    try {
      Row row = find(rows, limits);
      if (row == null) {
        row = added(limits);
      }
      if (row == null) {
        return false;
      }
      if (!byThreads.count(row.number)) {
        row.others.increment();
      }
      return true;
    } finally {
      Reference.reachabilityFence(limits);
    }
  }

  private static @Nullable Row find(
      AtomicReferenceArray<@Nullable Row> rows, List<? extends NumberedName> limits) {
    int last = rows.length() - 1;
    int place = System.identityHashCode(limits) & last;
    while (true) {
      Row row = rows.get(place);
      if (row == null || row.refersTo(limits)) {
        return row;
      }
      place = (place + 1) & last;
    }
  }

  private synchronized @Nullable Row added(List<? extends NumberedName> limits) {
    Row known = find(rows, limits);
    if (known != null) {
      return known;
    }
    if (gone.poll() != null) {
      tidy();
    }
    if (size == MAX_LISTS) {
      return null;
    }
    if (2 * (size + 1) > rows.length()) {
      rows = copied(2 * rows.length());
    }
    int number = numbers.nextClearBit(0);
    Row row = new Row(limits, number, byThreads.sum(number), byName, gone);
    numbers.set(number);
    put(rows, row);
    size++;
    return row;
  }

  /** Leaves behind the rows of lists that are gone. */
  private void tidy() {
    while (gone.poll() != null) {
      // All of them are found in the table.
    }
    rows = copied(rows.length());
  }

  private AtomicReferenceArray<@Nullable Row> copied(int length) {
    AtomicReferenceArray<@Nullable Row> copied = new AtomicReferenceArray<>(length);
    size = 0;
    for (int i = 0; i < rows.length(); i++) {
      Row row = rows.get(i);
      if (row != null && !row.refersTo(null)) {
        put(copied, row);
        size++;
      } else if (row != null) {
        settle(row);
        numbers.clear(row.number);
      }
    }
    return copied;
  }

  private static void put(AtomicReferenceArray<@Nullable Row> rows, Row row) {
    int last = rows.length() - 1;
    int place = row.hash & last;
    while (rows.get(place) != null) {
      place = (place + 1) & last;
    }
    rows.set(place, row);
  }

  /** Adds what was counted since to the counts of all, and of each limit. */
  synchronized void settle() {
    for (int i = 0; i < rows.length(); i++) {
      Row row = rows.get(i);
      if (row != null) {
        settle(row);
      }
    }
  }

  private void settle(Row row) {
    row.settle(byThreads.sum(row.number), all);
  }

  synchronized int size() {
    return size;
  }
}
