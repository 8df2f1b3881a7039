package dev.penstock.bucket;

import dev.penstock.base.Windows;
import java.time.Duration;
import java.time.temporal.ChronoUnit;

/**
 * What is kept of a window, one number that says all by itself: from the highest bits on three that
 * tell it from the word of a token bucket; three for the kind, which is the unit of the calendar,
 * or whether the windows slide, by whole minutes or by seconds; until when it counts, in minutes or
 * seconds since 1970, as far as eight years can be told apart; some bits of the zone or the length;
 * and how much of the capacity is taken, a fraction of {@code scale}.
 *
 * <p>A window that slides counts until the one after it is over. A fraction of any capacity up to
 * the scale is told exactly. Under another limit the fraction is the same, rounded up.
 *
 * <p>Pure functions. Times are nanoseconds since 1970, by the wall clock.
 */
final class WindowWord {

  private static final int TAG_SHIFT = 60;
  private static final long TAG = 7;
  private static final int KIND_SHIFT = 57;

  /** Sliding windows; what is below has a unit of the calendar. */
  private static final int SLIDING_MINUTES = 6;

  private static final int SLIDING_SECONDS = 7;

  /** What stands for the whole capacity; twice as much can be told, and most parts exactly. */
  private static final long SCALE = 2_016_000_000; // 2^11 * 3^2 * 5^6 * 7

  private static final long SCALE_OF_MINUTES = 252_000_000; // 2^8 * 3^2 * 5^6 * 7
  private static final long SCALE_OF_SECONDS = 7_560_000; // 2^6 * 3^3 * 5^4 * 7

  /** The mantissa of a float, of which two bits tell lengths apart. */
  private static final int MANTISSA_BITS = 23;

  /** So many bits of its exponent do: no length is 65,536 times another. */
  private static final int MAGNITUDE_BITS = 4;

  private static final long MINUTE = Duration.ofMinutes(1).toNanos();
  private static final long SECOND = Duration.ofSeconds(1).toNanos();

  private WindowWord() {}

  /** Returns whether it is the word of a window, and not that of a token bucket or of slots. */
  static boolean isWindow(long word) {
    return word >>> TAG_SHIFT == TAG;
  }

  /** Returns whether it is the word of a window that slides. */
  static boolean slides(long word) {
    return isWindow(word) && kind(word) >= SLIDING_MINUTES;
  }

  /**
   * Returns the word of a window.
   *
   * @param until when it does not count any more; rounded up to what can be told
   * @param taken tokens of the capacity, at most twice as many
   */
  static long of(Windows windows, long until, long taken, long capacity) {
    int kind = kind(windows);
    long units = ceil(windows, until) / resolution(kind);
    long head =
        TAG << TAG_SHIFT
            | (long) kind << KIND_SHIFT
            | ((units << (KIND_SHIFT - timeBits(kind))) & ((1L << KIND_SHIFT) - 1))
            | mark(windows, kind) << fractionBits(kind);
    return of(head, taken, capacity);
  }

  /** Returns the word that begins so. */
  static long of(long head, long taken, long capacity) {
    return taken == 0 ? head : head | ((taken * scale(kind(head)) - 1) / capacity + 1);
  }

  /** Returns a word of which nothing is taken: with that every word of the window begins. */
  static long head(Windows windows, long until) {
    return of(windows, until, 0, 1);
  }

  /** Returns whether the word is of the window whose words begin so. */
  static boolean begins(long word, long head) {
    return (word ^ head) >>> fractionBits(kind(head)) == 0;
  }

  /** Returns the first time at or after this one that a word can tell. */
  static long ceil(Windows windows, long time) {
    long resolution = resolution(kind(windows));
    return -Math.floorDiv(-time, resolution) * resolution;
  }

  /** Returns the step between the times that a word of these windows can tell, in nanoseconds. */
  static long resolution(Windows windows) {
    return resolution(kind(windows));
  }

