package dev.penstock.jdkhttp;

import com.sun.net.httpserver.HttpExchange;
import java.util.Collections;
import java.util.Map;
import java.util.WeakHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/**
 * The threads of a server that wait for the content of rejected requests. However many clients
 * withhold it, all other threads are there for everybody else.
 *
 * @param waiting how many wait now, in all filters and servers that share the executor
 * @param most how many may
 */
record WaitingThreads(AtomicInteger waiting, int most) {

  private static final int PARTS = 4;

  /** Gone when the executor is. */
  private static final Map<@Nullable Executor, AtomicInteger> WAITING =
      Collections.synchronizedMap(new WeakHashMap<>());

  /** Returns the threads of the server that handles this exchange; none may wait without an end. */
  static WaitingThreads of(HttpExchange exchange, ToIntFunction<@Nullable Executor> most) {
    Executor executor = exchange.getHttpContext().getServer().getExecutor();
    AtomicInteger waiting = WAITING.computeIfAbsent(executor, e -> new AtomicInteger());
    return new WaitingThreads(
        waiting, Deadline.endsWaitsOf(exchange) ? most.applyAsInt(executor) : 0);
  }

  /**
   * Returns a quarter of the executor's threads, rounded down; 0 where it does not say how many it
   * has, as one thread may be all.
   */
  static int quarter(@Nullable Executor executor) {
    if (executor instanceof ThreadPoolExecutor pool) {
      // A queue that takes tasks is full before there is a thread beyond the core.
      boolean grows = pool.getQueue() instanceof SynchronousQueue;
      return (grows ? pool.getMaximumPoolSize() : pool.getCorePoolSize()) / PARTS;
    }
    if (executor instanceof ForkJoinPool pool) {
      return pool.getParallelism() / PARTS;
    }
    return isVirtual(Thread.currentThread()) ? Integer.MAX_VALUE : 0;
  }

  static boolean isVirtual(Thread thread) {
    try {
      return Boolean.TRUE.equals(Thread.class.getMethod("isVirtual").invoke(thread));
    } catch (ReflectiveOperationException beforeJava21) {
      return false;
    }
  }

  /** Returns whether this thread may wait; it then says when it has. */
  boolean tryEnter() {
    int now = waiting.get();
    while (now < most) {
      if (waiting.compareAndSet(now, now + 1)) {
        return true;
      }
      now = waiting.get();
    }
    return false;
  }

  void leave() {
    waiting.decrementAndGet();
  }
}
