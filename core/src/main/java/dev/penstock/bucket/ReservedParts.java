package dev.penstock.bucket;

import dev.penstock.Cost;
import java.util.List;

/** What one reservation has of each bucket. */
record ReservedParts(List<ReservedPart> parts) implements OpenReservation.Charges {

  @Override
  public void settle(Cost total) {
    for (ReservedPart part : parts) {
      if (total.names(part.unit())) {
        part.settle(total.amount(part.unit()));
      }
    }
  }

  @Override
  public void putBack() {
    parts.forEach(ReservedPart::cancel);
  }

  @Override
  public void release() {
    parts.forEach(ReservedPart::release);
  }
}
