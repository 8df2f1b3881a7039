package dev.penstock.redis.wire;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/**
 * Asks servers that are away again and again, each on a daemon thread of its own, which lives only
 * meanwhile. Thread-safe.
 */
final class Prober implements AutoCloseable {

  private final Duration interval;
  private final Set<Thread> threads = ConcurrentHashMap.newKeySet();
  private volatile boolean closed;

  /**
   * Asks nobody yet.
   *
   * @param interval how long it waits before each question
   */
  Prober(Duration interval) {
    this.interval = interval;
  }

  /** Asks from now on until the answer is true. */
  void start(BooleanSupplier isBack) {
    Thread thread = new Thread(() -> askUntil(isBack), "penstock-redis-probe");
    thread.setDaemon(true);
    threads.add(thread);
    thread.start();
  }

  private void askUntil(BooleanSupplier isBack) {
    boolean done = closed;
    while (!done) {
      LockSupport.parkNanos(this, interval.toNanos());
      done = closed || isBack.getAsBoolean();
    }
    threads.remove(Thread.currentThread());
  }

  boolean isClosed() {
    return closed;
  }

  @Override
  public void close() {
    closed = true;
    threads.forEach(LockSupport::unpark);
  }
}
