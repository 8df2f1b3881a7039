package dev.penstock.bucket;

import dev.penstock.Cost;
import dev.penstock.Decision;
import dev.penstock.Reservation;
import java.util.Objects;

/**
 * A reservation that has taken nothing.
 *
 * @param decision a denial
 */
public record DeniedReservation(Decision decision) implements Reservation {

  @Override
  public void settle(Cost total) {
    Objects.requireNonNull(total, "total");
    OpenReservation.refuse("settled", "denied, and has taken nothing");
  }

  @Override
  public void cancel() {}

  @Override
  public void onClientGone(Runnable task) {
    Objects.requireNonNull(task, "task");
  }

  @Override
  public void clientGone() {}

  @Override
  public void close() {}
}
