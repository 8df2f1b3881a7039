package dev.penstock.jdkhttp;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * Bounds work that reads from a client, by an interrupt: the JDK's server reads from an
 * interruptible channel, so that ends the read and closes the connection.
 */
final class Deadline {

  /** Work that reads from a client. */
  @FunctionalInterface
  interface Reading {
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
  static void run(Duration time, Reading reading) throws IOException {
    Deadline deadline = new Deadline();
    CompletableFuture<Void> done = new CompletableFuture<>();
    CompletableFuture<Void> timer =
        done.orTimeout(time.toNanos(), TimeUnit.NANOSECONDS).whenComplete(deadline::end);
    try {
      reading.run();
    } finally {
      deadline.close();
      done.complete(null);
    }
    if (timer.isCompletedExceptionally()) {
      throw new IOException("the client did not send its content in time");
    }
  }

  private synchronized void end(Void value, Throwable timeout) {
    if (!over && timeout != null) {
      passed = true;
      thread.interrupt();
    }
  }

  /** Takes back the interrupt: whether it ended a read or came too late, its work is done. */
  private synchronized void close() {
    over = true;
    if (passed) {
      Thread.interrupted();
    }
  }
}
