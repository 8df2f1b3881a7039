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

  void succeeded() {
    if (failures.get() != 0) {
      failures.set(0);
    }
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
        failures.set(0);
        listener.onChange(true);
        available.set(true);
        return;
      }
    }
  }
}
