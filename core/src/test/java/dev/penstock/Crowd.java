package dev.penstock;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntFunction;
import java.util.function.ObjIntConsumer;

/** Threads that do something at the same moment, again and again. */
public final class Crowd implements AutoCloseable {

  private final int threads;
  private final ExecutorService pool;

  public Crowd(int threads) {
    this.threads = threads;
    this.pool = Executors.newFixedThreadPool(threads);
  }

  /** Returns what each thread answers to its number, from 0; fails as the first that fails. */
  public <T> List<T> ask(IntFunction<T> question) {
    CyclicBarrier start = new CyclicBarrier(threads);
    List<Future<T>> answers = new ArrayList<>();
    for (int i = 0; i < threads; i++) {
      int number = i;
      answers.add(pool.submit(() -> askAtOnce(start, question, number)));
    }
    List<T> all = new ArrayList<>();
    for (Future<T> answer : answers) {
      all.add(join(answer));
    }
    return all;
  }

  /**
   * Has every thread take each step at the same moment, more closely than by waking up: all spin
   * for a while until the last has come. Best with two threads.
   */
  public void lockstep(int steps, ObjIntConsumer<Integer> step) {
    AtomicInteger arrived = new AtomicInteger();
    ask(
        thread -> {
          try {
            for (int i = 0; i < steps; i++) {
              arrived.incrementAndGet();
              for (int spin = 0; arrived.get() < threads * (i + 1); spin++) {
                if (spin < 1000) {
                  Thread.onSpinWait();
                } else {
                  LockSupport.parkNanos(1);
                }
              }
              step.accept(thread, i);
            }
          } finally {
            arrived.set(Integer.MAX_VALUE / 2);
          }
          return thread;
        });
  }

  /** Returns how many of the threads were permitted. */
  public int permitted(IntFunction<Decision> request) {
    return (int) ask(request).stream().filter(Decision::permitted).count();
  }

  private static <T> T askAtOnce(CyclicBarrier start, IntFunction<T> question, int number)
      throws InterruptedException, BrokenBarrierException {
    start.await();
    return question.apply(number);
  }

  private static <T> T join(Future<T> answer) {
    try {
      return answer.get();
    } catch (ExecutionException e) {
      throw new AssertionError(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  @Override
  public void close() {
    pool.shutdownNow();
  }
}
