package dev.penstock.redis;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Tokens of one bucket that were taken from Redis ahead, and are not spent yet. Thread-safe and
 * lock-free.
 *
 * <p>They are worth as much as the bucket in Redis is known to lack at least: what is refilled
 * there is void here. So the two together never hold more than the capacity, and tokens that go
 * back are never more than what is still owed.
 */
final class Lease {

  /**
   * What is in hand.
   *
   * @param fullAt when the bucket in Redis is full at the soonest, by the clock of this process
   * @param heardAt when Redis last said so
   * @param until when what is left goes back
   */
  private record Held(long tokens, long fullAt, long heardAt, long until) {
    Held with(long changedTokens) {
      return new Held(changedTokens, fullAt, heardAt, until);
    }
  }

  private final Question question;
  private final long nanosPerToken;
  private final AtomicBoolean asking = new AtomicBoolean();

  /** Nothing once the lease is over. */
  private final AtomicReference<@Nullable Held> held;

  Lease(Question question, long now) {
    this.question = question;
    this.nanosPerToken = question.limit().limit().nanosPerToken();
    this.held = new AtomicReference<>(new Held(0, now, now, now));
  }

  Question question() {
    return question;
  }

  boolean isFor(Question other) {
    return question.limit().limit().equals(other.limit().limit());
  }

  /** Returns how many tokens are in hand. */
  long tokens(long now) {
    @Nullable Held last = held.get();
    return last == null ? 0 : worth(last, now);
  }

  /** Returns how long the bucket would take to be full if what is in hand were in it. */
  long resetAfterNanos(long now) {
    @Nullable Held last = held.get();
    return last == null ? 0 : Math.max(0, last.fullAt - now - worth(last, now) * nanosPerToken);
  }

  /** Takes tokens, or none if there are fewer. */
  boolean take(long cost, long now) {
    while (true) {
      @Nullable Held last = held.get();
      if (last == null || cost > worth(last, now)) {
        return false;
      }
      if (held.compareAndSet(last, last.with(worth(last, now) - cost))) {
        return true;
      }
    }
  }

  /** Puts back what was taken from here a moment ago. */
  void putBack(long tokens) {
    held.updateAndGet(last -> last == null ? null : last.with(last.tokens + tokens));
  }

  /**
   * Adds what Redis has just been charged; a lease that is over takes nothing. Of two calls that
   * were under way at once the one that found the bucket emptier came later: both have taken.
   *
   * @param saidAt when Redis was asked
   */
  void add(long tokens, long fullAt, long saidAt, long until, long now) {
    held.updateAndGet(
        last -> {
          if (last == null) {
            return null;
          }
          boolean later = saidAt - last.heardAt >= 0;
          long latest = later ? fullAt : Math.max(fullAt, last.fullAt);
          return new Held(worth(last, now) + tokens, latest, now, until);
        });
  }

  /** Says that the bucket in Redis gets tokens that are not these. */
  void refunded(long nanos) {
    held.updateAndGet(
        last ->
            last == null
                ? null
                : new Held(last.tokens, last.fullAt - nanos, last.heardAt, last.until));
  }

  /** Returns how long the lease lives from now on, at most 0 if its time has come. */
  long nanosLeft(long now) {
    @Nullable Held last = held.get();
    return last == null ? 0 : last.until - now;
  }

  /** Ends the lease. Returns the tokens that were in hand, of those which are owed by then. */
  long end(long by) {
    @Nullable Held last = held.getAndSet(null);
    return last == null ? 0 : worth(last, by);
  }

  /** Lets one caller at a time ask Redis for more; {@link #asked} follows. */
  boolean mayAsk() {
    return !asking.get() && asking.compareAndSet(false, true);
  }

  void asked() {
    asking.set(false);
  }

  private long worth(Held last, long now) {
    return Math.min(last.tokens, Math.max(0, last.fullAt - now) / nanosPerToken);
  }
}
