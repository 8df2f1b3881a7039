package dev.penstock.memory;

import dev.penstock.Limit;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.function.LongSupplier;
import java.util.function.LongUnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * One token bucket: a word, and the link to the next bucket of its bin.
 *
 * <p><b>State.</b> {@code word} is {@link #UNSET} from the bucket's publication until someone has
 * given it its first value; then the theoretical arrival time of {@link Gcra}, from 0; at last
 * {@link #DEAD}.
 *
 * <p><b>Transitions.</b> UNSET to a time, by whoever meets it first ({@link #start}). Time to time,
 * by {@link #take}, {@link #giveBack}, {@link #refund}, {@link #follow}, {@link #clamp} and {@link
 * #fill}. Time to DEAD, only from a full bucket ({@link #retire}); DEAD is for ever, so a token
 * that is taken cannot be forgotten: whoever takes from a bucket that was just retired fails and
 * looks it up anew.
 *
 * <p><b>Linearization.</b> The compare-and-set of the word.
 *
 * <p><b>Ordering.</b> {@code name}, {@code key} and {@code hash} are final. {@code next} is
 * volatile and only ever moves past dead buckets, so every live one stays reachable.
 *
 * <p>{@code cuts} is counted up before the word is cut and read after the word: whoever sees a cut
 * word sees that it was cut since, and gives nothing back of what went with the cut.
 *
 * <p><b>Progress.</b> Lock-free: a compare-and-set fails only because another succeeded.
 *
 * <p><b>Overflow.</b> See {@link Gcra}: no sum of a time and a limit exceeds 2^63.
 */
final class Bucket {

  static final long FULL = 0;
  static final long UNSET = -3;
  static final long DEAD = -2;

  private static final VarHandle WORD;
  private static final VarHandle CUTS;

  static {
    try {
      WORD = MethodHandles.lookup().findVarHandle(Bucket.class, "word", long.class);
      CUTS = MethodHandles.lookup().findVarHandle(Bucket.class, "cuts", int.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  final String name;
  final String key;
  final long hash;
  volatile @Nullable Bucket next;

  @SuppressWarnings("FieldMayBeFinal") // written through WORD
  private volatile long word = UNSET;

  /** How often the word was brought to an end of its range, whatever had been taken before. */
  @SuppressWarnings("FieldMayBeFinal") // written through CUTS
  private volatile int cuts;

  Bucket(String name, String key, long hash, @Nullable Bucket next) {
    this.name = name;
    this.key = key;
    this.hash = hash;
    this.next = next;
  }

  boolean is(String otherName, String otherKey, long otherHash) {
    return hash == otherHash && key.equals(otherKey) && name.equals(otherName);
  }

  long word() {
    return word;
  }

  /** To be read before {@link #take}, for {@link #giveBack}. */
  int cuts() {
    return cuts;
  }

  boolean isDead() {
    return word == DEAD;
  }

  void start(long first) {
    WORD.compareAndSet(this, UNSET, first);
  }

  /** Returns the word after the cost is taken, {@link Gcra#DENIED}, or {@link #DEAD}. */
  long take(long now, long cost, Limit limit) {
    return update(seen -> Gcra.take(seen, now, cost, limit));
  }

  /**
   * Gives back what was taken. The time is read after the word, here and in {@link #refund}: by a
   * time from before, tokens that a later request took from a full bucket would count as refilled.
   */
  void giveBack(int cutsBefore, long takenAt, LongSupplier clock, long cost, Limit limit) {
    update(
        seen ->
            cuts == cutsBefore
                ? Gcra.giveBack(seen, takenAt, clock.getAsLong(), cost, limit)
                : seen);
  }

  void refund(LongSupplier clock, long tokens, Limit limit) {
    update(
        seen -> {
          long now = clock.getAsLong();
          long next = Gcra.refund(seen, now, tokens, limit);
          if (next == now || Gcra.exceeds(seen, now, limit)) {
            cut();
          }
          return next;
        });
  }

  /**
   * Moves the word by {@code to - from}, as if it had stood at {@code from} at least. Both are
   * nanoseconds from now. Returns {@link #DEAD} for a dead bucket.
   */
  long follow(LongSupplier clock, long from, long to) {
    return update(
        seen -> {
          long now = clock.getAsLong();
          if (seen >= now + from) {
            return seen + (to - from);
          }
          if (seen <= now && to <= 0) {
            return seen;
          }
          cut();
          return now + Math.max(0, to);
        });
  }

  /**
   * Fills the bucket as of now: with a word of before, a request that goes by an earlier time would
   * be charged as if refill had made good for it already.
   */
  void fill(LongSupplier clock) {
    cut();
    update(seen -> clock.getAsLong());
    cut();
  }

  /** Brings a word that another, larger limit has left behind within this limit. */
  void clamp(long seen, long now, Limit limit) {
    cut();
    WORD.compareAndSet(this, seen, Gcra.fullAt(seen, now, limit));
  }

  /** Returns whether the bucket was full and is dead now, by this call. */
  boolean retire(long now) {
    long seen = word;
    return seen >= 0 && Gcra.isFull(seen, now) && WORD.compareAndSet(this, seen, DEAD);
  }

  private void cut() {
    CUTS.getAndAdd(this, 1);
  }

  /** A transition that answers with the word it saw, or with a negative, writes nothing. */
  private long update(LongUnaryOperator transition) {
    while (true) {
      long seen = word;
      if (seen == DEAD) {
        return DEAD;
      }
      long next = transition.applyAsLong(seen);
      if (next < 0 || next == seen || WORD.compareAndSet(this, seen, next)) {
        return next;
      }
    }
  }
}
