package dev.penstock.bucket;

import dev.penstock.PartitionedLimit;
import dev.penstock.base.Inside;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongUnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Who waits for token buckets, in the order of arrival.
 *
 * <p>Whoever waits has taken already: the bucket's word is as far beyond empty as the last of them
 * waits, and that alone keeps others away. The line is for those who leave it before their time:
 * what they took goes back, and whoever came after them comes that much sooner, as if the one who
 * left had never been there. With the word alone, what goes back would let newcomers pass them, or
 * pass together with them, more than a bucket holds.
 *
 * <p><b>State.</b> Of each bucket its {@link Place}s whose time is not over, none where nobody
 * waits. Invariant: the last one's time is when the word is full, less the time to fill, but for
 * what settlements have charged behind it.
 *
 * <p><b>Transitions.</b> To take ahead and to join is one step, under the lock of the bucket's
 * stripe; so are leaving, putting back and moving up. Whoever takes without waiting takes no lock:
 * while anybody waits, no word allows it.
 *
 * <p><b>Progress.</b> Locks are held for as long as it takes to pass a line, and nobody blocks in
 * between.
 */
final class WaitLines {

  private static final int STRIPES = 64;

  /** Where somebody waits in the line of one bucket; guarded by the lock of its stripe. */
  static final class Place {

    private final PartitionedLimit limit;
    private final Key bucket;
    private final long owner;
    private final long nanos;
    private final Runnable wake;
    private int cuts;

    /** What settlements have charged after they came, as time of refill, and not put back since. */
    private long behind;

    private volatile long due;

    private Place(
        PartitionedLimit limit,
        Key bucket,
        long owner,
        long nanos,
        Runnable wake,
        int cuts,
        long due) {
      this.limit = limit;
      this.bucket = bucket;
      this.owner = owner;
      this.nanos = nanos;
      this.wake = wake;
      this.cuts = cuts;
      this.due = due;
    }

    /** Returns the time from which on the bucket holds what they have taken. */
    long due() {
      return due;
    }

    private void moveTo(long time) {
      due = time;
      wake.run();
    }

    /**
     * Moves up by what went back into the bucket, but for what had been charged behind it: by too
     * little where something else goes back first, and then by the rest later.
     */
    private void putBack(long nanos, PartitionedLimit other) {
      long back = atMost(nanos, other);
      long inFront = Math.max(0, back - behind);
      behind -= back - inFront;
      if (inFront > 0) {
        moveTo(due - inFront);
      }
    }

    private boolean fillsAs(PartitionedLimit other) {
      return Inside.nanosToFill(limit.limit()) == Inside.nanosToFill(other.limit());
    }

    /** Returns a time of refill under another limit as one of this; rounded up then. */
    private long ofThis(long nanos, PartitionedLimit other) {
      long otherFill = Inside.nanosToFill(other.limit());
      return fillsAs(other)
          ? nanos
          : Gcra.scaled(nanos, otherFill, Inside.nanosToFill(limit.limit()));
    }

    /** Likewise, rounded down. */
    private long atMost(long nanos, PartitionedLimit other) {
      return fillsAs(other) ? nanos : Math.max(0, ofThis(nanos, other) - 1);
    }
  }

  private record Key(BucketTable table, long hash) {}

  private static final class Stripe {
    final ReentrantLock lock = new ReentrantLock();
    final Map<Key, Deque<Place>> lines = new HashMap<>();
  }

  private final BucketStore store;
  private final Stripe[] stripes =
      Stream.generate(Stripe::new).limit(STRIPES).toArray(Stripe[]::new);

  WaitLines(BucketStore store) {
    this.store = store;
  }

  private Stripe stripe(long hash) {
    return stripes[(int) (hash >>> 1) & (STRIPES - 1)];
  }

  /** What has become of a bucket, and of whoever takes from it. */
  record Taken(long word, @Nullable Place place) {}

