package dev.penstock.base;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class TimerTest {

  private final Timer timer = new Timer("penstock-test-timer");

  @Test
  void after_cancelled_leavesNothingBehind() {
    List<Future<?>> tasks = new ArrayList<>();
    for (int i = 0; i < 10_000; i++) {
      tasks.add(timer.after(TimeUnit.HOURS.toNanos(1 + i), () -> {}));
    }
    assertThat(timer.size()).isEqualTo(10_000);
    tasks.forEach(task -> task.cancel(false));
    assertThat(timer.size()).isZero();
  }

  @Test
  void after_due_runsOnADaemonThatKeepsNothingOfTheCaller() throws Exception {
    CompletableFuture<Thread> ran = new CompletableFuture<>();
    CompletableFuture<ClassLoader> loader = new CompletableFuture<>();
    Future<?> task =
        timer.after(
            1,
            () -> {
              loader.complete(Thread.currentThread().getContextClassLoader());
              ran.complete(Thread.currentThread());
            });
    Thread thread = ran.get(1, TimeUnit.MINUTES);
    assertThat(task.isCancelled()).isFalse();
    assertThat(thread.isDaemon()).isTrue();
    assertThat(thread.getName()).isEqualTo("penstock-test-timer");
    assertThat(loader.get()).isNull();
    thread.join(TimeUnit.MINUTES.toMillis(1));
    assertThat(thread.isAlive()).as("once there is nothing to do").isFalse();
  }
}
