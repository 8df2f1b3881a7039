package dev.penstock.http;

import dev.penstock.Cost;
import dev.penstock.Decision;
import dev.penstock.Reservation;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/**
 * What several permitted decisions of one request have taken, or none: as one reservation.
 *
 * @param parts of each decision
 */
record JointReservation(List<Reservation> parts) implements Reservation {

  /** {@return the last one; where there is none, one of no bucket that permits} */
  @Override
  public Decision decision() {
    return parts.isEmpty() ? Decision.open() : parts.get(parts.size() - 1).decision();
  }

  @Override
  public boolean holdsSlots() {
    return parts.stream().anyMatch(Reservation::holdsSlots);
  }

  @Override
  public void settle(Cost total) {
    Objects.requireNonNull(total, "total");
    each(part -> part.settle(total));
  }

  @Override
  public CompletableFuture<Void> settleAsync(Cost total) {
    Objects.requireNonNull(total, "total");
    return CompletableFuture.allOf(
        parts.stream().map(part -> part.settleAsync(total)).toArray(CompletableFuture[]::new));
  }

  @Override
  public void cancel() {
    each(Reservation::cancel);
  }

  /** One of them is told with all the others, and runs it once. */
  @Override
  public void onClientGone(Runnable task) {
    Objects.requireNonNull(task, "task");
    if (!parts.isEmpty()) {
      parts.get(0).onClientGone(task);
    }
  }

  @Override
  public void clientGone() {
    each(Reservation::clientGone);
  }

  @Override
  public void close() {
    each(Reservation::close);
  }

  /** None fails, unless it is one of the application's; the others are not to miss it then. */
  private void each(Consumer<Reservation> action) {
    RuntimeException failure = null;
    for (Reservation part : parts) {
      try {
        action.accept(part);
      } catch (RuntimeException e) {
        failure = e;
      }
    }
    if (failure != null) {
      throw failure;
    }
  }
}
