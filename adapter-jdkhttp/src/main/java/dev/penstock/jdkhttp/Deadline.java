package dev.penstock.jdkhttp;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * Bounds work that waits for a client, by an interrupt: the JDK's server reads from and writes to
 * an interruptible channel, so that ends the wait and closes the connection.
 *
 * <p>The lock is held to set flags and to interrupt, never while the work waits: without it an
 * interrupt could come after {@link #close} has looked, and hit whatever the thread does next.
 */
final class Deadline {

  /** Work that waits for a client. */
  @FunctionalInterface
  interface Work {
    void run() throws IOException;
  }

  private final Thread thread = Thread.currentThread();
  private boolean over;
  private boolean passed;

  private Deadline() {}

  /**
   * Does the work on this thread.
   *
   * @throws IOException if the work fails, or is not done in time
   */
  static void run(Duration time, Work work) throws IOException {
    Deadline deadline = new Deadline();
    CompletableFuture<Void> done = new CompletableFuture<>();
    CompletableFuture<Void> timer =
        done.orTimeout(time.toNanos(), TimeUnit.NANOSECONDS).whenComplete(deadline::end);
    try {
      work.run();
    } finally {
      deadline.close();
      done.complete(null);
    }
    if (timer.isCompletedExceptionally()) {
      throw new IOException("the client did not send its content or take its answer in time");
    }
  }

  /**
   * Ends the connection from which the work reads: a thread that is interrupted closes the channel
   * on which it would wait.
   *
   * @throws IOException if the work would wait
   */
  static void passed(Work work) throws IOException {
    Thread thread = Thread.currentThread();
    thread.interrupt();
    try {
      work.run();
    } finally {
      Thread.interrupted();
    }
  }

  private synchronized void end(Void value, Throwable timeout) {
    if (!over && timeout != null) {
      passed = true;
      thread.interrupt();
    }
  }

  /** Takes back the interrupt: whether it ended a wait or came too late, its work is done. */
  private synchronized void close() {
    over = true;
    if (passed) {
      Thread.interrupted();
    }
  }
}
