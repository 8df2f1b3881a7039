package dev.penstock.bucket;

import dev.penstock.Cost;
import dev.penstock.Decision;

/** A reservation of several buckets, or of slots. */
final class ReservedParts extends OpenReservation {

  private final Decision decision;
  private final ReservedPart[] parts;

  private ReservedParts(Decision decision, ReservedPart[] parts) {
    this.decision = decision;
    this.parts = parts;
  }

  /** Remembers what each bucket has paid. */
  static ReservedParts of(Decision decision, BucketPart... paid) {
    ReservedPart[] parts = new ReservedPart[paid.length];
    ReservedParts reservation = new ReservedParts(decision, parts);
    for (int i = 0; i < parts.length; i++) {
      parts[i] = paid[i].reserved(reservation);
    }
    return reservation;
  }

  @Override
  public Decision decision() {
    return decision;
  }

  @Override
  protected void charge(Cost total) {
    for (ReservedPart part : parts) {
      if (total.names(part.unit())) {
        part.settle(total.amount(part.unit()));
      }
    }
  }

  @Override
  protected void putBack() {
    for (ReservedPart part : parts) {
      part.cancel();
    }
  }

  @Override
  protected void release() {
    for (ReservedPart part : parts) {
      part.release();
    }
  }
}
