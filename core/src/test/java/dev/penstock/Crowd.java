package dev.penstock;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.IntFunction;

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
