package dev.penstock.bucket;

/** Slots of a bucket of this process. */
final class HeldSlots extends SlotHolder {

  private final ChargedSlots taken;

  HeldSlots(ChargedSlots taken, Object reservation) {
    super(taken.holders(), taken.limit(), reservation);
    this.taken = taken;
  }

  @Override
  protected void giveBack() {
    taken.giveBack();
  }
}
