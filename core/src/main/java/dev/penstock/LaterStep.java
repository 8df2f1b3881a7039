package dev.penstock;

import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * What becomes of a future once it is completed, that can be cancelled as long as that one can: so
 * that what was taken is put back by whoever took it, and nobody takes what nobody hears of.
 *
 * @param <A> what is awaited
 * @param <B> what is made of it
 */
final class LaterStep<A, B> extends CompletableFuture<B> {

  private final CompletableFuture<A> awaited;

  private LaterStep(CompletableFuture<A> awaited) {
    this.awaited = awaited;
  }

  /**
   * Returns what will be made of a future, by the thread that completes it.
   *
   * @param failed hears why there is nothing to make it of; not of a cancellation
   * @param undo puts back what has come, where by then nobody wants what is made of it
   */
  @SuppressWarnings("FutureReturnValueIgnored") // each is complete when the other is
  static <A, B> CompletableFuture<B> of(
      CompletableFuture<A> awaited,
      Function<? super A, ? extends B> step,
      Consumer<Throwable> failed,
      Consumer<? super A> undo) {
    LaterStep<A, B> later = new LaterStep<>(awaited);
    // Whatever else completes it, as a timeout does.
    later.whenComplete((any, failure) -> awaited.cancel(false));
    awaited.whenComplete(
        (value, failure) -> {
          if (failure != null) {
            if (!awaited.isCancelled()) {
              failed.accept(failure);
            }
            later.completeExceptionally(failure);
            return;
          }
          try {
            if (later.complete(step.apply(value))) {
              return;
            }
          } catch (Throwable e) {
            later.completeExceptionally(e);
          }
          undo.accept(value);
        });
    return later;
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
