package dev.penstock.redis.wire;

import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.TimeUnit;

/**
 * The time of day by which windows go: the server's, as its answers have told it, and this
 * process's own until then. It goes on by this process's clock of nanoseconds, so that setting the
 * time of day here changes nothing.
 *
 * <p>Thread-safe. Of two answers that are heard at once either may count: each is right.
 */
public final class ServerTime implements InstantSource {

  private static final long NANOS_PER_MICRO = 1000;

  /** What the server's time is ahead of {@link System#nanoTime}. */
  private volatile long aheadNanos;

  /**
   * Begins with this process's own time.
   *
   * @param wallClock which is read once
   */
  public ServerTime(InstantSource wallClock) {
    Instant now = wallClock.instant();
    aheadNanos = TimeUnit.SECONDS.toNanos(now.getEpochSecond()) + now.getNano() - System.nanoTime();
  }

  /**
   * Hears what the server's time was between two times of this process.
   *
   * @param micros since 1970
   * @param asked when it was asked, at the latest, as {@link System#nanoTime}
   * @param heard when the answer came, likewise
   */
  void learn(long micros, long asked, long heard) {
    long nanos = micros * NANOS_PER_MICRO;
    long known = aheadNanos;
    long bounded = Math.max(nanos - heard, Math.min(known, nanos + NANOS_PER_MICRO - asked));
    if (bounded != known) {
      aheadNanos = bounded;
    }
  }

  /**
   * Returns what time it is at a nanosecond of this process.
   *
   * @param nanoTime as {@link System#nanoTime} has it
   * @return nanoseconds since 1970
   */
  public long nanos(long nanoTime) {
    return nanoTime + aheadNanos;
  }

  @Override
  public Instant instant() {
    return Instant.ofEpochSecond(0, nanos(System.nanoTime()));
  }
}
