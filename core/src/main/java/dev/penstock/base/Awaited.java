package dev.penstock.base;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Something that takes time, awaited once: by a thread, which is parked meanwhile, or by no thread,
 * with a future.
 *
 * <p><b>State.</b> Of a future {@code looks} counts what asks for a look: whoever makes it 1 looks,
 * until it is 0 again; once the result is out, or nobody wants it any more, it is never 0 again. So
 * one thread looks at a time, and each of them sees what the one before it did.
 *
 * <p>Whoever awaits is woken where the time has changed, and looks anew; a wake too many is benign.
 *
 * @param <T> what comes in the end
 */
public abstract class Awaited<T> {

  /** JDK's own choice, a thread for each task, where the common pool has one thread, is slow. */
  private static final Executor POOL =
      ForkJoinPool.getCommonPoolParallelism() > 0
          ? ForkJoinPool.commonPool()
          : task -> new Thread(task, "penstock-awaited").start();

  private final AtomicInteger looks = new AtomicInteger();

  /** Whether a look is on its way already: of many who wake, one has it done. */
  private final AtomicBoolean isWoken = new AtomicBoolean();

  private volatile @Nullable Thread thread;

  /** What looks anew for a future. */
  private volatile @Nullable Runnable lookAnew;

  /** What looks, where it is not the caller; written before {@link #lookAnew}. */
  private Executor executor = POOL;

  private volatile boolean isUnwanted;
  private @Nullable Future<?> nextLook;

  /** {@return what completes futures for which no executor is said} */
  public static Executor pool() {
    return POOL;
  }

  /** Begins to be awaited. */
  protected Awaited() {}

  /**
   * Looks whether it has come. One thread at a time.
   *
   * @return nanoseconds after which to look again, above 0; 0 where there is a result
   */
  protected abstract long look();

  /** {@return what has come, after {@link #look} has said so} */
  protected abstract T result();

  /** Gives all back: nobody gets the result, whether there is one already or not. */
  protected abstract void giveUp();

  /**
   * Waits for it.
   *
   * @return the result
   * @throws InterruptedException if the thread is interrupted, before or meanwhile; then all is
   *     given back
   */
  public final T await() throws InterruptedException {
    if (Thread.interrupted()) {
      throw new InterruptedException();
    }
    thread = Thread.currentThread();
    try {
      long nanos = look();
      while (nanos > 0) {
        LockSupport.parkNanos(this, nanos);
        if (Thread.interrupted()) {
          throw new InterruptedException();
        }
        nanos = look();
      }
    } catch (Throwable e) { // of a clock of the caller's, too
      giveUp();
      throw e;
    }
    return result();
  }

  /**
   * Looks whether something comes of which this is made; who is woken then is whoever awaits this.
   *
   * @param part looked at by nobody else
   * @return as {@link #look}
   */
  protected final long look(Awaited<?> part) {
    part.lookAnew = this::wake;
    return part.look();
  }

  /**
   * {@return what has come of what this is made of}
   *
   * @param part of which {@link #look(Awaited)} has said so
   * @param <P> what it is
   */
  protected final <P> P result(Awaited<P> part) {
    return part.result();
  }

  /**
   * Gives back all of what this is made of.
   *
   * @param part looked at by nobody else
   */
  protected final void giveUp(Awaited<?> part) {
    part.giveUp();
  }

  /**
   * Returns a future that has it in the end, on a thread of the common pool. Once that is complete
   * by anything else, be it cancelled, all is given back.
   *
   * @param timer says when to look again
   * @param now whether the caller may look first; if not, a thread of the common pool does
   */
  public final CompletableFuture<T> future(Timer timer, boolean now) {
    return future(timer, now, POOL);
  }

  /**
   * Likewise.
   *
   * @param executor in the place of the common pool
   */
  @SuppressWarnings("FutureReturnValueIgnored") // it is complete when the other is
  public final CompletableFuture<T> future(Timer timer, boolean now, Executor executor) {
    this.executor = executor;
    CompletableFuture<T> future = new CompletableFuture<>();
    Runnable run = () -> run(future, timer);
    lookAnew = run;
    // By whatever it is complete; of the result itself nobody looks any more.
    future.whenComplete(
        (any, error) -> {
          isUnwanted = true;
          run.run();
        });
    if (now) {
      run.run();
    } else {
      execute(run);
    }
    return future;
  }

  /** Has whoever awaits it look anew. */
  public final void wake() {
    Runnable run = lookAnew;
    if (run == null) {
      LockSupport.unpark(thread);
    } else if (isWoken.compareAndSet(false, true)) {
      execute(
          () -> {
            isWoken.set(false);
            run.run();
          });
    }
  }

  private void execute(Runnable run) {
    try {
      executor.execute(run);
    } catch (Throwable e) { // no thread can be had: this one looks, or nobody ever would
      run.run();
    }
  }

  private void run(CompletableFuture<T> future, Timer timer) {
    if (looks.getAndIncrement() != 0) {
      return;
    }
    int seen;
    do {
      seen = looks.get();
      if (isOver(future, timer)) {
        return;
      }
    } while (looks.addAndGet(-seen) != 0);
  }

  private boolean isOver(CompletableFuture<T> future, Timer timer) {
    if (isUnwanted) {
      forgetNextLook();
      giveUp();
      return true;
    }
    try {
      long nanos = look();
      forgetNextLook();
      if (nanos > 0) {
        nextLook = timer.after(nanos, this::wake);
        return false;
      }
    } catch (Throwable e) { // as where a thread waits: it is the caller's
      forgetNextLook();
      giveUp();
      future.completeExceptionally(e);
      return true;
    }
    if (!future.complete(result())) {
      giveUp();
    }
    return true;
  }

  private void forgetNextLook() {
    Future<?> next = nextLook;
    if (next != null) {
      next.cancel(false);
    }
  }
}
