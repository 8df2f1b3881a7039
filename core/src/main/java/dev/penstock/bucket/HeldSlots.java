package dev.penstock.bucket;

import dev.penstock.PartitionedLimit;

/** Slots of a bucket of this process. */
final class HeldSlots extends SlotHolder {

  private final ChargedSlots taken;

  HeldSlots(ChargedSlots taken, Object reservation) {
    super(taken.holders(), reservation);
    this.taken = taken;
  }

  @Override
  public PartitionedLimit limit() {
    return taken.limit();
  }

  @Override
  protected long slots() {
    return taken.amount();
  }

  @Override
  protected void giveBack() {
    taken.giveBack();
  }
}
