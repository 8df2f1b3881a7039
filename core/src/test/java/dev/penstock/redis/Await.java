package dev.penstock.redis;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** Waits for what a real server does in its own time, up to a deadline. */
public final class Await {

  /** Something that is to come true; an exception means not yet. */
  @FunctionalInterface
  public interface Condition {
    boolean holds() throws Exception;
  }

  private static final long POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

  private Await() {}

  /**
   * Returns how long it took until the condition held.
   *
   * @param what what is awaited, as the message names it
   * @throws AssertionError if it did not hold by the deadline, with the last exception as cause
   */
  public static Duration until(String what, Duration deadline, Condition condition) {
    long start = System.nanoTime();
    Outcome outcome = evaluate(condition);
    while (!outcome.holds) {
      if (System.nanoTime() - start > deadline.toNanos()) {
        throw new AssertionError("not within " + deadline + ": " + what, outcome.failure);
      }
      if (Thread.currentThread().isInterrupted()) {
        throw new AssertionError("interrupted while awaiting: " + what, outcome.failure);
      }
      LockSupport.parkNanos(POLL_NANOS);
      outcome = evaluate(condition);
    }
    return Duration.ofNanos(System.nanoTime() - start);
  }

  private static Outcome evaluate(Condition condition) {
    try {
      return new Outcome(condition.holds(), null);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return new Outcome(false, e);
    } catch (Exception e) {
      return new Outcome(false, e);
    }
  }

  private record Outcome(boolean holds, @Nullable Exception failure) {}
}
