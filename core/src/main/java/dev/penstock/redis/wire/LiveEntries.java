package dev.penstock.redis.wire;

import java.util.Iterator;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongToIntFunction;
import java.util.function.ToLongFunction;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A bounded map of entries that are worth keeping until some time. Those of the past go when room
 * is needed, a few at a time; newcomers find no room while as many as they may join are worth
 * keeping. Thread-safe.
 */
public final class LiveEntries<V> {

  private static final int SWEPT_AT_BOUND = 64;

  private final LongToIntFunction most;
  private final ToLongFunction<V> until;
  private final Map<Long, V> entries = new ConcurrentHashMap<>();
  private final AtomicReference<@Nullable Iterator<V>> hand = new AtomicReference<>();

  /**
   * @param most how many entries there may be for one more of this key
   * @param until the nanosecond until which an entry is worth keeping
   */
  public LiveEntries(LongToIntFunction most, ToLongFunction<V> until) {
    this.most = most;
    this.until = until;
  }

  public @Nullable V find(long key) {
    return entries.get(key);
  }

  /**
   * Replaces an entry, or its absence, by what the function makes of it; one caller at a time.
   *
   * @return whether there was room: the function is not called otherwise
   */
  public boolean compute(long key, long now, UnaryOperator<@Nullable V> next) {
    if (entries.size() >= most.applyAsInt(key) && !entries.containsKey(key)) {
      sweep(now);
      if (entries.size() >= most.applyAsInt(key)) {
        return false;
      }
    }
    entries.compute(key, (same, old) -> next.apply(old));
    return true;
  }

  /** Replaces an entry by another; returns whether it was this one. */
  boolean replace(long key, V old, V next) {
    return entries.replace(key, old, next);
  }

  public void remove(long key) {
    entries.remove(key);
  }

  int size() {
    return entries.size();
  }

  /** One thread at a time takes the hand some entries further; the others go without. */
  private void sweep(long now) {
    Iterator<V> taken = hand.getAndSet(null);
    Iterator<V> next = taken == null || !taken.hasNext() ? entries.values().iterator() : taken;
    for (int i = 0; i < SWEPT_AT_BOUND && next.hasNext(); i++) {
      if (until.applyAsLong(next.next()) <= now) {
        next.remove();
      }
    }
    hand.set(next);
  }
}
