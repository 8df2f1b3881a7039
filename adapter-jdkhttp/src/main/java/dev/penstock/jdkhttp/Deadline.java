package dev.penstock.jdkhttp;

import com.sun.net.httpserver.HttpExchange;
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

  /**
   * A process that was stopped for longer than the time, as by a collection, finds it over at once,
   * and has until then to go on.
   */
  private static final Duration GRACE = Duration.ofMillis(50);

  private static final String ROBAHO = "robaho.";

  private final Thread thread = Thread.currentThread();
  private boolean over;
  private boolean passed;

  private Deadline() {}

  /**
   * {@return whether an interrupt ends a wait of this thread for the client} Robaho's server waits
   * at a socket, from which only virtual threads are called away.
   */
  static boolean endsWaitsOf(HttpExchange exchange) {
    return !exchange.getClass().getName().startsWith(ROBAHO)
        || WaitingThreads.isVirtual(Thread.currentThread());
  }

  /**
   * Does the work on this thread.
   *
   * @throws IOException if the work fails, or is not done in time
   */
  static void run(Duration time, Work work) throws IOException {
    run(time, GRACE, work);
  }

  /** Likewise; the time of grace begins when somebody sees that the time is over. */
  static void run(Duration time, Duration grace, Work work) throws IOException {
    Deadline deadline = new Deadline();
    CompletableFuture<Void> done = new CompletableFuture<>();
    after(time, done, () -> after(grace, done, deadline::end));
    boolean passed;
    try {
      work.run();
    } finally {
      passed = deadline.close();
      done.complete(null);
    }
    if (passed) {
      throw new IOException("the client did not send its content or take its answer in time");
    }
  }

  /** Whoever is done before leaves no timer behind. */
  private static void after(Duration time, CompletableFuture<Void> done, Runnable late) {
    CompletableFuture<Void> unused =
        done.copy()
            .orTimeout(time.toNanos(), TimeUnit.NANOSECONDS)
            .whenComplete(
                (value, timeout) -> {
                  if (timeout != null) {
                    late.run();
                  }
                });
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

  private synchronized void end() {
    if (!over) {
      passed = true;
      thread.interrupt();
    }
  }

  /**
   * Takes back the interrupt: whether it ended a wait or came too late, its work is done. Returns
   * whether there was one.
   */
  private synchronized boolean close() {
    over = true;
    if (passed) {
      Thread.interrupted();
    }
    return passed;
  }
}
