package dev.penstock.redis.wire;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Says when to keep requests off a server that does not answer: after some failures in a row, until
 * it is said to be {@linkplain #back back}. Thread-safe and lock-free.
 *
 * <p>A server that was late, and silent for most of that time, is suspect until it answers: one
 * caller at a time finds out, and no other waits for it.
 */
final class CircuitBreaker {

  private final int threshold;
  private final AtomicInteger failures = new AtomicInteger();
  private final AtomicBoolean available = new AtomicBoolean(true);
  private final AtomicBoolean onTrial = new AtomicBoolean();
  private volatile boolean suspect;

  /** The nanosecond of the last answer. */
  private volatile long answeredAt = System.nanoTime();

  /**
   * Lets all requests through.
   *
   * @param threshold how many failures in a row keep them off
   */
  CircuitBreaker(int threshold) {
    this.threshold = threshold;
  }

  boolean isAvailable() {
    return available.get();
  }

  /**
   * Lets a caller ask a server that is suspect, and no other before {@link #endTrial}; returns
   * whether it may.
   */
  boolean beginTrial() {
    return onTrial.compareAndSet(false, true);
  }

  void endTrial() {
    onTrial.set(false);
  }

  boolean isSuspect() {
    return suspect;
  }

  /**
   * Takes notice of an answer.
   *
   * @param now by {@link System#nanoTime}
   */
  void succeeded(long now) {
    answeredAt = now;
    if (suspect) {
      suspect = false;
    }
    if (failures.get() != 0) {
      failures.set(0);
    }
  }

  /**
   * Takes notice of a call that was not answered in time.
   *
   * @param sentAt when the call was sent, by {@link System#nanoTime}
   * @return whether this call is the one that keeps requests off from now on
   */
  boolean late(long sentAt, long now) {
    if (now - answeredAt > (now - sentAt) / 2) {
      suspect = true;
    }
    return failed();
  }

  /** Likewise of a call that failed. */
  boolean failed() {
    return failures.incrementAndGet() >= threshold && trip();
  }

  /** Keeps requests off at once; returns whether nobody did so before. */
  boolean trip() {
    return available.compareAndSet(true, false);
  }

  /** Lets requests through again. */
  void back() {
    available.set(true);
  }
}
