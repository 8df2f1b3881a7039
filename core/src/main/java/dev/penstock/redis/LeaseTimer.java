package dev.penstock.redis;

import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** Does something later, one after the other. */
interface LeaseTimer extends AutoCloseable {

  void after(long nanos, Runnable action);

  /** Forgets what has not been done. */
  @Override
  void close();

  /** Returns a timer whose thread lives only while there is something to do. */
  static LeaseTimer ofThread(String name) {
    ScheduledThreadPoolExecutor thread =
        new ScheduledThreadPoolExecutor(
            1,
            task -> {
              Thread made = new Thread(task, name);
              made.setDaemon(true);
              return made;
            },
            new ThreadPoolExecutor.DiscardPolicy());
    thread.setKeepAliveTime(Lease.LIFE_NANOS, TimeUnit.NANOSECONDS);
    thread.allowCoreThreadTimeOut(true);
    thread.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    return new LeaseTimer() {
      @Override
      public void after(long nanos, Runnable action) {
        var unused = thread.schedule(action, nanos, TimeUnit.NANOSECONDS);
      }

      @Override
      public void close() {
        thread.shutdown();
      }
    };
  }
}
