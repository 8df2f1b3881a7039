package dev.penstock.base;

import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The times to fill that the limits of one name are made with in this process, numbered from 0 to
 * 7, so that three bits of a bucket's word tell under which it was written.
 *
 * <p>Limits that fill in the same time are one: a bucket that is half full under one is half full
 * under the other. A number stands for its time for as long as somebody holds it, who may write
 * words under it, and then until each of those words is full, which reads the same under any time.
 * Only after that it may stand for another. Who comes with a ninth time before goes by the number
 * of the nearest one, and pays for that (see {@link #hold}); the others do not notice.
 *
 * <p><b>State.</b> Of each number a {@link Fill}, immutable: its time, who holds it, weakly, how
 * long the words under it live at most, and since when it is known that nobody holds it.
 *
 * <p><b>Transitions.</b> Absent, or forgotten, to a new time with a holder; held to no longer held,
 * by whoever finds the reference cleared; no longer held to held again, at the same time only. Each
 * is one compare-and-set of the whole.
 *
 * <p><b>Ordering.</b> A reference that is cleared stays so: whoever finds it cleared knows that
 * nobody can write under the number, unless by a compare-and-set that makes a new holder, and then
 * his own fails. A word under a new time is written after the compare-and-set that made it, so who
 * reads that word sees the time. Who read an old word, and was stopped until its number stands for
 * another time, takes a full bucket for one that is not: too much is charged, and never too little.
 *
 * <p><b>Progress.</b> Lock-free. Times are those of the system's monotonic clock, and a number is
 * kept for ten minutes at least: a limiter whose own clock stands still keeps words alive for
 * longer than they live by the other.
 */
final class FillNumbers {

  /** How many numbers there are. */
  static final int COUNT = 8;

  static final long LEAST_NANOS = Duration.ofMinutes(10).toNanos();

  /** Who holds it may write words under its number. */
  static final class Holder {

    final int number;

    private Holder(int number) {
      this.number = number;
    }
  }

  private static final class Fill extends WeakReference<Holder> {

    final long nanos;
    final long lifeNanos;
    final boolean isLeft;
    final long leftAt;

    private Fill(@Nullable Holder holder, long nanos, long lifeNanos, boolean isLeft, long leftAt) {
      super(holder);
      this.nanos = nanos;
      this.lifeNanos = lifeNanos;
      this.isLeft = isLeft;
      this.leftAt = leftAt;
    }

    static Fill held(Holder holder, long nanos, long lifeNanos) {
      return new Fill(holder, nanos, lifeNanos, false, 0);
    }

    Fill left(long now) {
      return new Fill(null, nanos, lifeNanos, true, now);
    }

    boolean isForgotten(long now) {
      return isLeft && now - leftAt > Math.max(lifeNanos, LEAST_NANOS);
    }
  }

  private final AtomicReferenceArray<@Nullable Fill> fills = new AtomicReferenceArray<>(COUNT);
  private final LongSupplier nanoClock;

  FillNumbers(LongSupplier nanoClock) {
    this.nanoClock = nanoClock;
  }

  /**
   * Returns a hold on the number of a time to fill; where all are taken, on that of the nearest one
   * by ratio. A word is written under the number's own time then: under a shorter one it counts as
   * further from full than it is, and from a longer one it takes longer to be full.
   *
   * @param limit whose time to fill it is
   */
  Holder hold(RefillNanos limit) {
    Holder held = null;
    while (held == null) {
      long now = nanoClock.getAsLong();
      @Nullable Fill[] seen = new Fill[COUNT];
      for (int number = 0; number < COUNT; number++) {
        seen[number] = look(number, now);
      }
      int number = choose(seen, limit.nanosToFill, now);
      held = tryHold(number, seen[number], limit, now);
    }
    return held;
  }

  /** Returns what a number stands for, and notes when nobody holds it any more. */
  private @Nullable Fill look(int number, long now) {
    Fill seen = fills.get(number);
    if (seen == null || seen.isLeft || seen.get() != null) {
      return seen;
    }
    Fill left = seen.left(now);
    return fills.compareAndSet(number, seen, left) ? left : seen;
  }

  /** Returns the number that stands for this time, or may come to, or else is nearest. */
  private static int choose(@Nullable Fill[] seen, long nanos, long now) {
    int free = -1;
    int nearest = 0;
    double least = Double.POSITIVE_INFINITY;
    for (int number = 0; number < COUNT; number++) {
      Fill fill = seen[number];
      if (fill != null && fill.nanos == nanos) {
        return number;
      }
      if (fill == null || fill.isForgotten(now)) {
        free = free < 0 ? number : free;
      } else if (ratio(nanos, fill.nanos) < least) {
        least = ratio(nanos, fill.nanos);
        nearest = number;
      }
    }
    return free < 0 ? nearest : free;
  }

  private static double ratio(long one, long other) {
    double ratio = (double) one / other;
    return Math.max(ratio, 1 / ratio);
  }

  /** Returns null where another thread was faster. */
  private @Nullable Holder tryHold(int number, @Nullable Fill seen, RefillNanos limit, long now) {
    boolean isFree = seen == null || seen.isForgotten(now);
    Fill kept = isFree ? null : seen;
    long nanos = kept == null ? limit.nanosToFill : kept.nanos;
    long life = lifeNanos(limit, nanos);
    Holder present = kept == null ? null : kept.get();
    if (kept != null && present != null && kept.lifeNanos >= life) {
      return present;
    }
    Holder holder = present == null ? new Holder(number) : present;
    long longest = kept == null ? life : Math.max(life, kept.lifeNanos);
    return fills.compareAndSet(number, seen, Fill.held(holder, nanos, longest)) ? holder : null;
  }

  /**
   * Returns how long a word of this limit is from being full at most, in nanoseconds, where it is
   * written under a number of this time: the farthest that is carried over from another.
   */
  static long lifeNanos(RefillNanos limit, long nanos) {
    long farthest = 2 * limit.nanosToFill + limit.nanosOfOverdraft;
    double ratio = (double) nanos / limit.nanosToFill;
    return ratio <= 1 ? farthest : (long) Math.ceil(farthest * ratio * 1.000_001);
  }

  /**
   * Keeps a number for longer: a word under it is farther from full than its limit says, as where
   * somebody waits for the bucket. To the next power of two, so that few of many do so.
   *
   * @param nanos until the word is full
   */
  void keep(int number, long nanos) {
    long life = nanos >= 1L << 61 ? Long.MAX_VALUE : Long.highestOneBit(nanos) << 1;
    Fill seen = fills.get(number);
    while (seen != null && seen.lifeNanos < life) {
      Holder holder = seen.get();
      Fill kept = new Fill(holder, seen.nanos, life, seen.isLeft, seen.leftAt);
      if (fills.compareAndSet(number, seen, kept)) {
        return;
      }
      seen = fills.get(number);
    }
  }

  /** Returns the time for which a number stands, in nanoseconds; 0 for one that is not taken. */
  long fill(int number) {
    Fill fill = fills.get(number);
    return fill == null ? 0 : fill.nanos;
  }
}
