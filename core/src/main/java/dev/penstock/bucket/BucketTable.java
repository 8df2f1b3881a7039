package dev.penstock.bucket;

import dev.penstock.PartitionedLimit;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A bounded table of buckets, each a hash and a word (see {@link BucketWord}, {@link SlotWord},
 * {@link WindowWord}): a directory of small arrays ({@link BucketArray}) that are replaced one by
 * one as they grow, shrink or forget.
 *
 * <p>A full bucket is as good as an absent one, so full ones are left behind whenever an array is
 * replaced; live ones never are. An array is replaced when it is crowded, when most of its buckets
 * are full and it can be smaller without, and for a newcomer without room when any is. To find out,
 * a hand looks at a bounded number of slots, at every sixteenth addition and for each newcomer
 * without room. So a newcomer may be turned away while a full bucket stands elsewhere; the next
 * looks on from there. Since most come back soon, and would be added anew each time, a full bucket
 * is kept for some seconds as long as the table is not half full.
 *
 * <p>Buckets are told apart by 63 bits of a keyed hash alone (the lowest bit is set in all). A
 * lookup among n buckets meets another's by accident with a probability of n / 2^63: at a million,
 * once in 9 * 10^12 lookups.
 *
 * <p><b>State.</b> {@code size} is the number of keys in the arrays, counted before a key is
 * claimed and after it is forgotten: never below the truth, never above the bound.
 *
 * <p><b>Transitions, Linearization.</b> See {@link BucketArray}. An entry of the directory goes
 * from null to an empty array, and from a frozen array to its successor, when all live words are
 * there.
 *
 * <p><b>Progress.</b> Lock-free. Nothing copies or clears more at once than one array, of about
 * 4,096 slots.
 */
final class BucketTable {

  /** Slots that the hand passes in one call. */
  static final int SWEPT = 64;

  private static final int BUCKETS_PER_ARRAY = 2048;

  /** One addition of sixteen moves the hand, by the bits of its hash above the lowest. */
  private static final int SWEEPING_ADDITIONS = 0b11110;

  private static final VarHandle SLOTS = MethodHandles.arrayElementVarHandle(BucketArray[].class);

  private final int maxBuckets;
  private final LongSupplier clock;
  private final LongSupplier wallClock;
  private final @Nullable BucketArray[] directory;
  private final AtomicInteger size = new AtomicInteger();

  /** An index of the directory in the upper half, a slot in the lower. A lost update is benign. */
  private volatile long hand;

  /** The time of the hand's last move. */
  private volatile long lately = 1;

  /**
   * @param maxBuckets at least 1
   * @param clock nanoseconds, above 0, by which token buckets are full
   * @param wallClock nanoseconds since 1970, by which windows are over; see {@link LastingTime}
   */
  BucketTable(int maxBuckets, LongSupplier clock, LongSupplier wallClock) {
    this.maxBuckets = maxBuckets;
    this.clock = clock;
    this.wallClock = wallClock;
    this.directory = new @Nullable BucketArray[(maxBuckets - 1) / BUCKETS_PER_ARRAY + 1];
  }

  int size() {
    return size.get();
  }

  /** Returns the word of the bucket, {@link BucketArray#UNSET} or {@link BucketArray#ABSENT}. */
  long word(long hash) {
    int index = index(hash);
    while (true) {
      BucketArray slots = slots(index);
      long word = slots == null ? BucketArray.ABSENT : slots.word(hash);
      if (slots == null || word != BucketArray.LEFT) {
        return word;
      }
      replace(index, slots, hash, isHalfFull());
    }
  }

  /**
   * Brings the word of a bucket from one time to another.
   *
   * @param time for the transition, as are {@code tokens} and {@code limit}: so the one that every
   *     request makes captures nothing, and costs no object
   * @return the word that the bucket has now; the complement of the one that it has, where the
   *     transition says no; {@link BucketArray#UNSET} or {@link BucketArray#ABSENT} where there is
   *     none
   */
  long update(long hash, Transition transition, long time, long tokens, PartitionedLimit limit) {
    int index = index(hash);
    while (true) {
      BucketArray slots = slots(index);
      long word =
          slots == null ? BucketArray.ABSENT : slots.update(hash, transition, time, tokens, limit);
      if (slots == null || word != BucketArray.LEFT) {
        return word;
      }
      replace(index, slots, hash, isHalfFull());
    }
  }

