package dev.penstock.redis;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** Does things soon, one after the other, and rejects what is too much. */
final class BoundedExecutor {

  private static final int MOST_WAITING = 10_000;

  private BoundedExecutor() {}

  /** Returns one whose thread lives only while there is something to do, and ends with others. */
  static ExecutorService ofThread(String name) {
    ThreadPoolExecutor thread =
        new ThreadPoolExecutor(
            1,
            1,
            Lease.LIFE_NANOS,
            TimeUnit.NANOSECONDS,
            new LinkedBlockingQueue<>(MOST_WAITING),
            task -> {
              Thread made = new Thread(task, name);
              made.setDaemon(true);
              return made;
            });
    thread.allowCoreThreadTimeOut(true);
    return thread;
  }
}
