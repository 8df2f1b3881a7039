package dev.penstock;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/**
 * What is promised to those who wait, in real time: the nominal rate, in the order of arrival, and
 * nobody early. That a thread runs late is the machine's doing; it is held to a hundredth of the
 * whole in one round of three.
 */
public abstract class WaitingContract {

  private static final Identity USER = Identity.user("acme", "u1");
  private static final Duration PATIENCE = Duration.ofMinutes(1);
  private static final long SECONDS = 10;
  private static final int ROUNDS = 3;

  /** For so long others wait first: on most machines all threads have their place by then. */
  private static final long LEAD_SECONDS = 3;

  @Test
  protected final void acquire_200Threads_passAtTheNominalRateInTheOrderOfArrival() {
    assertNominal(200, Thread::new);
  }

  /** Virtual ones where the JDK has them. */
  @Test
  protected final void acquire_1000Threads_passAtTheNominalRateInTheOrderOfArrival() {
    assertNominal(1000, Runtime.version().feature() >= 21 ? WaitingContract::virtual : Thread::new);
  }

  /** Returns a limiter whose only user this is. */
  protected abstract RateLimiter limiter();

  private static Thread virtual(Runnable task) {
    try {
      Object builder = Thread.class.getMethod("ofVirtual").invoke(null);
      return (Thread)
          Class.forName("java.lang.Thread$Builder")
              .getMethod("unstarted", Runnable.class)
              .invoke(builder, task);
    } catch (ReflectiveOperationException e) {
      throw new LinkageError(e.toString(), e);
    }
  }

  private void assertNominal(int threads, Function<Runnable, Thread> maker) {
    long whole = Duration.ofSeconds(SECONDS).toNanos();
    List<Long> late = new ArrayList<>();
    do {
      late.add(new Round(threads, maker).run());
    } while (late.get(late.size() - 1) > whole / 100 && late.size() < ROUNDS);
    assertThat(late).as("lateness of the last, in ns").anyMatch(nanos -> nanos <= whole / 100);
  }

  private final class Round {

    private final RateLimiter limiter = limiter();
    private final LimitPolicy policy;
    private final Function<Runnable, Thread> maker;
    private final long interval;
    private final long[] passed;
    private final List<CompletableFuture<Reservation>> first = new ArrayList<>();

    /** How many intervals go by before the first thread passes, less one. */
    private final long ahead;

    private long before;
    private long after;

    Round(int threads, Function<Runnable, Thread> maker) {
      long perSecond = threads / SECONDS;
      this.policy = LimitPolicy.perIdentity("rate", Limit.of(1, perSecond, Duration.ofSeconds(1)));
      this.interval = Duration.ofSeconds(1).toNanos() / perSecond;
      this.maker = maker;
      this.passed = new long[threads];
      this.ahead = perSecond * LEAD_SECONDS;
    }

    /** Returns how late the last one was, in nanoseconds. */
    long run() {
      do {
        limiter.reset(USER, policy);
        before = System.nanoTime();
        limiter.tryAcquire(USER, policy);
        after = System.nanoTime();
        pause(1);
      } while (after - before > interval / 4);
      for (int i = 1; i < ahead; i++) {
        first.add(limiter.acquireAsync(USER, policy, Cost.ONE_REQUEST, PATIENCE));
      }
      List<Thread> waiters = new ArrayList<>();
      while (timeOfNext() < before + ahead * interval - interval / 2) {
        pause(1);
      }
      long next = timeOfNext();
      for (int i = 0; i < passed.length; i++) {
        int number = i;
        Thread waiter = maker.apply(() -> pass(number));
        waiter.start();
        waiters.add(waiter);
        while (timeOfNext() < next + i * interval + interval / 2) {
          pause(1);
        }
      }
      while (System.nanoTime() - before < (ahead + passed.length - 1) * interval) {
        assertThat(limiter.tryAcquire(USER, policy).permitted()).as("came later").isFalse();
        pause(Duration.ofMillis(1).toNanos());
      }
      waiters.forEach(WaitingContract::join);
      assertThat(first).allMatch(waiting -> waiting.join().permitted());
      for (int i = 0; i < passed.length; i++) {
        assertThat(passed[i] - before).as("early").isGreaterThanOrEqualTo((ahead + i) * interval);
      }
      return passed[passed.length - 1] - after - (ahead + passed.length - 1) * interval;
    }

    /** Returns when whoever comes next would pass, to a quarter of an interval. */
    private long timeOfNext() {
      long asked;
      long retryAfter;
      do {
        asked = System.nanoTime();
        retryAfter = limiter.peek(USER, policy).retryAfterNanos();
      } while (System.nanoTime() - asked > interval / 4);
      return asked + retryAfter;
    }

    private void pass(int number) {
      try (Reservation run = limiter.acquire(USER, policy, Cost.ONE_REQUEST, PATIENCE)) {
        if (run.permitted()) {
          passed[number] = System.nanoTime();
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt(); // and has not passed
      }
    }
  }

  /** Fails once the test's time is over, which interrupts it. */
  private static void pause(long nanos) {
    LockSupport.parkNanos(nanos);
    assertThat(Thread.currentThread().isInterrupted()).as("out of time").isFalse();
  }

  private static void join(Thread thread) {
    try {
      thread.join();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
