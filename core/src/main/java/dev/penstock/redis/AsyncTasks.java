package dev.penstock.redis;

import dev.penstock.base.Awaited;
import dev.penstock.base.BoundedLog;
import dev.penstock.redis.wire.RedisLog;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * What asks Redis for callers that do not wait, by a few daemon threads that live only while there
 * is something to do; and tells them of it elsewhere.
 */
final class AsyncTasks implements AutoCloseable {

  private static final int THREADS = 16;
  private static final long LONGEST_END_SECONDS = 1;

  private final Executor callbacks;
  private final ThreadPoolExecutor threads;
  private final BoundedLog log = RedisLog.ofRepetitions();

  /**
   * @param most how many may wait for a thread
   * @param callbacks tells of what is done
   */
  AsyncTasks(int most, Executor callbacks) {
    this.callbacks = callbacks;
    this.threads =
        new ThreadPoolExecutor(
            THREADS,
            THREADS,
            Lease.LIFE_NANOS,
            TimeUnit.NANOSECONDS,
            new LinkedBlockingQueue<>(most),
            task -> {
              Thread made = new Thread(task, "penstock-redis-asks");
              made.setDaemon(true);
              return made;
            });
    threads.allowCoreThreadTimeOut(true);
  }

  /** Has a thread do something that may take a while; where none will, does the other here. */
  void run(Runnable task, Runnable otherwise) {
    try {
      threads.execute(task);
    } catch (Throwable e) { // too many wait, it is closed, or no thread can be had
      otherwise.run();
    }
  }

  /** Runs what completes a future of a caller's, and with it whatever that one has attached. */
  void tell(Runnable completion) {
    try {
      callbacks.execute(completion);
    } catch (Throwable e) { // whatever the application's executor throws, somebody is to be told
      log.warn("The executor of callbacks rejects a decision, the common pool tells it", e);
      Awaited.pool().execute(completion);
    }
  }

  /** Ends the threads once what waits is done; waits for that, but not for long. */
  @Override
  public void close() {
    threads.shutdown();
    try {
      if (!threads.awaitTermination(LONGEST_END_SECONDS, TimeUnit.SECONDS)) {
        log.warn(
            "Decisions for which nobody waited are still under way when the limiter is closed");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