  /**
   * Takes from a bucket for someone who waits.
   *
   * @param owner the hash of their own bucket, where there is no room for it
   * @return the word as {@link BucketTable#update} returns it, and where they wait, if they do
   */
  Taken take(
      BucketTable table,
      long hash,
      long owner,
      long now,
      long amount,
      PartitionedLimit limit,
      Patience patience) {
    Stripe stripe = stripe(hash);
    stripe.lock.lock();
    try {
      int cuts = store.cuts(hash);
      long[] seen = new long[1];
      long word =
          table.update(
              hash,
              (old, time, tokens, of) -> {
                seen[0] = store.asTokens(table, hash, old, of);
                long at = seen[0] == old ? time : Math.max(time, store.now());
                return BucketWord.takeAhead(seen[0], at, tokens, patience.nanos(now), of);
              },
              now,
              amount,
              limit);
      boolean isDenied = word < 0 && word > BucketArray.LEFT;
      if (word <= 0) {
        return new Taken(isDenied ? ~seen[0] : word, null);
      }
      long fill = Inside.nanosToFill(limit.limit());
      long due = now + BucketWord.level(word, now, limit) - fill;
      if (due <= now) {
        return new Taken(word, null);
      }
      Key bucket = new Key(table, hash);
      long nanos = amount * Inside.nanosPerToken(limit.limit());
      Place place = new Place(limit, bucket, owner, nanos, patience.wake(), cuts, due);
      stripe.lines.computeIfAbsent(bucket, any -> new ArrayDeque<>()).add(place);
      return new Taken(word, place);
    } finally {
      stripe.lock.unlock();
    }
  }

  /**
   * Leaves the line, and puts back what was taken: nothing if the bucket was cut since. Whoever
   * came after moves up.
   *
   * @return whether the time was not over; if it was, nothing is put back
   */
  boolean leave(Place place) {
    Key bucket = place.bucket;
    Stripe stripe = stripe(bucket.hash);
    stripe.lock.lock();
    try {
      @Nullable Deque<Place> line = stripe.lines.get(bucket);
      if (line == null || place.due <= store.now() || !line.contains(place)) {
        forgetPast(stripe, bucket, line);
        return false;
      }
      if (store.cuts(bucket.hash) == place.cuts) {
        putBack(place);
        boolean isBehind = false;
        for (Place other : line) {
          if (isBehind) {
            other.moveTo(other.due - other.atMost(place.nanos, place.limit));
          }
          isBehind |= other == place;
        }
      }
      line.remove(place);
      forgetPast(stripe, bucket, line);
      return true;
    } finally {
      stripe.lock.unlock();
    }
  }

  /**
   * Puts back into a bucket what somebody has taken who does not wait, or does not any more; those
   * who wait for it move up by as much. Without a lock where nobody can be waiting, as the bucket
   * is not beyond empty.
   *
   * @param putBack returns the word with what goes back, or the same; called again where another
   *     was faster
   */
  void putBack(BucketTable table, long hash, PartitionedLimit limit, LongUnaryOperator putBack) {
    long empty = Inside.nanosToFill(limit.limit());
    long word =
        table.update(
            hash,
            (seen, time, tokens, of) -> {
              long before = store.asTokens(table, hash, seen, of);
              boolean mayBeAwaited = BucketWord.level(before, store.now(), of) > empty;
              long after = mayBeAwaited ? BucketWord.DENIED : putBack.applyAsLong(before);
              return after == before ? seen : after;
            },
            0,
            0,
            limit);
    if (word < 0 && word > BucketArray.LEFT) {
      putBackInFrontOfLine(new Key(table, hash), limit, putBack);
    }
  }

  private void putBackInFrontOfLine(Key bucket, PartitionedLimit limit, LongUnaryOperator putBack) {
    Stripe stripe = stripe(bucket.hash);
    stripe.lock.lock();
    try {
      long[] back = new long[1];
      bucket.table.update(
          bucket.hash,
          (seen, time, tokens, of) -> {
            long before = store.asTokens(bucket.table, bucket.hash, seen, of);
            long after = putBack.applyAsLong(before);
            long now = store.now();
            back[0] = BucketWord.level(before, now, of) - BucketWord.level(after, now, of);
            return after == before ? seen : after;
          },
          0,
          0,
          limit);
      @Nullable Deque<Place> line = stripe.lines.get(bucket);
      forgetPast(stripe, bucket, line);
      if (line != null && back[0] > 0) {
        line.forEach(place -> place.putBack(back[0], limit));
      }
    } finally {
      stripe.lock.unlock();
    }
  }

