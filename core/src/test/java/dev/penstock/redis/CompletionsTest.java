package dev.penstock.redis;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class CompletionsTest {

  private static final int MANY = 1_000;

  private final Deque<Runnable> tasks = new ArrayDeque<>();
  private final List<Integer> told = new ArrayList<>();
  private boolean runsAtOnce;
  private long now = Duration.ofSeconds(5).toNanos();

  private final Completions completions =
      new Completions(
          task -> {
            if (runsAtOnce) {
              task.run();
            } else {
              tasks.add(task);
            }
          },
          () -> now);

  private void addMany() {
    IntStream.range(0, MANY).forEach(i -> completions.add(() -> told.add(i)));
  }

  private void assertToldInOrder() {
    assertThat(told).containsExactlyElementsOf(IntStream.range(0, MANY).boxed().toList());
  }

  @Test
  void add_manyAtOnce_areToldInOrderByFewTasks() {
    addMany();
    assertThat(tasks).hasSize(1);
    int ran = 0;
    while (!tasks.isEmpty()) {
      tasks.poll().run();
      ran++;
    }
    assertToldInOrder();
    assertThat(ran).isLessThan(10);
  }

  @Test
  void add_moreThanOneTaskTells_leavesTheThreadToOthersMeanwhile() {
    addMany();
    tasks.poll().run();
    assertThat(told).hasSizeLessThan(MANY);
    assertThat(tasks).hasSize(1);
  }

  @Test
  void add_executorRunsAtOnceFromThenOn_allAreToldInOrder() {
    addMany();
    runsAtOnce = true;
    tasks.poll().run();
    assertToldInOrder();
  }

  @Test
  void add_executorRunsAtOnce_isToldBeforeItReturns() {
    runsAtOnce = true;
    completions.add(() -> completions.add(() -> told.add(1)));
    assertThat(told).containsExactly(1);
  }

  @Test
  void add_callbackWaitsForOneBehindIt_bothAreTold() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(2);
    try {
      Completions waiting = new Completions(threads, System::nanoTime);
      CompletableFuture<Boolean> first = new CompletableFuture<>();
      CompletableFuture<Boolean> last = new CompletableFuture<>();
      waiting.add(
          () -> {
            waiting.add(() -> last.complete(true));
            first.complete(last.orTimeout(20, TimeUnit.SECONDS).join());
          });
      assertThat(first.get(30, TimeUnit.SECONDS)).isTrue();
    } finally {
      threads.shutdown();
    }
  }

  @Test
  void add_callbackBlocksBeforeOthersOfItsBatch_anotherThreadTellsThem() {
    List<Runnable> whileTheFirstRuns = new ArrayList<>();
    completions.add(
        () -> {
          whileTheFirstRuns.addAll(tasks);
          tasks.clear();
          whileTheFirstRuns.forEach(CompletionsTest::runElsewhere);
          assertThat(told).hasSize(1);
          told.add(2);
        });
    completions.add(() -> told.add(1));
    tasks.poll().run();
    assertThat(told).containsExactly(1, 2);
  }

  private static void runElsewhere(Runnable task) {
    CompletableFuture.runAsync(task).orTimeout(20, TimeUnit.SECONDS).join();
  }

  @Test
  void add_callbackThrows_theOthersAreTold() {
    completions.add(
        () -> {
          throw new AssertionError("of the application's");
        });
    completions.add(() -> told.add(1));
    tasks.poll().run();
    assertThat(told).containsExactly(1);
  }

  @Test
  void add_executorDroppedATask_theNextOneAWhileLaterTellsAll() {
    completions.add(() -> told.add(1));
    tasks.clear();
    now += Duration.ofSeconds(2).toNanos();
    completions.add(() -> told.add(2));
    tasks.poll().run();
    assertThat(told).containsExactly(1, 2);
  }
}
