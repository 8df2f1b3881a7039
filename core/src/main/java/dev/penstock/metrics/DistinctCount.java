package dev.penstock.metrics;

import java.util.concurrent.atomic.AtomicIntegerArray;

/**
 * How many different hashes have come, about: HyperLogLog (Flajolet and others, 2007) of 1,024
 * registers, 4 KB, with a standard error of 3.25 %; up to some hundreds, where registers are still
 * empty, counted by these, nearly exact. Thread-safe.
 */
final class DistinctCount {

  private static final int BITS = 10;
  private static final int REGISTERS = 1 << BITS;
  private static final double ALPHA = 0.7213 / (1 + 1.079 / REGISTERS);

  private final AtomicIntegerArray registers = new AtomicIntegerArray(REGISTERS);

  /**
   * Takes notice of somebody.
   *
   * @param hash 64 random bits, the same each time
   */
  void add(long hash) {
    int register = (int) (hash >>> (Long.SIZE - BITS));
    int rank = Long.numberOfLeadingZeros((hash << BITS) | (1L << (BITS - 1))) + 1;
    if (registers.get(register) < rank) {
      registers.accumulateAndGet(register, rank, Math::max);
    }
  }

  /** Returns how many there were, about. */
  long estimate() {
    double sum = 0;
    int empty = 0;
    for (int i = 0; i < REGISTERS; i++) {
      int rank = registers.get(i);
      sum += Math.scalb(1.0, -rank);
      empty += rank == 0 ? 1 : 0;
    }
    double raw = ALPHA * REGISTERS * REGISTERS / sum;
    boolean isSmall = raw <= 2.5 * REGISTERS && empty > 0;
    return Math.round(isSmall ? REGISTERS * Math.log((double) REGISTERS / empty) : raw);
  }
}
