package dev.penstock.redis;

import dev.penstock.base.Awaited;
import dev.penstock.base.BoundedLog;
import dev.penstock.redis.wire.RedisLog;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Completions of callers' futures, run by the executor of callbacks: what comes at once, as a batch
 * of replies does, by one task, as to hand over to another thread costs more than what is handed
 * over.
 *
 * <p><b>State.</b> A completion is in the queue until a task takes it. A task is on call from when
 * the executor gets it until it starts; the word has when it got it, or {@code NOBODY}.
 *
 * <p><b>Transitions.</b> Who adds a completion has a task put on call if none is. A task that
 * starts is on call no more, and runs what is in the queue; before each that leaves others behind
 * it has another put on call. So a callback that blocks holds up nobody for whom the executor has a
 * thread, even if it waits for one of those behind it.
 *
 * <p><b>Ordering.</b> The queue is filled before the word is read, and the word is written before
 * the queue is read: of a caller that finds a task on call and a task that finds no completion one
 * sees the other.
 *
 * <p><b>Progress.</b> Nobody waits. An executor that drops a task has another put on call by
 * whatever is to be told a while later.
 */
final class Completions {

  private static final long NOBODY = 0;

  /** As long as a task runs, the executor's other work waits for its thread. */
  private static final int MOST_AT_ONCE = 256;

  /** After so long on call a task may have been dropped. */
  private static final long LOST_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final Executor callbacks;
  private final LongSupplier nanoClock;
  private final BoundedLog log = RedisLog.ofRepetitions();
  private final Queue<Runnable> queue = new ConcurrentLinkedQueue<>();
  private final AtomicLong onCallSince = new AtomicLong(NOBODY);

  /**
   * @param callbacks runs the tasks
   * @param nanoClock tells for how long a task has been on call
   */
  Completions(Executor callbacks, LongSupplier nanoClock) {
    this.callbacks = callbacks;
    this.nanoClock = nanoClock;
  }

  /** Has a completion run soon, by another thread where the executor has one. */
  void add(Runnable completion) {
    queue.add(completion);
    callTask(false);
  }

  /**
   * Puts a task on call if none is.
   *
   * @param byTask whether a task does, which goes on itself if the executor has no other thread
   */
  private void callTask(boolean byTask) {
    long since = onCallSince.get();
    long now = nanoClock.getAsLong() | 1; // which is never nobody
    if ((since != NOBODY && now - since < LOST_NANOS) || !onCallSince.compareAndSet(since, now)) {
      return;
    }
    Task task = new Task();
    task.caller = byTask ? Thread.currentThread() : null;
    try {
      execute(task);
    } catch (Throwable e) {
      onCallSince.set(NOBODY);
      throw e;
    } finally {
      task.caller = null;
    }
  }

  private void execute(Task task) {
    try {
      callbacks.execute(task);
    } catch (Throwable e) { // whatever the application's executor throws, somebody is to be told
      log.warn("The executor of callbacks rejects a decision, the common pool tells it", e);
      Awaited.pool().execute(task);
    }
  }

  private final class Task implements Runnable {

    /** The task's thread that is calling this one; only read to compare it with one's own. */
    private volatile @Nullable Thread caller;

    @Override
    public void run() {
      onCallSince.set(NOBODY);
      if (caller == Thread.currentThread()) {
        return; // inside of another task, which goes on
      }
      for (int i = 0; i < MOST_AT_ONCE; i++) {
        @Nullable Runnable completion = queue.poll();
        if (completion == null) {
          return;
        }
        if (!queue.isEmpty()) {
          callTask(true);
        }
        try {
          completion.run();
        } catch (Throwable e) { // the others are to be told of theirs
          log.warn("A decision is not told", e);
        }
      }
      if (!queue.isEmpty()) {
        callTask(false);
      }
    }
  }
}
