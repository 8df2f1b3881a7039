package dev.penstock;

import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/**
 * What becomes of a future once it is completed, that can be cancelled as long as that one can: so
 * that what was taken is put back by whoever took it, and nobody takes what nobody hears of.
 *
 * @param <T> what is awaited, and what is made of it
 */
final class LaterStep<T> extends CompletableFuture<T> {

  private final CompletableFuture<T> awaited;

  private LaterStep(CompletableFuture<T> awaited) {
    this.awaited = awaited;
  }

  /**
   * Returns what will be made of a future, by the thread that completes it.
   *
   * @param failed hears why there is nothing to make it of; not of a cancellation
   * @param undo puts back what was made, or has come, where by then nobody wants it
   */
  @SuppressWarnings("FutureReturnValueIgnored") // each is complete when the other is
  static <T> CompletableFuture<T> of(
      CompletableFuture<T> awaited,
      UnaryOperator<T> step,
      Consumer<Throwable> failed,
      Consumer<T> undo) {
    LaterStep<T> later = new LaterStep<>(awaited);
    // Whatever else completes it, as a timeout does.
    later.whenComplete((any, failure) -> awaited.cancel(false));
    awaited.whenComplete(
        (value, failure) -> {
          if (failure == null) {
            later.complete(value, step, undo);
            return;
          }
          if (!awaited.isCancelled()) {
            failed.accept(failure);
          }
          later.completeExceptionally(failure);
        });
    return later;
  }

  private void complete(T value, UnaryOperator<T> step, Consumer<T> undo) {
    T last = value;
    try {
      last = step.apply(value);
      if (complete(last)) {
        return;
      }
    } catch (Throwable e) { // as where a thread waits: it is the caller's
      completeExceptionally(e);
    }
    undo.accept(last);
  }

  /** Cancels a reservation that nobody hears of. */
  static void putBack(Reservation reservation) {
    if (reservation.permitted()) {
      reservation.cancel();
    }
  }

  @Override
  public boolean cancel(boolean mayInterrupt) {
    awaited.cancel(mayInterrupt); // which completes this one, too
    return isCancelled();
  }
}