  /**
   * Likewise, but may return {@link BucketArray#LEFT}: little code, for where it is part of more.
   */
  long tryUpdate(long hash, Transition transition, long time, long tokens, PartitionedLimit limit) {
    BucketArray slots = slots(index(hash));
    return slots == null ? BucketArray.ABSENT : slots.update(hash, transition, time, tokens, limit);
  }

  /** Returns whether the bucket is there now, with a word or {@link #begin} to follow. */
  boolean add(long hash) {
    return add(hash, maxBuckets);
  }

  /**
   * Likewise, but leaves room for others.
   *
   * @param most buckets at which a newcomer is turned away, at most the bound
   */
  boolean add(long hash, int most) {
    int index = index(hash);
    while (true) {
      BucketArray slots = slots(index);
      if (slots == null) {
        SLOTS.compareAndSet(directory, index, null, BucketArray.empty());
        continue;
      }
      long word = slots.word(hash);
      if (word >= 0) {
        return true;
      }
      if (word == BucketArray.LEFT || slots.isCrowded()) {
        replace(index, slots, hash, isHalfFull());
        continue;
      }
      if (!takeRoom(hash, most)) {
        return false;
      }
      if (slots.claim(hash)) {
        return true;
      }
      size.decrementAndGet();
    }
  }

  /** Gives the bucket its first word, unless it has one. */
  void begin(long hash, long first) {
    BucketArray slots = slots(index(hash));
    if (slots != null) {
      slots.begin(hash, first);
    }
  }

  /**
   * Returns a time before now, and after that of most additions: the clock's is not for nothing.
   */
  long lately() {
    return lately;
  }

  private boolean isHalfFull() {
    return size.get() > maxBuckets / 2;
  }

  private boolean takeRoom(long hash, int most) {
    if ((hash & SWEEPING_ADDITIONS) == 0) {
      sweep(false);
    }
    if (countOne(most)) {
      return true;
    }
    sweep(true);
    return countOne(most);
  }

  private boolean countOne(int most) {
    int seen = size.get();
    while (seen < most) {
      if (size.compareAndSet(seen, seen + 1)) {
        return true;
      }
      seen = size.get();
    }
    return false;
  }

  /**
   * Moves the hand, and replaces the arrays that it passes where most of the buckets are full.
   *
   * @param forAny replaces them where any bucket is full, if only of late
   */
  private void sweep(boolean forAny) {
    long now = clock.getAsLong();
    lately = now;
    long wallNow = wallClock.getAsLong();
    boolean any = forAny || isHalfFull();
    int index = (int) (hand >>> 32);
    int slot = (int) hand;
    int passed = 0;
    for (int i = 0; i < SWEPT && passed < SWEPT; i++) {
      BucketArray slots = slots(index);
      int end = slots == null ? slot : Math.min(slots.capacity(), slot + SWEPT - passed);
      if (slots != null) {
        int full = slots.full(slot, end, now, wallNow, any);
        boolean worthwhile = slots.canShrink() && 2 * full > slots.used(slot, end);
        if (full > 0 && (forAny || worthwhile)) {
          replace(index, slots, slot, any);
        }
        passed += Math.max(0, end - slot);
      }
      boolean isLast = slots == null || end == slots.capacity();
      index = isLast ? (index + 1) % directory.length : index;
      slot = isLast ? 0 : end;
    }
    hand = ((long) index << 32) | slot;
  }

  /**
   * Does all that is left to do until the array is left, unless it has been already.
   *
   * @param any whether full buckets are forgotten that became so of late, too
   */
  private void replace(int index, BucketArray slots, long hash, boolean any) {
    if (slots(index) == slots) {
      long now = clock.getAsLong();
      size.addAndGet(-slots.freeze(hash, now, wallClock.getAsLong(), any));
      SLOTS.compareAndSet(directory, index, slots, slots.successor(hash));
    }
  }

  private @Nullable BucketArray slots(int index) {
    return (BucketArray) SLOTS.getVolatile(directory, index);
  }

  private int index(long hash) {
    return (int) (((hash >>> 32) * directory.length) >>> 32);
  }
}
