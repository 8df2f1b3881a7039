package dev.penstock.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import org.junit.jupiter.api.Test;

class CountsByThreadTest {

  private static final int TIMES = 10_000;

  private final CountsByThread counts = new CountsByThread();

  @Test
  void count_anyNumber_isSummedApart() {
    assertThat(counts.sum(0)).isZero();
    for (int number : new int[] {0, 7, 0, 8, 10_000}) {
      assertThat(counts.count(number)).isTrue();
    }
    assertThat(counts.sum(0)).isEqualTo(2);
    assertThat(counts.sum(7)).isOne();
    assertThat(counts.sum(8)).isOne();
    assertThat(counts.sum(9)).isZero();
    assertThat(counts.sum(10_000)).isOne();
    assertThat(counts.sum(50_000)).isZero();
  }

  /** Of two whose ids end alike the first has the place as long as it lives. */
  @Test
  void count_placeOfAnotherThread_isRefused() throws InterruptedException {
    assertThat(counts.count(1)).isTrue();
    AtomicBoolean isCounted = new AtomicBoolean(true);
    Thread other = newThreadLike(() -> isCounted.set(counts.count(1)));
    other.start();
    other.join();
    assertThat(isCounted).isFalse();
    assertThat(counts.sum(1)).isOne();
  }

  /** Returns a thread that finds the place of this one taken. */
  static Thread newThreadLike(Runnable work) {
    long first = Thread.currentThread().getId();
    Thread thread = new Thread(work);
    while ((thread.getId() - first) % CountsByThread.PLACES != 0) {
      thread = new Thread(work);
    }
    return thread;
  }

  @Test
  void count_placeOfAThreadThatIsGone_isTakenWithWhatItHasCounted() throws InterruptedException {
    WeakReference<Thread> first = countedBy(new Thread(() -> counts.count(3)));
    while (!first.refersTo(null)) {
      System.gc();
    }
    AtomicBoolean isCounted = new AtomicBoolean();
    for (int i = 0; i < CountsByThread.PLACES; i++) {
      countedBy(new Thread(() -> isCounted.set(counts.count(3))));
      assertThat(isCounted).isTrue();
    }
    assertThat(counts.sum(3)).isEqualTo(1 + CountsByThread.PLACES);
  }

  private static WeakReference<Thread> countedBy(Thread thread) throws InterruptedException {
    thread.start();
    thread.join();
    return new WeakReference<>(thread);
  }

  /** More threads than places, which grow while others read. */
  @Test
  void count_manyThreadsAtOnce_losesNothingAndNeverFalls() throws InterruptedException {
    int threads = CountsByThread.PLACES + 50;
    LongAdder refused = new LongAdder();
    CountDownLatch go = new CountDownLatch(1);
    List<Thread> all = new ArrayList<>();
    for (int i = 0; i < threads; i++) {
      Thread thread =
          new Thread(
              () -> {
                await(go);
                for (int time = 0; time < TIMES; time++) {
                  if (!counts.count(time % 100)) {
                    refused.increment();
                  }
                }
              });
      thread.start();
      all.add(thread);
    }
    go.countDown();
    long seen = 0;
    while (all.stream().anyMatch(Thread::isAlive)) {
      long sum = counts.sum(5);
      assertThat(sum).isGreaterThanOrEqualTo(seen);
      seen = sum;
    }
    long sum = 0;
    for (int number = 0; number < 100; number++) {
      sum += counts.sum(number);
    }
    assertThat(refused.sum()).isGreaterThanOrEqualTo(50L * TIMES);
    assertThat(sum + refused.sum()).isEqualTo((long) threads * TIMES);
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
