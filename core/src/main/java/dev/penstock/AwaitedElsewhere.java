package dev.penstock;

import java.util.concurrent.CompletableFuture;
import java.util.function.UnaryOperator;

/** Futures of reservations that another limiter awaits. */
final class AwaitedElsewhere {

  private AwaitedElsewhere() {}

  /**
   * Returns a future of what is made of the reservation. To complete it otherwise, or to cancel it,
   * cancels the reservation that is awaited, or has come at that moment.
   */
  @SuppressWarnings("FutureReturnValueIgnored") // each is complete when the other is
  static CompletableFuture<Reservation> then(
      CompletableFuture<Reservation> awaited, UnaryOperator<Reservation> made) {
    CompletableFuture<Reservation> future = new CompletableFuture<>();
    future.whenComplete((any, error) -> awaited.cancel(false));
    awaited.whenComplete(
        (reservation, error) -> {
          if (error != null) {
            future.completeExceptionally(error);
          } else {
            complete(future, reservation, made);
          }
        });
    return future;
  }

  private static void complete(
      CompletableFuture<Reservation> future,
      Reservation reservation,
      UnaryOperator<Reservation> made) {
    Reservation last = reservation;
    try {
      last = made.apply(reservation);
      if (future.complete(last)) {
        return;
      }
    } catch (Throwable e) { // as where a thread waits: it is the caller's
      future.completeExceptionally(e);
    }
    if (last.permitted()) {
      last.cancel();
    }
  }
}
