package dev.penstock.bucket;

import dev.penstock.PartitionedLimit;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * One part of a {@link BucketTable}: an open-addressing array of longs, probed in turn.
 *
 * <p><b>State.</b> A slot is a key and a word, side by side. The key is {@link #EMPTY}, the hash of
 * a bucket, which is odd, or {@link #CLOSED}. The word is {@link #UNSET} until someone has given
 * the bucket its first value; then a time, above 0, see {@link BucketWord}; at last it is frozen,
 * which is negative: {@link #FORGOTTEN}, or the time and {@link #FROZEN}.
 *
 * <p><b>Transitions.</b> A key goes from empty to a hash or to closed, once. So a key that is found
 * stays where it is, there is no ABA, and a hash stands in one slot at most: it is put into the
 * first empty slot of its probe, which is the same for all. A word goes from unset to a time, from
 * time to time, and by {@link #freeze} from a live time to the frozen one, from a full or unset one
 * to forgotten. Frozen is for ever: when every slot is closed or frozen, the live times are copied
 * into {@link #next}, and the array is left. A token that is taken is either in the time that is
 * frozen, or the taking fails and looks the bucket up anew.
 *
 * <p><b>Linearization.</b> The compare-and-set of the word; of the key for an addition; for a
 * bucket that is not found, the reading of an empty slot, or where the array has been left since,
 * the reading of the directory.
 *
 * <p><b>Ordering.</b> All accesses of slots are volatile. {@code next} is published by a
 * compare-and-set after every word is frozen, so whoever copies copies the same; it is not used
 * before all is copied. Whoever copies late finds each key there already, since none ever leaves.
 *
 * <p><b>Progress.</b> Lock-free: whoever meets a frozen slot does all that is left to do, in a
 * number of steps bounded by the length, and a compare-and-set fails only because another
 * succeeded.
 *
 * <p><b>Overflow.</b> A word is below 2^63 and above 0, so the sign is free.
 */
final class BucketArray {

  static final long UNSET = 0;

  /** Instead of a word: the bucket is absent. */
  static final long ABSENT = Long.MIN_VALUE;

  /** Instead of a word: the bucket may be in the array that follows this one. */
  static final long LEFT = Long.MIN_VALUE + 1;

  private static final int NOWHERE = -1;
  private static final int ELSEWHERE = -2;

  private static final long EMPTY = 0;
  private static final long CLOSED = 2;
  private static final long FROZEN = Long.MIN_VALUE;
  private static final long FORGOTTEN = FROZEN | UNSET;
  private static final int MIN_CAPACITY = 8;

  /** For how long a full bucket is kept, as it is likely to be asked for again. */
  static final long KEPT_NANOS = Duration.ofSeconds(10).toNanos();

  private static final VarHandle LONGS = MethodHandles.arrayElementVarHandle(long[].class);

  private final long[] longs;
  private final int capacity;
  private final AtomicInteger claimed;
  private final AtomicReference<@Nullable BucketArray> next = new AtomicReference<>();

  private BucketArray(int live) {
    this.capacity = Math.max(MIN_CAPACITY, 2 * live);
    this.longs = new long[2 * capacity];
    this.claimed = new AtomicInteger(live);
  }

  static BucketArray empty() {
    return new BucketArray(0);
  }

  int capacity() {
    return capacity;
  }

  /** Returns whether a newcomer would have to probe too long: at three quarters. */
  boolean isCrowded() {
    return claimed.get() >= capacity - capacity / 4;
  }

  /** Returns whether an array of fewer buckets would be smaller. */
  boolean canShrink() {
    return capacity > MIN_CAPACITY;
  }

  /** Returns the word of the bucket, {@link #UNSET}, {@link #ABSENT} or {@link #LEFT}. */
  long word(long hash) {
    int slot = find(hash);
    if (slot < 0) {
      return instead(slot);
    }
    long word = word(slot);
    return word < 0 ? LEFT : word;
  }

  /**
   * Brings the word of a bucket from one time to another.
   *
   * @return the word that the bucket has now; the complement of the one that it has, where the
   *     transition says no; {@link #UNSET}, {@link #ABSENT} or {@link #LEFT} where there is none
   */
  long update(long hash, Transition transition, long time, long tokens, PartitionedLimit limit) {
    // The compiler would read and check the field anew after each volatile access.
    long[] longs = this.longs;
    int slot = home(hash);
    if (key(longs, slot) != hash) {
      slot = find(hash);
      if (slot < 0) {
        return instead(slot);
      }
    }
    long word = word(longs, slot);
    while (word > 0) {
      long next = transition.next(word, time, tokens, limit);
      if (next <= 0) {
        return ~word;
      }
      long seen = exchangeWord(longs, slot, word, next);
      if (seen == word) {
        return next;
      }
      word = seen;
    }
    return word == UNSET ? UNSET : LEFT;
  }

  /** Gives the bucket its first word, unless it has one or is not here. */
  void begin(long hash, long first) {
    int slot = find(hash);
    if (slot >= 0) {
      replaceWord(slot, UNSET, first);
    }
  }

  /** Returns whether the key is new, by this call. */
  boolean claim(long hash) {
    int slot = home(hash);
    for (int i = 0; i < capacity; i++) {
      if (key(slot) == EMPTY && replaceKey(slot, hash)) {
        claimed.incrementAndGet();
        return true;
      }
      long key = key(slot);
      if (key == hash || key == CLOSED) {
        return false;
      }
      slot = after(slot);
    }
    return false;
  }

  /**
   * Returns how many of these slots hold a bucket that can be forgotten.
   *
   * @param any whether one that has become full of late can be, too
   */
  int full(int from, int to, long now, long wallNow, boolean any) {
    int full = 0;
    for (int slot = from; slot < to; slot++) {
      long word = word(slot);
      full += word > UNSET && !isLive(word, now, wallNow, any) ? 1 : 0;
    }
    return full;
  }

  private static boolean isLive(long word, long now, long wallNow, boolean any) {
    long kept = any ? 0 : KEPT_NANOS;
    return word != UNSET && !BucketWord.isFull(word, now - kept, wallNow - kept);
  }

  /** Returns how many of these slots hold a bucket. */
  int used(int from, int to) {
    int used = 0;
    for (int slot = from; slot < to; slot++) {
      used += key(slot) == EMPTY ? 0 : 1;
    }
    return used;
  }

  /**
   * Ends every change of this array.
   *
   * @param hash where to begin, so that those who help begin at different slots
   * @param any whether full buckets are forgotten that became so of late, too
   * @return how many buckets are forgotten by this call
   */
  int freeze(long hash, long now, long wallNow, boolean any) {
    int forgotten = 0;
    int slot = home(hash);
    for (int i = 0; i < capacity; i++) {
      boolean closed = key(slot) == EMPTY && replaceKey(slot, CLOSED);
      if (!closed && key(slot) != CLOSED && freezeWord(slot, now, wallNow, any)) {
        forgotten++;
      }
      slot = after(slot);
    }
    return forgotten;
  }

  private boolean freezeWord(int slot, long now, long wallNow, boolean any) {
    while (true) {
      long word = word(slot);
      if (word < 0) {
        return false;
      }
      boolean live = isLive(word, now, wallNow, any);
      if (replaceWord(slot, word, live ? word | FROZEN : FORGOTTEN)) {
        return !live;
      }
    }
  }

  /** Returns the array that follows this frozen one, with all that is live here. */
  BucketArray successor(long hash) {
    BucketArray successor = emptySuccessor();
    int slot = home(hash);
    for (int i = 0; i < capacity; i++) {
      if (isLive(slot)) {
        successor.put(key(slot), word(slot) & ~FROZEN);
      }
      slot = after(slot);
    }
    return successor;
  }

  private BucketArray emptySuccessor() {
    BucketArray seen = next.get();
    if (seen != null) {
      return seen;
    }
    BucketArray made = new BucketArray(live());
    BucketArray earlier = next.compareAndExchange(null, made);
    return earlier == null ? made : earlier;
  }

  private int live() {
    int live = 0;
    for (int slot = 0; slot < capacity; slot++) {
      live += isLive(slot) ? 1 : 0;
    }
    return live;
  }

  private boolean isLive(int slot) {
    long word = word(slot);
    return word < 0 && word != FORGOTTEN;
  }

  private void put(long hash, long word) {
    int slot = home(hash);
    while (key(slot) != hash && !(key(slot) == EMPTY && replaceKey(slot, hash))) {
      if (key(slot) != hash) {
        slot = after(slot);
      }
    }
    replaceWord(slot, UNSET, word);
  }

  /** Returns the slot of the key, {@link #NOWHERE} or {@link #ELSEWHERE}. */
  private int find(long hash) {
    int home = home(hash);
    int slot = home;
    do {
      long key = key(slot);
      if (key == hash) {
        return slot;
      }
      if (key == EMPTY) {
        return NOWHERE;
      }
      if (key == CLOSED) {
        return ELSEWHERE;
      }
      slot = after(slot);
    } while (slot != home);
    return NOWHERE;
  }

  private static long instead(int slot) {
    return slot == NOWHERE ? ABSENT : LEFT;
  }

  private long word(int slot) {
    return word(longs, slot);
  }

  private static long word(long[] longs, int slot) {
    return (long) LONGS.getVolatile(longs, 2 * slot + 1);
  }

  private boolean replaceWord(int slot, long seen, long next) {
    return LONGS.compareAndSet(longs, 2 * slot + 1, seen, next);
  }

  /** Likewise, but returns the word that was there. */
  private static long exchangeWord(long[] longs, int slot, long seen, long next) {
    return (long) LONGS.compareAndExchange(longs, 2 * slot + 1, seen, next);
  }

  private int home(long hash) {
    return (int) (((hash & 0xFFFF_FFFFL) * capacity) >>> 32);
  }

  private int after(int slot) {
    return slot + 1 == capacity ? 0 : slot + 1;
  }

  private long key(int slot) {
    return key(longs, slot);
  }

  private static long key(long[] longs, int slot) {
    return (long) LONGS.getVolatile(longs, 2 * slot);
  }

  private boolean replaceKey(int slot, long key) {
    return LONGS.compareAndSet(longs, 2 * slot, EMPTY, key);
  }
}
