package dev.penstock.redis;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Keeps requests off a server that does not answer: after some failures in a row nobody calls it,
 * but for a probe of its own thread, which lets the requests through again once it succeeds. The
 * thread lives only while the server is away.
 *
 * <p>A server that was late, and silent for most of that time, is suspect until it answers: one
 * caller at a time finds out, and no other waits for it.
 */
final class CircuitBreaker implements AutoCloseable {

  /** Is told when the server goes and when it is back. */
  interface Listener {
    void onChange(boolean available);
  }

  private final int threshold;
  private final Duration probeInterval;
  private final BooleanSupplier probe;
  private final Listener listener;
  private final AtomicInteger failures = new AtomicInteger();
  private final AtomicBoolean available = new AtomicBoolean(true);
  private final AtomicBoolean onTrial = new AtomicBoolean();
  private volatile boolean suspect;

  /** The nanosecond of the last answer. */
  private volatile long answeredAt = System.nanoTime();

  private volatile boolean closed;
  private volatile @Nullable Thread prober;

  CircuitBreaker(int threshold, Duration probeInterval, BooleanSupplier probe, Listener listener) {
    this.threshold = threshold;
    this.probeInterval = probeInterval;
    this.probe = probe;
    this.listener = listener;
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
   */
  void late(long sentAt, long now) {
    if (now - answeredAt > (now - sentAt) / 2) {
      suspect = true;
    }
    failed();
  }

  void failed() {
    if (failures.incrementAndGet() >= threshold) {
      trip();
    }
  }

  /** Keeps requests off at once. */
  void trip() {
    if (!closed && available.compareAndSet(true, false)) {
      listener.onChange(false);
      Thread thread = new Thread(this::probeUntilBack, "penstock-redis-probe");
      thread.setDaemon(true);
      prober = thread;
      thread.start();
    }
  }

  @Override
  public void close() {
    closed = true;
    LockSupport.unpark(prober);
  }

  private void probeUntilBack() {
    while (!closed) {
      LockSupport.parkNanos(this, probeInterval.toNanos());
      if (!closed && probe.getAsBoolean()) {
        succeeded(System.nanoTime());
        listener.onChange(true);
        available.set(true);
        return;
      }
    }
  }
}
