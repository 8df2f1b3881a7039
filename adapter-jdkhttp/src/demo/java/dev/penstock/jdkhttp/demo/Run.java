package dev.penstock.jdkhttp.demo;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Plays the work of an agent, which uses tokens as it goes, and can be cancelled. Thread-safe. */
final class Run implements Runnable {

  private final int seconds;
  private final long tokens;
  private final CountDownLatch cancelled = new CountDownLatch(1);
  private final CountDownLatch over = new CountDownLatch(1);
  private volatile long usedTokens;

  Run(int seconds, long tokens) {
    this.seconds = seconds;
    this.tokens = tokens;
  }

  /** Works until it is done, cancelled or interrupted. */
  @Override
  public void run() {
    try {
      for (int second = 0; second < seconds && !cancelled.await(1, TimeUnit.SECONDS); second++) {
        usedTokens = tokens * (second + 1) / seconds;
      }
      if (seconds == 0) {
        usedTokens = tokens;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      over.countDown();
    }
  }

  void cancel() {
    cancelled.countDown();
  }

  /** Waits for a second at most, and returns whether there is nothing left to do. */
  boolean isOver() throws InterruptedException {
    return over.await(1, TimeUnit.SECONDS);
  }

  /** Returns how many tokens it has used so far. */
  long usedTokens() {
    return usedTokens;
  }
}
