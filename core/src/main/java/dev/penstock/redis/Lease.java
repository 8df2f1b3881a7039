package dev.penstock.redis;

import dev.penstock.base.Inside;
import dev.penstock.redis.wire.SharedBucket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Tokens of one bucket that were taken from Redis ahead, and are not spent yet. Thread-safe and
 * lock-free.
 *
 * <p>A charge moves the time at which the bucket is full, and owns the stretch of time by which it
 * moved it: one emission interval for each token. As long as a token is spent before its interval
 * begins, all that is spent in any window lies within the window and one capacity after it, each in
 * an interval of its own: capacity + rate x time. So the tokens of each charge are kept apart, are
 * void as their intervals pass, and go earliest first.
 */
final class Lease {

  /** How long tokens may be spent after Redis was asked for them. */
  static final long LIFE_NANOS = Duration.ofSeconds(1).toNanos();

  private static final long LEAST_WANTED = 2;

  /**
   * What becomes of the tokens of a lease that is over.
   *
   * @param back how many go back
   * @param refilledAt when those that do not are refilled
   */
  record Left(long back, long refilledAt) {}

  /**
   * What is left of one charge.
   *
   * @param charged how many tokens it took
   * @param tokens how many are left, of which those with the last intervals count
   * @param word the end of its last interval, at the soonest, by the clock of this process
   * @param until when they may not be spent any more
   */
  private record Charged(long charged, long tokens, long word, long until) {

    Charged with(long changedTokens) {
      return new Charged(charged, changedTokens, word, until);
    }

    /** Returns how many tokens have intervals that begin at this time or later. */
    long beginningAt(long time, long nanosPerToken) {
      return Math.min(tokens, Math.max(0, word - time) / nanosPerToken);
    }

    long worth(long now, long nanosPerToken) {
      return until - now <= 0 ? 0 : beginningAt(now, nanosPerToken);
    }
  }

  private final SharedBucket bucket;
  private final long nanosPerToken;
  private final AtomicBoolean asking = new AtomicBoolean();

  /** What was in hand after Redis was last asked, and when: written by who is {@link #asking}. */
  private volatile long filled;

  private volatile long filledAt;

  /** By their intervals, the earliest first; nothing once the lease is over. */
  private final AtomicReference<@Nullable List<Charged>> held = new AtomicReference<>(List.of());

  Lease(SharedBucket bucket) {
    this.bucket = bucket;
    this.nanosPerToken = Inside.nanosPerToken(bucket.limit().limit());
  }

  SharedBucket bucket() {
    return bucket;
  }

  /** Returns whether this is of the same limit, and not over. */
  boolean isFor(SharedBucket other) {
    return held.get() != null && bucket.limit().limit().equals(other.limit().limit());
  }

  /** Returns how many tokens are in hand. */
  long tokens(long now) {
    @Nullable List<Charged> last = held.get();
    return last == null ? 0 : worth(last, now);
  }

  private long worth(List<Charged> charges, long now) {
    long worth = 0;
    for (Charged charge : charges) {
      worth += charge.worth(now, nanosPerToken);
    }
    return worth;
  }

  /** Returns how long the bucket would take to be full if what is in hand were in it. */
  long levelNanos(long now) {
    @Nullable List<Charged> last = held.get();
    if (last == null || last.isEmpty()) {
      return 0;
    }
    long word = last.get(last.size() - 1).word;
    return Math.max(0, word - now - worth(last, now) * nanosPerToken);
  }

  /** Takes tokens, or none if there are fewer. */
  boolean take(long cost, long now) {
    while (true) {
      @Nullable List<Charged> last = held.get();
      if (last == null || cost > worth(last, now)) {
        return false;
      }
      if (held.compareAndSet(last, without(last, cost, now))) {
        return true;
      }
    }
  }

  private List<Charged> without(List<Charged> charges, long cost, long now) {
    List<Charged> left = new ArrayList<>(charges.size());
    long open = cost;
    for (Charged charge : charges) {
      long worth = charge.worth(now, nanosPerToken);
      long taken = Math.min(open, worth);
      open -= taken;
      boolean isVoid = charge.beginningAt(now, nanosPerToken) == 0;
      if (taken < worth || (taken == 0 && !isVoid)) {
        left.add(taken == 0 ? charge : charge.with(worth - taken));
      }
    }
    return left;
  }

