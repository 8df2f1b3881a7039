package dev.penstock.base;

import java.util.concurrent.atomic.AtomicLongArray;

/**
 * The times to fill that the limits of one name have been made with in this process, numbered from
 * 0 to 7, so that three bits of a bucket's word tell under which it was written.
 *
 * <p>Limits that fill in the same time are one: a bucket that is half full under one is half full
 * under the other. A number stands for its time for as long as the process lives. Who comes with a
 * ninth time goes by the number of the nearest one, and pays for that (see {@link #number}); the
 * others do not notice.
 *
 * <p>Thread-safe and lock-free.
 */
final class FillNumbers {

  /** How many numbers there are. */
  static final int COUNT = 8;

  private final AtomicLongArray fills = new AtomicLongArray(COUNT);

  /**
   * Returns the number of a time to fill; where all are taken, that of the nearest one by ratio. A
   * word is written under the number's own time then: under a shorter one it counts as further from
   * full than it is, and from a longer one it takes longer to be full.
   *
   * @param fill nanoseconds, above 0
   */
  int number(long fill) {
    for (int number = 0; number < COUNT; number++) {
      long seen = fills.compareAndExchange(number, 0, fill);
      if (seen == 0 || seen == fill) {
        return number;
      }
    }
    int nearest = 0;
    for (int number = 1; number < COUNT; number++) {
      nearest = ratio(fill, number) < ratio(fill, nearest) ? number : nearest;
    }
    return nearest;
  }

  private double ratio(long fill, int number) {
    double ratio = (double) fill / fills.get(number);
    return Math.max(ratio, 1 / ratio);
  }

  /** Returns the time for which a number stands, in nanoseconds. */
  long fill(int number) {
    return fills.get(number);
  }
}
