package dev.penstock.base;

import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Has something done later, by one daemon thread for all, which is there while something is to be
 * done and some seconds longer. What it runs must not block: it holds up the others.
 *
 * <p>What is cancelled is forgotten at once. Thread-safe; there is nothing to close.
 */
public final class Timer {

  private static final long IDLE_SECONDS = 5;

  private final ScheduledThreadPoolExecutor executor;

  /**
   * Makes one; no thread starts yet.
   *
   * @param threadName what its thread is called
   */
  public Timer(String threadName) {
    executor = new ScheduledThreadPoolExecutor(1, task -> daemon(task, threadName));
    executor.setRemoveOnCancelPolicy(true);
    executor.setKeepAliveTime(IDLE_SECONDS, TimeUnit.SECONDS);
    executor.allowCoreThreadTimeOut(true);
  }

  /** Of whoever happens to be first it keeps nothing alive: no class loader, no thread's values. */
  private static Thread daemon(Runnable task, String name) {
    Thread thread = new Thread(null, task, name, 0, false);
    thread.setDaemon(true);
    thread.setContextClassLoader(null);
    return thread;
  }

  /**
   * Has something done.
   *
   * @param nanos when, from now
   * @param task what, without blocking
   * @return what cancels it
   */
  public Future<?> after(long nanos, Runnable task) {
    return executor.schedule(task, nanos, TimeUnit.NANOSECONDS);
  }

  /** {@return how many tasks are still to be done} */
  int size() {
    return executor.getQueue().size();
  }
}
