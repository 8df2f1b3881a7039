package dev.penstock.redis;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class AsyncTasksTest {

  @Test
  void tell_executorThrowsAnything_isToldAllTheSame() throws Exception {
    for (Throwable failure :
        List.of(
            new RejectedExecutionException("full"),
            new IllegalStateException("stopped"),
            new InternalError("unable to create native thread"))) {
      try (AsyncTasks tasks = new AsyncTasks(10, task -> fail(failure))) {
        CompletableFuture<Boolean> told = new CompletableFuture<>();
        tasks.tell(() -> told.complete(true));
        assertThat(told.get(20, TimeUnit.SECONDS)).isTrue();
      }
    }
  }

  private static void fail(Throwable failure) {
    if (failure instanceof Error error) {
      throw error;
    }
    throw (RuntimeException) failure;
  }

  /** As a settlement is, that has begun when the limiter is closed. */
  @Test
  void close_taskUnderWay_isWaitedFor() throws Exception {
    AsyncTasks tasks = new AsyncTasks(10, Runnable::run);
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch closed = new CountDownLatch(1);
    CompletableFuture<Boolean> outlived = new CompletableFuture<>();
    tasks.run(
        () -> {
          begun.countDown();
          outlived.complete(isClosedWithin(closed));
        },
        () -> {});
    assertThat(begun.await(20, TimeUnit.SECONDS)).isTrue();
    tasks.close();
    closed.countDown();
    assertThat(outlived.get(20, TimeUnit.SECONDS)).isFalse();
  }

  private static boolean isClosedWithin(CountDownLatch closed) {
    try {
      return closed.await(700, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
