package dev.penstock;

import dev.penstock.base.Windows;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * So much in each window of time, by the wall clock: of the calendar ({@link FixedWindowLimit}), or
 * of one length ({@link SlidingWindowLimit}).
 *
 * <p>A window whose clock is set back is used up until the time is reached again at which it was;
 * what was taken is never forgotten because of it. A clock that was ahead by more than two hours is
 * the exception: the window in which it is right again is used up, and the next one is not.
 *
 * <p>In Redis the wall clock is the server's. While Redis is away each instance keeps its share of
 * what Redis has last said, by the server's time as far as it is known.
 *
 * <p>Immutable and thread-safe.
 */
@SuppressWarnings("exports") // its superclass is hidden on purpose
public abstract sealed class WindowLimit extends Limit
    permits FixedWindowLimit, SlidingWindowLimit {

  /** What one word of memory can tell. */
  static final long MOST = 2_000_000_000;

  final Windows windows;
  private final long overdraft;

  WindowLimit(
      long capacity,
      String unit,
      @Nullable FailoverMode failover,
      long overdraft,
      Windows windows) {
    super(capacity, unit, failover, 1, overdraft, windows);
    this.windows = windows;
    this.overdraft = overdraft;
  }

  /**
   * {@return a limit like this one whose windows may owe: what is known only after it was spent is
   * counted in full, so far beyond the capacity at most} A debt is gone with its window. Where two
   * requests overdraw it and one of them puts something back, the other's debt still stands.
   *
   * @param overdraft tokens beyond the capacity, 0 to the capacity
   * @throws IllegalArgumentException if it is out of range
   */
  public abstract WindowLimit withOverdraft(long overdraft);

  @Override
  public abstract WindowLimit withUnit(String unit);

  @Override
  public abstract WindowLimit withFailover(FailoverMode mode);

  /** {@return how many tokens a window may owe beyond its capacity: 0 unless it is said} */
  public final long overdraft() {
    return overdraft;
  }

  /**
   * {@return the length of a window; of a month 30.436875 days, and of a year 365.2425, as these
   * are on an average}
   */
  public final Duration window() {
    return Duration.ofNanos(windows.nanos());
  }

  final long requireOverdraft(long overdraft) {
    if (overdraft < 0 || overdraft > capacity()) {
      throw new IllegalArgumentException(
          "overdraft must be from 0 to the capacity " + capacity() + ": " + overdraft);
    }
    return overdraft;
  }

  static long requireCapacity(long capacity, long most) {
    if (capacity < 1 || capacity > most) {
      throw new IllegalArgumentException("capacity must be from 1 to " + most + ": " + capacity);
    }
    return capacity;
  }

  final boolean isAlike(WindowLimit that) {
    return capacity() == that.capacity()
        && unit().equals(that.unit())
        && failover().equals(that.failover())
        && overdraft == that.overdraft
        && windows.equals(that.windows);
  }

  final String text(String window) {
    return "Limit[capacity="
        + capacity()
        + ", "
        + window
        + (countsRequests ? "" : ", unit=" + unit())
        + (overdraft == 0 ? "" : ", overdraft=" + overdraft)
        + failover().map(mode -> ", failover=" + mode).orElse("")
        + "]";
  }
}
