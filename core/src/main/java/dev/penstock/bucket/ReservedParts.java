package dev.penstock.bucket;

import dev.penstock.Cost;
import dev.penstock.Decision;
import java.lang.invoke.VarHandle;

/** A reservation of several buckets. */
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
    VarHandle.storeStoreFence(); // as if the elements were final
    return reservation;
  }

  @Override
  public Decision decision() {
    return decision;
  }

  @Override
  public boolean holdsSlots() {
    for (ReservedPart part : parts) {
      if (part instanceof SlotHolder) {
        return true;
      }
    }
    return false;
  }

  @Override
  protected void charge(Cost total) {
    for (ReservedPart part : parts) {
      part.settle(total);
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