  /** Returns until when the window counts: of all times that it may stand for, the nearest. */
  static long until(long word, long now) {
    int kind = kind(word);
    int bits = timeBits(kind);
    long units = Math.floorDiv(now, resolution(kind));
    long told = word >>> (KIND_SHIFT - bits);
    long ahead = (told - units) << (Long.SIZE - bits) >> (Long.SIZE - bits);
    return (units + ahead) * resolution(kind);
  }

  /** Returns whether the window counts no more, or has nothing to count. */
  static boolean isOver(long word, long now) {
    return fraction(word) == 0 || until(word, now) <= now;
  }

  /**
   * Returns whether the word is of these windows, as far as its bits tell: of other zones one in
   * eight has the same, and then what it says is taken for too much; of other lengths only those
   * that differ by less than a quarter, or a half where they are no whole minutes.
   */
  static boolean isOf(long word, Windows windows) {
    int kind = kind(windows);
    int shift = fractionBits(kind);
    long mask = (1L << markBits(kind)) - 1;
    return isWindow(word) && kind(word) == kind && (word >>> shift & mask) == mark(windows, kind);
  }

  /** Returns the tokens that are taken of a capacity, where the word was written under it. */
  static long taken(long word, long capacity) {
    long fraction = fraction(word);
    return fraction == 0 ? 0 : (fraction - 1) * capacity / scale(kind(word)) + 1;
  }

  /** Returns the same fraction of something else, rounded up. */
  static long takenOf(long word, long whole) {
    return Gcra.scaled(fraction(word), scale(kind(word)), whole);
  }

  /** Returns the word with what another of the same windows has taken besides. */
  static long sum(long word, long other) {
    long most = (1L << fractionBits(kind(word))) - 1;
    return word - fraction(word) + Math.min(most, fraction(word) + fraction(other));
  }

  /** Returns whether two words are of the same windows. */
  static boolean areAlike(long word, long other) {
    int kind = kind(word);
    long mask = ((1L << markBits(kind)) - 1) << fractionBits(kind);
    return isWindow(word)
        && isWindow(other)
        && kind(other) == kind
        && (word & mask) == (other & mask);
  }

  private static long fraction(long word) {
    return word & ((1L << fractionBits(kind(word))) - 1);
  }

  private static int kind(long word) {
    return (int) (word >>> KIND_SHIFT) & 7;
  }

  private static int kind(Windows windows) {
    ChronoUnit unit = windows.unit();
    if (unit == null) {
      return windows.nanos() % MINUTE == 0 ? SLIDING_MINUTES : SLIDING_SECONDS;
    }
    return switch (unit) {
      case MINUTES -> 0;
      case HOURS -> 1;
      case DAYS -> 2;
      case WEEKS -> 3;
      case MONTHS -> 4;
      default -> 5;
    };
  }

  private static long resolution(int kind) {
    return kind == SLIDING_SECONDS ? SECOND : MINUTE;
  }

  private static int timeBits(int kind) {
    return kind == SLIDING_SECONDS ? 28 : 22;
  }

  private static int fractionBits(int kind) {
    return kind == SLIDING_SECONDS ? 24 : kind == SLIDING_MINUTES ? 29 : 32;
  }

  private static int markBits(int kind) {
    return KIND_SHIFT - timeBits(kind) - fractionBits(kind);
  }

  private static long scale(int kind) {
    return kind == SLIDING_SECONDS
        ? SCALE_OF_SECONDS
        : kind == SLIDING_MINUTES ? SCALE_OF_MINUTES : SCALE;
  }

  /** Of a zone some bits of its hash; of a length its magnitude, as the bits of a float tell it. */
  private static long mark(Windows windows, int kind) {
    int bits = markBits(kind);
    long id =
        windows.slide()
            ? Float.floatToIntBits((float) windows.nanos() / resolution(kind))
                >>> (MANTISSA_BITS + MAGNITUDE_BITS - bits)
            : (windows.hashCode() * 0x9E37_79B9L) >>> 16;
    return id & ((1L << bits) - 1);
  }
}
