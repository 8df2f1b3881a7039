package dev.penstock.bucket;

import dev.penstock.PartitionedLimit;
import dev.penstock.base.Inside;

/**
 * What is kept of a bucket, one number: the nanosecond at which it is full (the theoretical arrival
 * time of GCRA), shifted left by three, and in the last three bits the number of the time to fill
 * under which it was written. A bucket whose time is not after now is full, and as good as absent,
 * whatever its number.
 *
 * <p>Under a limit with another time to fill the bucket is as full as before, as a fraction: its
 * level is scaled, rounded up, and written so when it is next written.
 *
 * <p>Pure functions. Times are nanoseconds from 1 to 2^59, and lie up to ten years further in a
 * word, so a word is above 0.
 */
final class BucketWord {

  static final int NUMBER_BITS = 3;
  private static final int NUMBER = (1 << NUMBER_BITS) - 1;

  /** Full, whatever the time. */
  static final long FULL = 0;

  /** Instead of a word: the bucket does not hold the cost. */
  static final long DENIED = -1;

  private BucketWord() {}

  /** Returns the time from which on the bucket is full. */
  static long time(long word) {
    return word >>> NUMBER_BITS;
  }

  /**
   * Returns whether the bucket is full, and as good as absent.
   *
   * @param wallNow the time of windows, whose words are told from others by themselves
   */
  static boolean isFull(long word, long now, long wallNow) {
    return WindowWord.isWindow(word) ? WindowWord.isOver(word, wallNow) : time(word) <= now;
  }

  /** Returns how far from full the bucket is under this limit, in nanoseconds; 0 where it is. */
  static long level(long word, long now, PartitionedLimit limit) {
    long level = Math.max(0, time(word) - now);
    return number(word) != Inside.ownNumber(limit) && level > 0
        ? scaled(word, level, limit)
        : level;
  }

  /** Likewise; negative where it has been full for so long. */
  static long levelOrSince(long word, long now, PartitionedLimit limit) {
    return Math.min(time(word) - now, 0) + level(word, now, limit);
  }

  private static long scaled(long word, long level, PartitionedLimit limit) {
    if (WindowWord.isWindow(word)) {
      return Gcra.FARTHEST; // until it is read with the time by which windows go
    }
    long fill = Inside.fill(limit, number(word));
    long carried = Gcra.carriedOver(level, fill, limit.limit());
    boolean borrows = Inside.ownNumber(limit) != Inside.number(limit);
    if (borrows) {
      return Gcra.bounded(carried, limit.limit());
    }
    // Those who wait have taken what is ahead of them: more than is carried over of a debt.
    long farthest = Inside.nanosToFill(limit.limit()) + Gcra.longestWait(limit.limit());
    return Math.max(
        carried, Math.min(Gcra.scaled(level, fill, Inside.nanosToFill(limit.limit())), farthest));
  }

  /** Returns the word of a bucket at this level; negative where it has been full for so long. */
  static long of(long level, long now, PartitionedLimit limit) {
    int number = Inside.number(limit);
    boolean borrows = number != Inside.ownNumber(limit) && level > 0;
    long stored = borrows ? borrowed(level, number, limit) : level;
    Inside.written(limit, stored);
    return word(Math.max(1, now + stored), number);
  }

  /**
   * The number stands for another time to fill. If that is longer, the level is scaled, and takes
   * longer to be 0; if it is shorter, a scaled one would be 0 too soon.
   */
  private static long borrowed(long level, int number, PartitionedLimit limit) {
    long fill = Inside.nanosToFill(limit.limit());
    return Math.max(level, Gcra.scaled(level, fill, Inside.fill(limit, number)));
  }

  /**
   * Returns the word after the cost is taken, or {@link #DENIED}.
   *
   * <p>Nearly all words bear the limit's own number, so that stands first: what the compiler leaves
   * out until it happens is the rest.
   */
  static long take(long word, long now, long cost, PartitionedLimit limit) {
    int own = Inside.ownNumber(limit);
    long level = Math.max(0, time(word) - now);
    if (number(word) != own && (level > 0 || own != Inside.number(limit))) {
      return takeAsOther(word, now, cost, limit);
    }
    long taken = Gcra.take(level, cost, limit.limit());
    return taken == Gcra.DENIED ? DENIED : word(now + taken, own);
  }

  private static long takeAsOther(long word, long now, long cost, PartitionedLimit limit) {
    if (Inside.windows(limit.limit()) != null) {
      return DENIED; // a window is taken from in another way
    }
    long taken = Gcra.take(level(word, now, limit), cost, limit.limit());
    return taken == Gcra.DENIED ? DENIED : of(taken, now, limit);
  }

  /**
   * Returns the word after the cost is taken by someone who waits until the bucket would have held
   * it, so far beyond empty as that takes, or {@link #DENIED}.
   *
   * <p>Under a borrowed number the level of a bucket is uncertain, and is taken for no more than
   * the limit allows: nobody waits there beyond that.
   *
   * @param patience nanoseconds that they wait at most
   */
  static long takeAhead(long word, long now, long cost, long patience, PartitionedLimit limit) {
    boolean borrows = Inside.number(limit) != Inside.ownNumber(limit);
    long most = borrows ? Inside.nanosOfOverdraft(limit.limit()) : patience;
    long level = level(word, now, limit);
    long taken = Gcra.takeAhead(level, cost, Math.min(patience, most), limit.limit());
    return taken == Gcra.DENIED ? DENIED : of(taken, now, limit);
  }

  static int number(long word) {
    return (int) word & NUMBER;
  }

  private static long word(long time, int number) {
    return time << NUMBER_BITS | number;
  }

  /**
   * Returns whether the word lies further ahead than its own numbers allow: then the time is one of
   * before, or the number is borrowed, or it is the word of a window. Of the limit of a window all
   * do.
   */
  static boolean exceeds(long word, long now, PartitionedLimit limit) {
    int number = number(word);
    long most =
        number == Inside.ownNumber(limit) ? Gcra.most(limit.limit()) : mostOfOther(limit, number);
    return time(word) - now > most;
  }

  private static long mostOfOther(PartitionedLimit limit, int number) {
    return Inside.windows(limit.limit()) == null ? Inside.fill(limit, number) : Long.MIN_VALUE;
  }

  /**
   * Returns the word that a token bucket has in the place of a window's: the same fraction is
   * taken, as long as the window counts.
   *
   * @param second the word beside it, if it slides
   * @param wallNow the time of windows
   */
  static long ofWindow(long word, long second, long now, long wallNow, PartitionedLimit limit) {
    if (WindowWord.isOver(word, wallNow)) {
      return of(0, now, limit);
    }
    boolean hasLast = WindowWord.areAlike(word, second) && !WindowWord.isOver(second, wallNow);
    long all = hasLast ? WindowWord.sum(word, second) : word;
    long level = WindowWord.takenOf(all, Inside.nanosToFill(limit.limit()));
    return of(Gcra.bounded(level, limit.limit()), now, limit);
  }
}
