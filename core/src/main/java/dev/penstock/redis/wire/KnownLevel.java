package dev.penstock.redis.wire;

import dev.penstock.Limit;
import dev.penstock.base.Inside;
import dev.penstock.bucket.Gcra;
import dev.penstock.bucket.WindowUse;
import org.jspecify.annotations.Nullable;

/**
 * What Redis last said of one bucket. Times are nanoseconds of this process's clock.
 *
 * @param word when it is full, at the soonest: if Redis said so as soon as it was asked
 * @param fillNanos in which it fills under the limit by which it was asked for
 * @param saidAt when Redis was asked
 * @param heardAt when the answer came
 * @param epoch how often Redis had been away by then
 * @param askedAt when Redis was last asked, if only by a call that is under way
 * @param window how it stood, if it is a window
 */
public record KnownLevel(
    long word,
    long fillNanos,
    long saidAt,
    long heardAt,
    int epoch,
    long askedAt,
    @Nullable WindowUse window) {

  /** Makes one of tokens of which Redis has not been asked again. */
  public KnownLevel(long word, long fillNanos, long saidAt, long heardAt, int epoch) {
    this(word, fillNanos, saidAt, heardAt, epoch, saidAt, null);
  }

  KnownLevel askedAgain(long now) {
    return new KnownLevel(word, fillNanos, saidAt, heardAt, epoch, now, window);
  }

  /**
   * Returns how the window stands, at least.
   *
   * @param limit under which it is asked for
   * @return nothing if it was no window, or another
   */
  @Nullable WindowUse windowAt(long now, Limit limit) {
    return windowSince(now - saidAt, limit);
  }

  /** Likewise at most. */
  public @Nullable WindowUse windowAtMost(long now, Limit limit) {
    return windowSince(now - heardAt, limit);
  }

  private @Nullable WindowUse windowSince(long nanos, Limit limit) {
    if (window == null || !window.windows().equals(Inside.windows(limit))) {
      return null;
    }
    WindowUse use = since(window, nanos);
    return use.limit().equals(limit) ? use : use.under(limit);
  }

  private static WindowUse since(WindowUse window, long nanos) {
    return window.at(window.at() + Math.max(0, nanos));
  }

  /** Returns how far from full the bucket is under a limit, at least; 0 where it is full. */
  public long levelNanos(long now, Limit limit) {
    long level = window == null ? word - now : since(window, now - saidAt).taken();
    return Math.max(0, under(limit, level));
  }

  /** Returns the same at most: if Redis said so just before it was heard. */
  public long levelNanosAtMost(long now, Limit limit) {
    return Math.max(0, levelOrSinceAtMost(now, limit));
  }

  /** Likewise; negative where it has been full for so long, but not of a window. */
  public long levelOrSinceAtMost(long now, Limit limit) {
    long level =
        window == null ? word + (heardAt - saidAt) - now : since(window, now - heardAt).taken();
    return under(limit, level);
  }

  private long under(Limit limit, long level) {
    boolean same = Inside.nanosToFill(limit) == fillNanos;
    return level <= 0 || same ? level : Gcra.carriedOver(level, fillNanos, limit);
  }

  /** Which of two that were under way at once came first is not known: then the emptier counts. */
  boolean supersedes(KnownLevel old) {
    if (saidAt - old.heardAt >= 0) {
      return true;
    }
    return old.saidAt - heardAt < 0 && isEmptierThan(old);
  }

  private boolean isEmptierThan(KnownLevel old) {
    if (window != null && old.window != null) {
      boolean isLater = window.end() > old.window.end();
      boolean isSame = window.end() == old.window.end();
      return isLater || (isSame && window.taken() > old.window.taken());
    }
    if (window != null || old.window != null) {
      return word > old.word;
    }
    return fillNanos == old.fillNanos
        ? word > old.word
        : Gcra.scaled(Math.max(0, word - heardAt), fillNanos, old.fillNanos) > old.word - heardAt;
  }
}
