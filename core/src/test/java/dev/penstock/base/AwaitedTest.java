package dev.penstock.base;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class AwaitedTest {

  private static final Timer TIMER = new Timer("awaited-test");

  /** Comes when the test says so. */
  private static final class Later extends Awaited<String> {

    private volatile boolean hasCome;

    @Override
    protected long look() {
      return hasCome ? 0 : Duration.ofHours(1).toNanos();
    }

    @Override
    protected String result() {
      return "come";
    }

    @Override
    protected void giveUp() {}
  }

  /** As when many leave a line, and each moves all behind it. */
  @Test
  void wake_manyTimesBeforeAnyLook_isOneTask() throws Exception {
    Later later = new Later();
    CompletableFuture<String> future = later.future(TIMER, true);
    CountDownLatch goOn = new CountDownLatch(1);
    int threads = ForkJoinPool.getCommonPoolParallelism();
    CountDownLatch busy = new CountDownLatch(threads);
    for (int i = 0; i < threads; i++) {
      ForkJoinPool.commonPool()
          .execute(
              () -> {
                busy.countDown();
                awaitUninterruptibly(goOn);
              });
    }
    try {
      assertThat(busy.await(20, TimeUnit.SECONDS)).isTrue();
      for (int i = 0; i < 10_000; i++) {
        later.wake();
      }
      assertThat(ForkJoinPool.commonPool().getQueuedSubmissionCount()).isLessThan(100);
      later.hasCome = true;
    } finally {
      goOn.countDown();
    }
    assertThat(future.get(20, TimeUnit.SECONDS)).isEqualTo("come");
  }

  @Test
  void wake_executorThrowsOnce_isLookedAtAllTheSame() throws Exception {
    AtomicInteger tasks = new AtomicInteger();
    Executor executor =
        task -> {
          if (tasks.incrementAndGet() == 1) {
            throw new OutOfMemoryError("unable to create native thread");
          }
          task.run();
        };
    Later later = new Later();
    CompletableFuture<String> future = later.future(TIMER, true, executor);
    later.wake();
    later.hasCome = true;
    later.wake();
    assertThat(future.get(20, TimeUnit.SECONDS)).isEqualTo("come");
    assertThat(tasks).hasValue(2);
  }

  @Test
  void future_executorThrows_isLookedAtAllTheSame() throws Exception {
    Later later = new Later();
    later.hasCome = true;
    CompletableFuture<String> future =
        later.future(
            TIMER,
            false,
            task -> {
              throw new OutOfMemoryError("unable to create native thread");
            });
    assertThat(future.get(20, TimeUnit.SECONDS)).isEqualTo("come");
  }

  private static void awaitUninterruptibly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
