package dev.penstock.redis.wire;

import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The time of day by which windows go: the server's, as its answers have told it, and this
 * process's own until then. From then on it goes by this process's clock of nanoseconds, so that
 * setting the time of day here changes nothing.
 *
 * <p>Thread-safe. Of two answers that are heard at once either may count: each is right.
 */
public final class ServerTime implements InstantSource {

  private final InstantSource own;

  /** What the server's time is ahead of {@link System#nanoTime}; nothing until it was told. */
  private volatile @Nullable Long aheadNanos;

  /**
   * Makes one that has heard nothing of the server.
   *
   * @param own this process's own time of day
   */
  public ServerTime(InstantSource own) {
    this.own = own;
  }

  /**
   * Hears what the server's time was between two times of this process.
   *
   * @param micros since 1970
   * @param asked when it was asked, at the latest, as {@link System#nanoTime}
   * @param heard when the answer came, likewise
   */
  void learn(long micros, long asked, long heard) {
    long least = Micros.toNanos(micros) - heard;
    long most = Micros.toNanos(micros + 1) - asked;
    @Nullable Long known = aheadNanos;
    if (known == null || known < least || known > most) {
      aheadNanos = known == null || known < least ? least : most;
    }
  }

  /**
   * Returns what time it is at a nanosecond of this process.
   *
   * @param nanoTime as {@link System#nanoTime} has it
   * @return nanoseconds since 1970
   */
  public long nanos(long nanoTime) {
    @Nullable Long ahead = aheadNanos;
    return ahead == null ? ownNanos() + (nanoTime - System.nanoTime()) : nanoTime + ahead;
  }

  private long ownNanos() {
    Instant now = own.instant();
    return TimeUnit.SECONDS.toNanos(now.getEpochSecond()) + now.getNano();
  }

  @Override
  public Instant instant() {
    @Nullable Long ahead = aheadNanos;
    return ahead == null ? own.instant() : Instant.ofEpochSecond(0, System.nanoTime() + ahead);
  }
}
