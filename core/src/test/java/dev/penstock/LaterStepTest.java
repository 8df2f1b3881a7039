package dev.penstock;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;

class LaterStepTest {

  private final CompletableFuture<String> awaited = new CompletableFuture<>();
  private final List<String> undone = new ArrayList<>();

  private CompletableFuture<String> later() {
    return LaterStep.of(awaited, value -> value + "!", failure -> {}, undone::add);
  }

  @Test
  void of_whatIsAwaitedComes_isMadeOfIt() {
    CompletableFuture<String> later = later();
    awaited.complete("a");
    assertThat(later).isCompletedWithValue("a!");
    assertThat(undone).isEmpty();
  }

  /** As a timeout completes it: whoever would take something is not to. */
  @Test
  void of_completedOtherwise_cancelsWhatIsAwaited() {
    assertThat(later().completeExceptionally(new TimeoutException())).isTrue();
    assertThat(awaited).isCancelled();
  }

  @Test
  void of_completedOtherwiseWhereWhatIsAwaitedCannotBeCancelled_undoesIt() {
    CompletableFuture<String> stubborn =
        new CompletableFuture<>() {
          @Override
          public boolean cancel(boolean mayInterrupt) {
            return false;
          }
        };
    CompletableFuture<String> later =
        LaterStep.of(stubborn, value -> value + "!", failure -> {}, undone::add);
    assertThat(later.completeExceptionally(new TimeoutException())).isTrue();
    stubborn.complete("a");
    assertThat(undone).as("what was made").containsExactly("a!");
  }

  @Test
  void of_stepFails_undoesWhatHasCome() {
    CompletableFuture<String> later =
        LaterStep.of(
            awaited,
            value -> {
              throw new IllegalStateException(value);
            },
            failure -> {},
            undone::add);
    awaited.complete("a");
    assertThat(later).isCompletedExceptionally();
    assertThat(undone).containsExactly("a");
  }
}
