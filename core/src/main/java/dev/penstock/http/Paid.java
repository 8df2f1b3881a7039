package dev.penstock.http;

import dev.penstock.Decision;
import dev.penstock.Reservation;
import dev.penstock.base.BoundedLog;
import java.util.List;
import java.util.Objects;

/**
 * What a request has paid, in one decision or in several of which each was permitted; or the one
 * that was denied. Immutable.
 */
sealed interface Paid {

  /** Nothing, as a request does that no rule is for. */
  Paid NOTHING = new Several(List.of());

  /**
   * {@return the last decision, which is the one that was denied if any was; of nothing, an open
   * one}
   */
  Decision decision();

  /** {@return one reservation of all that was taken} */
  Reservation reservation();

  /** {@return whether the end of the response matters} */
  boolean isWatched();

  /** {@return the fields that the client is not to see} */
  List<String> removedFields();

  /** Settles what the response tells, and closes the reservation. To be called once. */
  void end(ResponseView response);

  /**
   * What was taken by one decision.
   *
   * @param reservation of that
   * @param decision what the reservation comes from
   * @param settling how the response says what it was in the end
   */
  record Part(Reservation reservation, Decision decision, Settling settling) implements Paid {

    private static final BoundedLog LOG = new BoundedLog(HttpRateLimiter.class);

    Part(Reservation reservation, Settling settling) {
      this(reservation, Objects.requireNonNull(reservation.decision(), "decision"), settling);
    }

    @Override
    public boolean isWatched() {
      return settling.watches() || holdsSlots();
    }

    private boolean holdsSlots() {
      try {
        return reservation.holdsSlots();
      } catch (Throwable e) { // of a limiter of the application's: nobody knows, so it may
        return true;
      }
    }

    @Override
    public List<String> removedFields() {
      return settling.removedField().stream().toList();
    }

    @Override
    public void end(ResponseView response) {
      try {
        settling.total(response).ifPresent(reservation::settle);
      } catch (Throwable e) { // of an adapter's view, or a limiter of the application's
        LOG.warn("a request is not settled, and the estimate is charged", e);
      }
      try {
        reservation.close();
      } catch (Throwable e) { // the other parts are to be closed all the same
        LOG.warn("a reservation is not closed", e);
      }
    }
  }

  /**
   * What was taken by several decisions, or by none.
   *
   * @param parts of each
   * @param reservation of all of them
   */
  record Several(List<Part> parts, Reservation reservation) implements Paid {

    Several(List<Part> parts) {
      this(
          List.copyOf(parts), new JointReservation(parts.stream().map(Part::reservation).toList()));
    }

    @Override
    public Decision decision() {
      return reservation.decision();
    }

    @Override
    public boolean isWatched() {
      return parts.stream().anyMatch(Part::isWatched);
    }

    @Override
    public List<String> removedFields() {
      return parts.stream().flatMap(part -> part.removedFields().stream()).distinct().toList();
    }

    @Override
    public void end(ResponseView response) {
      parts.forEach(part -> part.end(response));
    }
  }
}