  /**
   * Says that a settlement has charged a bucket: nobody who waits for it by now moves up when that
   * goes back. Without a lock where nobody can be waiting.
   *
   * @param word what the bucket has become
   * @param nanos what was charged, as time of refill
   */
  void charged(BucketTable table, long hash, long word, long nanos, PartitionedLimit limit) {
    if (BucketWord.level(word, store.now(), limit) <= Inside.nanosToFill(limit.limit())) {
      return;
    }
    Stripe stripe = stripe(hash);
    stripe.lock.lock();
    try {
      for (Place place : stripe.lines.getOrDefault(new Key(table, hash), new ArrayDeque<>())) {
        place.behind += place.ofThis(nanos, limit);
      }
    } finally {
      stripe.lock.unlock();
    }
  }

  /**
   * Says that a bucket was cut behind those who wait: what they have taken shows all the same.
   *
   * @param cuts as they were counted before
   */
  void keep(BucketTable table, long hash, int cuts) {
    Stripe stripe = stripe(hash);
    stripe.lock.lock();
    try {
      for (Place place : stripe.lines.getOrDefault(new Key(table, hash), new ArrayDeque<>())) {
        place.cuts += place.cuts == cuts ? 1 : 0;
      }
    } finally {
      stripe.lock.unlock();
    }
  }

  private void putBack(Place place) {
    place.bucket.table.update(
        place.bucket.hash,
        (seen, time, tokens, limit) -> {
          long word = store.asTokens(place.bucket.table, place.bucket.hash, seen, limit);
          long now = store.now();
          long level = BucketWord.level(word, now, limit) - place.nanos;
          return BucketWord.of(Math.max(0, level), now, limit);
        },
        0,
        0,
        place.limit);
  }

  /** Forgets a place whose time is over, and others. */
  void pass(Place place) {
    Stripe stripe = stripe(place.bucket.hash);
    stripe.lock.lock();
    try {
      forgetPast(stripe, place.bucket, stripe.lines.get(place.bucket));
    } finally {
      stripe.lock.unlock();
    }
  }

  private void forgetPast(Stripe stripe, Key bucket, @Nullable Deque<Place> line) {
    if (line != null) {
      long now = store.now();
      while (!line.isEmpty() && line.getFirst().due <= now) {
        line.removeFirst();
      }
      if (line.isEmpty()) {
        stripe.lines.remove(bucket);
      }
    }
  }

  /**
   * Fills a bucket of its own, as of now; those who wait take from it anew, in their order.
   *
   * @param limit under which it is filled
   */
  void fill(long hash, PartitionedLimit limit) {
    Key bucket = new Key(store.own, hash);
    Stripe stripe = stripe(hash);
    stripe.lock.lock();
    try {
      store.cut(hash);
      forgetPast(stripe, bucket, stripe.lines.get(bucket));
      Iterable<Place> line = stripe.lines.getOrDefault(bucket, new ArrayDeque<>());
      long all = 0;
      for (Place place : line) {
        all += place.nanos;
      }
      long taken = all;
      store.own.update(
          hash, (seen, time, tokens, of) -> BucketWord.of(taken, store.now(), of), 0, 0, limit);
      store.cut(hash);
      moveUp(line, hash, limit);
    } finally {
      stripe.lock.unlock();
    }
  }

  private void moveUp(Iterable<Place> line, long hash, PartitionedLimit limit) {
    long now = store.now();
    long level = 0;
    for (Place place : line) {
      level += place.nanos;
      place.cuts = store.cuts(hash);
      place.behind = 0;
      long due = now + Math.max(0, level - Inside.nanosToFill(limit.limit()));
      place.moveTo(Math.min(due, place.due));
    }
  }

  /** Returns how long the last one still waits, in nanoseconds; 0 where nobody does. */
  long longest(BucketTable table, long hash) {
    Stripe stripe = stripe(hash);
    stripe.lock.lock();
    try {
      @Nullable Deque<Place> line = stripe.lines.get(new Key(table, hash));
      return line == null ? 0 : Math.max(0, line.getLast().due - store.now());
    } finally {
      stripe.lock.unlock();
    }
  }

  /** Likewise, of those whose own bucket is called so. */
  long longestOf(long owner, BucketTable table, long hash) {
    Stripe stripe = stripe(hash);
    stripe.lock.lock();
    try {
      long due = 0;
      for (Place place : stripe.lines.getOrDefault(new Key(table, hash), new ArrayDeque<>())) {
        due = place.owner == owner ? Math.max(due, place.due) : due;
      }
      return Math.max(0, due - store.now());
    } finally {
      stripe.lock.unlock();
    }
  }
}
