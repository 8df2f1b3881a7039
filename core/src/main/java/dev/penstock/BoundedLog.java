package dev.penstock;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A log that a flood of events cannot flood: at most 10 lines a second; the next line after that
 * says how many are missing. Thread-safe and lock-free.
 */
public final class BoundedLog {

  static final int LINES_PER_SECOND = 10;

  private static final int COUNT_BITS = 8;
  private static final long NANOS_PER_SECOND = 1_000_000_000L;

  private final Logger logger;
  private final LongSupplier nanoClock;
  private final long origin;

  /** The second since the origin, and in the low bits the lines written in it. */
  private final AtomicLong lines = new AtomicLong();

  private final LongAdder missing = new LongAdder();

  /**
   * Makes a log that writes to the system logger of this class.
   *
   * @param subject what the lines are about
   */
  public BoundedLog(Class<?> subject) {
    this(System.getLogger(subject.getName()), System::nanoTime);
  }

  BoundedLog(Logger logger, LongSupplier nanoClock) {
    this.logger = logger;
    this.nanoClock = nanoClock;
    this.origin = nanoClock.getAsLong();
  }

  boolean isLoggable(Level level) {
    return logger.isLoggable(level);
  }

  /**
   * Writes a warning, unless this second has had its lines.
   *
   * @param line the line
   */
  public void warn(String line) {
    log(Level.WARNING, line, null);
  }

  /**
   * Writes a warning that a function of the application's failed, unless this second has had its
   * lines: the type of the failure and its place, and not its message, which may quote a client.
   *
   * @param line what failed, and what is done instead
   * @param failure what it failed with
   */
  public void warn(String line, RuntimeException failure) {
    StackTraceElement[] trace = failure.getStackTrace();
    warn(line + ": " + failure.getClass().getName() + (trace.length == 0 ? "" : " at " + trace[0]));
  }

  void log(Level level, String line, @Nullable Throwable cause) {
    if (!takeLine()) {
      missing.increment();
      return;
    }
    long lost = missing.sumThenReset();
    logger.log(level, lost == 0 ? line : line + " (left out before this: " + lost + ")", cause);
  }

  private boolean takeLine() {
    long second = (nanoClock.getAsLong() - origin) / NANOS_PER_SECOND;
    while (true) {
      long seen = lines.get();
      long next = Math.max(seen, second << COUNT_BITS) + 1;
      if ((next & ((1L << COUNT_BITS) - 1)) > LINES_PER_SECOND) {
        return false;
      }
      if (lines.compareAndSet(seen, next)) {
        return true;
      }
    }
  }
}
