package dev.penstock.base;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A log that a flood of events cannot flood: at most 10 lines a second, or so many in a period; the
 * next line after that says how many are missing. Thread-safe and lock-free, and throws nothing: a
 * line that the system logger fails to write, or a cause to tell, is a missing one.
 */
public final class BoundedLog {

  static final int LINES_PER_SECOND = 10;

  private static final int COUNT_BITS = 8;

  /** One more must fit into the bits. */
  private static final int MOST_LINES = (1 << COUNT_BITS) - 2;

  private static final Duration SECOND = Duration.ofSeconds(1);

  private final Logger logger;
  private final int most;
  private final long periodNanos;
  private final LongSupplier nanoClock;
  private final long origin;

  /** The period since the origin, and in the low bits the lines written in it. */
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

  /**
   * Makes a log of fewer lines that writes to a system logger.
   *
   * @param name of the logger
   * @param lines in a period, 1 to 254
   * @param period above zero
   */
  public BoundedLog(String name, int lines, Duration period) {
    this(System.getLogger(name), System::nanoTime, lines, period);
  }

  public BoundedLog(Logger logger, LongSupplier nanoClock) {
    this(logger, nanoClock, LINES_PER_SECOND, SECOND);
  }

  BoundedLog(Logger logger, LongSupplier nanoClock, int most, Duration period) {
    if (most < 1 || most > MOST_LINES) {
      throw new IllegalArgumentException("lines must be from 1 to 254: " + most);
    }
    this.logger = logger;
    this.most = most;
    this.periodNanos = period.toNanos();
    this.nanoClock = nanoClock;
    this.origin = nanoClock.getAsLong();
  }

  public boolean isLoggable(Level level) {
    return logger.isLoggable(level);
  }

  /**
   * Writes what is no trouble, unless this second or period has had its lines.
   *
   * @param line the line
   */
  public void info(String line) {
    log(Level.INFO, line, null);
  }

  /**
   * Writes a warning, unless this second or period has had its lines.
   *
   * @param line the line
   */
  public void warn(String line) {
    log(Level.WARNING, line, null);
  }

  /**
   * Writes a warning that a function of the application's failed which sees requests, unless this
   * second has had its lines: the type of the failure and its place, and not its message, which may
   * quote a client.
   *
   * @param line what failed, and what is done instead
   * @param failure what it failed with
   */
  public void warn(String line, Throwable failure) {
    log(Level.WARNING, () -> line + ": " + typeAndPlace(failure), null);
  }

  private static String typeAndPlace(Throwable failure) {
    StackTraceElement[] trace = failure.getStackTrace();
    return failure.getClass().getName() + (trace.length == 0 ? "" : " at " + trace[0]);
  }

  /**
   * Writes an error with all that its cause says, unless this second has had its lines: for code of
   * the application's that sees no request.
   *
   * @param line what failed, and what is done instead
   * @param cause what it failed with
   */
  public void error(String line, Throwable cause) {
    log(Level.ERROR, line, cause);
  }

  public void log(Level level, String line, @Nullable Throwable cause) {
    log(level, () -> line, cause);
  }

  private void log(Level level, Supplier<String> line, @Nullable Throwable cause) {
    if (!takeLine()) {
      missing.increment();
      return;
    }
    long lost = missing.sumThenReset();
    try {
      String text = lost == 0 ? line.get() : line.get() + " (left out before this: " + lost + ")";
      logger.log(level, text, cause);
    } catch (Throwable failure) { // of the application's handler, or in what the cause says
      missing.add(lost + 1);
    }
  }

  private boolean takeLine() {
    long period = (nanoClock.getAsLong() - origin) / periodNanos;
    while (true) {
      long seen = lines.get();
      long next = Math.max(seen, period << COUNT_BITS) + 1;
      if ((next & ((1L << COUNT_BITS) - 1)) > most) {
        return false;
      }
      if (lines.compareAndSet(seen, next)) {
        return true;
      }
    }
  }
}
