package dev.penstock.redis.wire;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.redis.wire.ScriptWire.CallOutcome;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What becomes of calls that nobody waits for where a lane, or what runs it, fails. */
class CallQueueTest {

  private static final long LONG = Duration.ofMinutes(10).toNanos();
  private static final CallOutcome ANSWERED = new CallOutcome(Optional.empty(), null);

  /** Answers, or throws what the test has set. */
  private static final class BreakingWire implements Gathering.Wire<ScriptCall, CallOutcome> {

    private @Nullable Error error;
    private @Nullable RuntimeException exception;

    @Override
    public List<CallOutcome> ask(List<ScriptCall> calls, long since) {
      if (error != null) {
        throw error;
      } else if (exception != null) {
        throw exception;
      }
      return calls.stream().map(call -> ANSWERED).toList();
    }

    @Override
    public boolean mayJoin(ScriptCall call, ScriptCall other) {
      return true;
    }
  }

  /** One that hears what became of its call, each time. */
  private static final class Listening implements CallQueue.Posted {

    private final List<CallOutcome> heard = new ArrayList<>();
    private boolean throwsError;

    @Override
    public ScriptCall call() {
      return new ScriptCall(ScriptCall.Operation.TAKE);
    }

    @Override
    public boolean isWanted() {
      return true;
    }

    @Override
    public void heard(CallOutcome outcome) {
      heard.add(outcome);
      if (throwsError) {
        throw new AssertionError("of the application's");
      }
    }
  }

  private final BreakingWire wire = new BreakingWire();

  /** With one lane at most: if it is not given up after a failure there is no other. */
  private CallQueue queue(Executor threads) {
    return new CallQueue(wire, threads, 1, LONG);
  }

  private static Listening posted(CallQueue queue) {
    Listening listening = new Listening();
    queue.post(listening);
    return listening;
  }

  private static void assertFailed(Listening listening, String message) {
    assertThat(listening.heard).hasSize(1);
    assertThat(listening.heard.get(0).failure()).isNotNull().hasMessageContaining(message);
  }

  @Test
  void post_wireThrowsAnError_isToldAndTheNextIsAsked() {
    CallQueue queue = queue(Runnable::run);
    wire.error = new StackOverflowError("of the client's");
    assertFailed(posted(queue), "of the client's");
    wire.error = null;
    assertThat(posted(queue).heard).containsExactly(ANSWERED);
  }

  @Test
  void post_wireThrowsAnException_isToldAsItIs() {
    CallQueue queue = queue(Runnable::run);
    RuntimeException broke = new IllegalStateException("the wire broke");
    wire.exception = broke;
    Listening listening = posted(queue);
    assertThat(listening.heard).extracting(CallOutcome::failure).containsExactly(broke);
  }

  @Test
  void post_whoeverHearsThrowsAnError_othersHearOfTheirs() {
    List<Runnable> lanes = new ArrayList<>();
    CallQueue queue = queue(lanes::add);
    Listening throwing = posted(queue);
    throwing.throwsError = true;
    Listening other = posted(queue);
    assertThat(lanes).hasSize(1);
    lanes.get(0).run();
    assertThat(throwing.heard).containsExactly(ANSWERED);
    assertThat(other.heard).containsExactly(ANSWERED);
  }

  @Test
  void post_noThreadCanBeHad_isToldAndTheNextIsAsked() {
    AtomicInteger asked = new AtomicInteger();
    CallQueue queue =
        queue(
            lane -> {
              if (asked.incrementAndGet() == 1) {
                throw new InternalError("unable to create native thread");
              }
              lane.run();
            });
    assertFailed(posted(queue), "there is no thread to ask");
    assertThat(posted(queue).heard).containsExactly(ANSWERED);
  }

  @Test
  void post_limiterIsClosed_isTold() {
    CallQueue queue =
        queue(
            lane -> {
              throw new RejectedExecutionException("closed");
            });
    assertFailed(posted(queue), "the limiter is closed");
  }
}
