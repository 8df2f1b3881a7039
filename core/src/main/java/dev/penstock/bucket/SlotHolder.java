package dev.penstock.bucket;

import dev.penstock.InFlightLimit;
import java.lang.ref.PhantomReference;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Slots that one reservation holds of one bucket, whatever the store. They are given back once: by
 * the reservation, or, where nobody closes it, by {@link SlotHolders}. Thread-safe.
 */
public abstract class SlotHolder extends PhantomReference<Object> implements ReservedPart {

  /** Where it is among all that are held: it is there until it is released. */
  private SlotBag.@Nullable Row row;

  private int place;

  /** The nanosecond of the holders' clock from which on it has been held for too long. */
  private long until = Long.MAX_VALUE;

  /**
   * Makes one; {@link SlotHolders#begin} follows.
   *
   * @param holders who gives back what nobody does
   * @param reservation becomes unreachable with the reservation; this object does not hold it
   */
  protected SlotHolder(SlotHolders holders, Object reservation) {
    super(reservation, holders.collected);
  }

  /** {@return whether the slots have been given back, or are being} */
  public final boolean isReleased() {
    return row == null || !row.holds(this, place);
  }

  final void placed(SlotBag.Row row, int place) {
    this.row = row;
    this.place = place;
  }

  final Optional<Duration> heldAtMost() {
    return ((InFlightLimit) limit().limit()).heldAtMost();
  }

  final long until() {
    return until;
  }

  final void endAt(long nanos) {
    until = nanos;
  }

  /** {@return how many slots are held} */
  protected abstract long slots();

  /** Slots are held until the end, whatever the request has cost so far. */
  @Override
  public final void settle(long total) {}

  @Override
  public final void cancel() {
    release();
  }

  @Override
  public final void release() {
    if (end()) {
      giveBack();
    }
  }

  /** Releases what nobody has; returns whether it was still held. */
  final boolean releaseLeft() {
    boolean held = end();
    if (held) {
      giveBackLater();
    }
    return held;
  }

  private boolean end() {
    return row != null && row.remove(this, place);
  }

  /** Gives the slots back to where they were taken; called once, and does not fail. */
  protected abstract void giveBack();

  /** Likewise, by a thread that has other things to do than to wait for it. */
  protected void giveBackLater() {
    giveBack();
  }
}
