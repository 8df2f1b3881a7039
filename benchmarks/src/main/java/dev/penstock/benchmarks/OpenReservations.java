package dev.penstock.benchmarks;

import dev.penstock.Reservation;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Requests that are under way, always as many: the oldest ends before another begins. */
final class OpenReservations {

  private final @Nullable Reservation[] open;
  private final Consumer<Reservation> end;
  private int oldest;

  /**
   * @param count how many
   * @param end ends one
   */
  OpenReservations(int count, Consumer<Reservation> end) {
    this.open = new @Nullable Reservation[count];
    this.end = end;
  }

  /** Ends the oldest, if there are as many already; {@link #begin} follows. */
  void endOldest() {
    Reservation ended = open[oldest];
    if (ended != null) {
      end.accept(ended);
    }
  }

  /** Puts another in its place; returns whether that was permitted. */
  boolean begin(Reservation reservation) {
    open[oldest] = reservation;
    oldest = (oldest + 1) % open.length;
    return reservation.permitted();
  }
}
