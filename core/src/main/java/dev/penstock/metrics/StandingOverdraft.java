package dev.penstock.metrics;

/**
 * The largest overdraft that a denial has shown, less what refill has made good for since: a bucket
 * that owes denies whoever comes, so whatever anybody notices of overdrafts is seen here. What a
 * reset or a cancellation has taken off is seen when refill would have done it. Thread-safe.
 */
final class StandingOverdraft {

  /**
   * A bucket that owes.
   *
   * @param since when it was seen
   * @param nanos in which refill makes good for it
   */
  private record Debt(long since, long nanos, long nanosPerToken) {

    long nanosAt(long now) {
      return nanos - (now - since);
    }
  }

  private volatile Debt largest = new Debt(0, 0, 1);

  /**
   * Takes notice of a bucket.
   *
   * @param nanos what it owes as time of refill; nothing if it is not above 0
   * @param now by {@link System#nanoTime}
   */
  void see(long nanos, long nanosPerToken, long now) {
    if (nanos > 0 && isLarger(nanos, now)) {
      synchronized (this) {
        if (isLarger(nanos, now)) {
          largest = new Debt(now, nanos, nanosPerToken);
        }
      }
    }
  }

  private boolean isLarger(long nanos, long now) {
    Debt debt = largest;
    return debt.nanos == 0 || debt.nanosAt(now) < nanos;
  }

  /** Returns how many tokens are owed now, rounded up. */
  long tokens(long now) {
    Debt debt = largest;
    long nanos = debt.nanosAt(now);
    return debt.nanos == 0 || nanos <= 0 ? 0 : (nanos - 1) / debt.nanosPerToken + 1;
  }

  /** Returns whether a bucket has ever owed. */
  boolean isSeen() {
    return largest.nanos > 0;
  }
}
