package dev.penstock.jdkhttp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.Pipe;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

class DeadlineTest {

  @Test
  void run_doneInTime_isNotInterrupted() throws IOException {
    AtomicBoolean done = new AtomicBoolean();
    Deadline.run(Duration.ofDays(1), () -> done.set(true));
    assertThat(done).isTrue();
    assertThat(Thread.currentThread().isInterrupted()).isFalse();
  }

  @Test
  void run_readThatWaits_endsAtTheDeadline_andTheThreadIsAsBefore() throws IOException {
    Pipe silent = Pipe.open();
    assertThatThrownBy(
            () ->
                Deadline.run(
                    Duration.ofMillis(1), () -> silent.source().read(ByteBuffer.allocate(1))))
        .isInstanceOf(ClosedByInterruptException.class);
    assertThat(Thread.currentThread().isInterrupted()).isFalse();
    silent.sink().close();
  }

  @Test
  void run_workThatEndsLate_fails_andTheThreadIsAsBefore() {
    assertThatThrownBy(() -> Deadline.run(Duration.ofMillis(1), DeadlineTest::untilInterrupted))
        .isInstanceOf(IOException.class)
        .hasMessage("the client did not send its content or take its answer in time");
    assertThat(Thread.currentThread().isInterrupted()).isFalse();
  }

  /** As after a stop of the whole process: the time is over before the work could go on. */
  @Test
  void run_doneInTheTimeOfGrace_isNotInterrupted() throws IOException {
    AtomicBoolean done = new AtomicBoolean();
    Deadline.run(
        Duration.ofNanos(1),
        Duration.ofDays(1),
        () -> {
          // One thread serves all timers in their order, so that of the work has fired before.
          new CompletableFuture<Void>().completeOnTimeout(null, 1, TimeUnit.MILLISECONDS).join();
          done.set(true);
        });
    assertThat(done).isTrue();
    assertThat(Thread.currentThread().isInterrupted()).isFalse();
  }

  @Test
  void run_workThatFails_failsAsItDoes() {
    assertThatThrownBy(
            () ->
                Deadline.run(
                    Duration.ofDays(1),
                    () -> {
                      throw new IOException("gone");
                    }))
        .isInstanceOf(IOException.class)
        .hasMessage("gone");
  }

  private static void untilInterrupted() {
    while (!Thread.currentThread().isInterrupted()) {
      LockSupport.park();
    }
  }
}
