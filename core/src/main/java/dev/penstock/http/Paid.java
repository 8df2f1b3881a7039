package dev.penstock.http;

import dev.penstock.Decision;
import dev.penstock.Reservation;
import dev.penstock.base.BoundedLog;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * What a request has paid, in one decision or in several of which each was permitted; or the one
 * that was denied. Thread-safe.
 */
final class Paid {

  /** Nothing, as a request does that no rule is for. */
  static final Paid NOTHING = new Paid(List.of());

  private static final BoundedLog LOG = new BoundedLog(HttpRateLimiter.class);

  /**
   * What was taken by one decision.
   *
   * @param reservation of that
   * @param decision what the reservation comes from
   * @param settling how the response says what it was in the end
   */
  record Part(Reservation reservation, Decision decision, Settling settling) {

    Part(Reservation reservation, Settling settling) {
      this(reservation, Objects.requireNonNull(reservation.decision(), "decision"), settling);
    }

    private boolean holdsSlots() {
      try {
        return reservation.holdsSlots();
      } catch (Throwable e) { // of a limiter of the application's: nobody knows, so it may
        return true;
      }
    }

    private void end(ResponseView response) {
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

  private final List<Part> parts;
  private final AtomicBoolean ended = new AtomicBoolean();

  Paid(List<Part> parts) {
    this.parts = List.copyOf(parts);
  }

  /** Returns the last decision, which is the one that was denied if any was. */
  Decision decision() {
    return parts.get(parts.size() - 1).decision();
  }

  /** Returns one reservation of all that was taken. */
  Reservation reservation() {
    return parts.size() == 1
        ? parts.get(0).reservation()
        : new JointReservation(parts.stream().map(Part::reservation).toList());
  }

  /** Returns whether the end of the response matters. */
  boolean isWatched() {
    for (Part part : parts) {
      if (part.settling().watches() || part.holdsSlots()) {
        return true;
      }
    }
    return false;
  }

  /** Returns the fields that the client is not to see. */
  List<String> removedFields() {
    return parts.stream()
        .flatMap(part -> part.settling().removedField().stream())
        .distinct()
        .toList();
  }

  /** Settles what the response tells, and closes the reservation. Only the first call counts. */
  void end(ResponseView response) {
    if (ended.compareAndSet(false, true)) {
      parts.forEach(part -> part.end(response));
    }
  }
}