  /**
   * Puts back what was taken from here a moment ago. What finds no room, as its charge has left
   * meanwhile, is left to be refilled.
   */
  void putBack(long tokens) {
    held.updateAndGet(
        last -> {
          if (last == null) {
            return null;
          }
          List<Charged> next = new ArrayList<>(last.size());
          long open = tokens;
          for (Charged charge : last) {
            long back = Math.min(open, charge.charged - charge.tokens);
            open -= back;
            next.add(charge.with(charge.tokens + back));
          }
          return next;
        });
  }

  /**
   * Adds what Redis has just been charged.
   *
   * @param word when the bucket in Redis is full afterwards, at the soonest
   * @param saidAt when Redis was asked
   * @return false if the lease is over
   */
  boolean add(long tokens, long word, long saidAt) {
    Charged added = new Charged(tokens, tokens, word, saidAt + LIFE_NANOS);
    @Nullable List<Charged> now =
        held.updateAndGet(last -> last == null ? null : with(last, added));
    if (now != null) {
      filled = worth(now, saidAt);
      filledAt = saidAt;
    }
    return now != null;
  }

  /** Returns whether half of what was in hand after Redis was last asked is gone. */
  boolean isHalfSpent(long now) {
    return tokens(now) < filled / 2;
  }

  /** Returns how many tokens to have in hand before it is known how fast they go. */
  static long wantedAtFirst(long block) {
    return Math.max(LEAST_WANTED, block / 8);
  }

  /**
   * Returns how many tokens to have in hand: what goes in half of their life, as it went since
   * Redis was last asked. For who is asking.
   */
  long wanted(long block, long now) {
    if (filled == 0) {
      return wantedAtFirst(block);
    }
    long gone = Math.max(0, filled - tokens(now));
    long wanted = gone * (LIFE_NANOS / 2) / Math.max(1, now - filledAt);
    return Math.max(LEAST_WANTED, Math.min(block, wanted));
  }

  private static List<Charged> with(List<Charged> charges, Charged added) {
    List<Charged> next = new ArrayList<>(charges.size() + 1);
    int place = 0;
    while (place < charges.size() && charges.get(place).word - added.word <= 0) {
      place++;
    }
    next.addAll(charges.subList(0, place));
    next.add(added);
    next.addAll(charges.subList(place, charges.size()));
    return next;
  }

  /** Says that the bucket in Redis gets tokens that are not these. */
  void refunded(long nanos) {
    held.updateAndGet(
        last ->
            last == null
                ? null
                : last.stream()
                    .map(c -> new Charged(c.charged, c.tokens, c.word - nanos, c.until))
                    .toList());
  }

  /** Returns how long it is until the first tokens that are left may not be spent any more. */
  long nanosLeft(long now) {
    @Nullable List<Charged> last = held.get();
    long left = LIFE_NANOS;
    for (Charged charge : last == null ? List.<Charged>of() : last) {
      left = Math.min(left, charge.until - now);
    }
    return left;
  }

  /** Returns whether nothing is in hand, and nobody asks for more. */
  boolean isIdle() {
    @Nullable List<Charged> last = held.get();
    return !asking.get() && (last == null || last.isEmpty());
  }

  /**
   * Ends the lease. What goes back are the tokens with intervals from some time on, but none of a
   * charge that has been over for as long as it lived.
   *
   * @param from the first time at which the interval of a token that goes back begins
   */
  Left end(long now, long from) {
    @Nullable List<Charged> last = held.getAndSet(null);
    long back = 0;
    long refilledAt = now;
    for (Charged charge : last == null ? List.<Charged>of() : last) {
      boolean late = now - charge.until > LIFE_NANOS;
      long owed = late ? 0 : charge.beginningAt(from, nanosPerToken);
      if (owed < charge.beginningAt(now, nanosPerToken)) {
        long end = charge.word - owed * nanosPerToken;
        refilledAt = end - refilledAt > 0 ? end : refilledAt;
      }
      back += owed;
    }
    return new Left(back, refilledAt);
  }

  /** Lets one caller at a time ask Redis for more; {@link #endAsking} follows. */
  boolean beginAsking() {
    return !asking.get() && asking.compareAndSet(false, true);
  }

  void endAsking() {
    asking.set(false);
  }
}
