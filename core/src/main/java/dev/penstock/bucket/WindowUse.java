package dev.penstock.bucket;

import dev.penstock.BucketState;
import dev.penstock.Limit;
import dev.penstock.PartitionedLimit;
import dev.penstock.base.Inside;
import dev.penstock.base.Windows;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What is taken of a window at a time, and when that will be less: the arithmetic of fixed and of
 * sliding windows.
 *
 * <p>Of a fixed window it is a count. Of a sliding one it is a count of the current window, and of
 * the last one the part that is still within reach, rounded up: {@code ceil(previous * (end - at) /
 * length)}. Times are nanoseconds since 1970.
 *
 * @param limit its numbers
 * @param windows in which it counts
 * @param at the time, by the wall clock
 * @param end when the current window ends
 * @param current tokens taken in it, and what is carried over from another kind of limit
 * @param previous tokens taken in the last window, if they still count
 * @param isLast whether the word was that of the last window, and is to be kept beside the one of
 *     this
 * @param carried what says when {@code current} will be less, if it is not of this window alone
 */
public record WindowUse(
    Limit limit,
    Windows windows,
    long at,
    long end,
    long current,
    long previous,
    boolean isLast,
    @Nullable Carried carried) {

  /** A clock that went back so far was wrong before, and what it left is not to be waited for. */
  private static final long FAR = Duration.ofHours(2).toNanos();

  /** Why what is taken is not of the current window alone. */
  public sealed interface Carried permits OfTokens, OfOther, OfLater, FarAhead {}

  /** A token bucket was so far from full. */
  private record OfTokens(long level, long fill) implements Carried {}

  /** A window of other limits counts until then. */
  private record OfOther(long until) implements Carried {}

  /** The clock went back, out of that window: it is as if all were taken until that begins. */
  private record OfLater(WindowUse use) implements Carried {}

  /** Likewise, so far that it must have been wrong before. */
  private record FarAhead() implements Carried {}

  /**
   * Returns how a window stands.
   *
   * @param word of the bucket, 0 where there is none
   * @param second the word that is kept beside it, if it slides, 0 where there is none
   * @param now the time by which token buckets go
   * @param at the time by the wall clock, read after the words
   */
  static WindowUse of(PartitionedLimit limit, long word, long second, long now, long at) {
    Limit numbers = limit.limit();
    Windows windows = Objects.requireNonNull(Inside.windows(numbers));
    long end = windows.end(at);
    WindowUse none = new WindowUse(numbers, windows, at, end, 0, 0, false, null);
    WindowUse fresh = none.withPrevious(second);
    if (!WindowWord.isWindow(word)) {
      return fresh.afterTokens(word, now, limit);
    }
    long until = WindowWord.until(word, at);
    if (!WindowWord.isOf(word, windows)) {
      return WindowWord.isOver(word, at) ? fresh : fresh.afterOther(word, second, until);
    }
    long taken = WindowWord.taken(word, numbers.capacity());
    if (until == fresh.until()) {
      return fresh.with(taken, null);
    }
    if (windows.slide() && until == none.until() - windows.nanos()) {
      return new WindowUse(numbers, windows, at, end, 0, taken, taken > 0, null);
    }
    if (until > fresh.until() && taken > 0) {
      WindowUse later = none.later(until, taken, second);
      boolean isFar = later.at - at > FAR;
      return fresh.with(numbers.capacity(), isFar ? new FarAhead() : new OfLater(later));
    }
    return WindowWord.isOver(word, at) ? fresh : fresh.afterOther(word, 0, until);
  }

  /**
   * Returns how a window stands that was charged in this one.
   *
   * @param word of this window
   * @param previous tokens taken in the last one, if they still count
   * @param at the time by the wall clock
   */
  static WindowUse ofThisWindow(Limit limit, long word, long previous, long at) {
    Windows windows = Objects.requireNonNull(Inside.windows(limit));
    long taken = WindowWord.taken(word, limit.capacity());
    return new WindowUse(limit, windows, at, windows.end(at), 0, previous, false, null)
        .with(taken, null);
  }

  /**
   * Returns how a window of another store stands.
   *
   * @param limit its numbers
   * @param at the time there
   * @param end when the window ends
   * @param current tokens taken of it
   * @param previous tokens taken of the last one
   * @param begins when it is to begin, if the clock went back out of it, else 0
   * @param until if another kind of limit has taken {@code current}, until when that counts, else 0
   * @param fill if that was a token bucket, in how long it fills, else 0
   * @return how it stands
   */
  public static WindowUse told(
      Limit limit,
      long at,
      long end,
      long current,
      long previous,
      long begins,
      long until,
      long fill) {
    Windows windows = Objects.requireNonNull(Inside.windows(limit));
    WindowUse use = new WindowUse(limit, windows, at, end, current, previous, false, null);
    if (until > 0) {
      return use.with(current, fill > 0 ? new OfTokens(until - at, fill) : new OfOther(until));
    }
    return begins > 0 ? use.at(begins).seenFrom(at) : use;
  }

  /**
   * {@return how it stands at a time if nothing else was taken since}
   *
   * @param time not before {@code at}
   */
  public WindowUse at(long time) {
    if (carried instanceof OfLater later) {
      return time < later.use.at ? later.use.seenFrom(time) : later.use.at(time);
    }
    WindowUse fresh = new WindowUse(limit, windows, time, windows.end(time), 0, 0, false, null);
    if (carried instanceof OfOther other) {
      return other.until > time ? fresh.with(current, carried) : fresh;
    }
    if (carried instanceof OfTokens tokens) {
      long level = tokens.level - (time - at);
      return level <= 0
          ? fresh
          : fresh.with(
              Gcra.scaled(level, tokens.fill, limit.capacity()), new OfTokens(level, tokens.fill));
    }
    if (time < end) {
      return new WindowUse(limit, windows, time, end, current, previous, false, carried);
    }
    boolean follows = windows.slide() && time < end + windows.nanos();
    return new WindowUse(limit, windows, time, fresh.end, 0, follows ? current : 0, false, null);
  }

  /**
   * {@return a window of which nothing is taken, at any time}
   *
   * @param limit its numbers
   */
  public static WindowUse unused(Limit limit) {
    return told(limit, 0, 1, 0, 0, 0, 0, 0);
  }

  /** Returns how this window looks to a clock that went back out of it. */
  private WindowUse seenFrom(long time) {
    return new WindowUse(
        limit, windows, time, windows.end(time), limit.capacity(), 0, false, new OfLater(this));
  }

  /** Returns one of which all is taken. */
  static WindowUse usedUp(PartitionedLimit limit, long at) {
    WindowUse fresh = of(limit, BucketWord.FULL, BucketWord.FULL, 1, at);
    return fresh.with(limit.limit().capacity(), null);
  }

  private WindowUse withPrevious(long second) {
    boolean counts =
        windows.slide()
            && WindowWord.isOf(second, windows)
            && WindowWord.until(second, at) == until() - windows.nanos();
    return counts
        ? new WindowUse(
            limit, windows, at, end, 0, WindowWord.taken(second, limit.capacity()), false, null)
        : this;
  }

  private WindowUse afterTokens(long word, long now, PartitionedLimit partitioned) {
    long level = Math.max(0, BucketWord.time(word) - now);
    if (level == 0) {
      return this;
    }
    long fill = Math.max(1, Inside.fill(partitioned, BucketWord.number(word)));
    return with(Gcra.scaled(level, fill, limit.capacity()), new OfTokens(level, fill));
  }

  private WindowUse afterOther(long word, long second, long until) {
    boolean hasLast = WindowWord.areAlike(word, second) && !WindowWord.isOver(second, at);
    long all = hasLast ? WindowWord.sum(word, second) : word;
    return with(WindowWord.takenOf(all, limit.capacity()), new OfOther(until));
  }

  private WindowUse later(long until, long taken, long second) {
    long start =
        windows.slide()
            ? until - 2 * windows.nanos()
            : windows.start(until - WindowWord.resolution(windows));
    long end = windows.end(start);
    WindowUse fresh = new WindowUse(limit, windows, start, end, 0, 0, false, null);
    return fresh.withPrevious(second).with(taken, null);
  }

  private WindowUse with(long taken, @Nullable Carried why) {
    long bounded = Math.min(taken, Gcra.most(limit));
    return new WindowUse(limit, windows, at, end, bounded, previous, isLast, why);
  }

  /** Returns until when what is taken now counts, as a word tells it. */
  private long until() {
    return WindowWord.ceil(windows, windows.slide() ? end + windows.nanos() : end);
  }

  /** Returns the word that says so. */
  long word() {
    return WindowWord.of(windows, until(), current, limit.capacity());
  }

  /** {@return the tokens that are taken} */
  public long taken() {
    return current + previousNow(at);
  }

  private long previousNow(long time) {
    return previous == 0 ? 0 : Gcra.scaled(previous, windows.nanos(), end - time);
  }

  /**
   * {@return whether so much can be taken}
   *
   * @param amount tokens
   */
  public boolean fits(long amount) {
    return Gcra.take(taken(), amount, limit) != Gcra.DENIED;
  }

  /** {@return whether what is taken is of this window alone} */
  public boolean isOwn() {
    return carried == null && !isLast;
  }

  /** Returns whether the word is to be replaced by one that is over with this window. */
  boolean isFarAhead() {
    return carried instanceof FarAhead;
  }

  /** Returns what is taken of the window into which more would be. */
  long charged() {
    return carried instanceof OfLater later ? later.use.charged() : current;
  }

  /** Returns it after more is taken, or some put back, within what it may owe. */
  WindowUse plus(long tokens) {
    if (carried instanceof OfLater ahead) {
      return ahead.use.plus(tokens);
    }
    long most = Math.max(current, Gcra.most(limit));
    long next = Math.max(0, Math.min(most, current + Math.min(tokens, most)));
    return new WindowUse(limit, windows, at, end, next, previous, false, null);
  }

  /**
   * {@return it with more taken, that counts in the same windows}
   *
   * @param inCurrent tokens of the current window
   * @param inPrevious tokens of the last one
   */
  public WindowUse with(long inCurrent, long inPrevious) {
    return new WindowUse(
        limit, windows, at, end, current + inCurrent, previous + inPrevious, false, carried);
  }

  /**
   * {@return the same fraction under other numbers of the same windows, rounded up}
   *
   * @param other the numbers
   */
  public WindowUse under(Limit other) {
    long whole = limit.capacity();
    return new WindowUse(
        other,
        windows,
        at,
        end,
        Gcra.scaled(current, whole, other.capacity()),
        Gcra.scaled(previous, whole, other.capacity()),
        false,
        carried);
  }

  /** Returns it with what counts of the last window as if it had been taken in this one. */
  WindowUse folded() {
    return new WindowUse(
        limit, windows, at, end, Math.min(taken(), Gcra.most(limit)), 0, false, carried);
  }

  /**
   * {@return how the bucket stands}
   *
   * @param name of the limit
   * @param amount that is asked for
   * @param paid whether it has been taken
   */
  public BucketState state(String name, long amount, boolean paid) {
    long retryAfter = paid ? 0 : retryAfterNanos(amount);
    return new BucketState(
        name,
        limit,
        retryAfter == 0,
        Math.max(0, limit.capacity() - taken()),
        retryAfter,
        resetAfterNanos());
  }

  long retryAfterNanos(long amount) {
    if (amount > limit.capacity()) {
      return BucketState.NEVER;
    }
    if (fits(amount)) {
      return 0;
    }
    long room = limit.capacity() - Math.max(1, amount);
    if (carried instanceof OfTokens tokens) {
      long most = scaledDown(room, limit.capacity(), tokens.fill);
      return Math.max(1, tokens.level - most);
    }
    if (carried instanceof OfOther other) {
      return other.until - at;
    }
    if (carried instanceof OfLater ahead) {
      return ahead.use.at - at + ahead.use.retryAfterNanos(amount);
    }
    return windows.slide() ? slidingRetryAfter(room) : end - at;
  }

  /** The part of the last window sinks until this one ends, then that of this one. */
  private long slidingRetryAfter(long room) {
    long roomNow = room - current;
    if (roomNow > 0) {
      long left = Math.min(windows.nanos(), scaledDown(roomNow, previous, windows.nanos()));
      return end - at - left;
    }
    long left =
        current == 0
            ? windows.nanos()
            : Math.min(windows.nanos(), scaledDown(room, current, windows.nanos()));
    return end - at + windows.nanos() - left;
  }

  /** {@return the time until nothing of what is taken counts any more} */
  public long resetAfterNanos() {
    if (carried instanceof OfTokens tokens) {
      return tokens.level;
    }
    if (carried instanceof OfOther other) {
      return other.until - at;
    }
    if (carried instanceof OfLater ahead) {
      return ahead.use.at - at + ahead.use.resetAfterNanos();
    }
    if (taken() == 0) {
      return 0;
    }
    return end - at + (windows.slide() && current > 0 ? windows.nanos() : 0);
  }

  /** Returns {@code part * other / whole}, rounded down, for a part of the whole. */
  private static long scaledDown(long part, long whole, long other) {
    return part >= whole ? other : other - Gcra.scaled(whole - part, whole, other);
  }
}
