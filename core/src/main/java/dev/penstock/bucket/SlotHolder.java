package dev.penstock.bucket;

import dev.penstock.InFlightLimit;
import dev.penstock.PartitionedLimit;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.lang.ref.PhantomReference;
import org.jspecify.annotations.Nullable;

/**
 * Slots that one reservation holds of one bucket, whatever the store. They are given back once: by
 * the reservation, or, where nobody closes it, by {@link SlotHolders}. Thread-safe.
 */
public abstract class SlotHolder extends PhantomReference<Object> implements ReservedPart {

  private static final VarHandle RELEASED;

  static {
    try {
      RELEASED = MethodHandles.lookup().findVarHandle(SlotHolder.class, "released", boolean.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final SlotHolders holders;
  private final PartitionedLimit limit;

  @SuppressWarnings("unused") // written by its handle
  private volatile boolean released;

  /** The nanosecond of the holders' clock from which on it has been held for too long. */
  final long until;

  /** In which of the holders' lists it is. */
  final int stripe = (int) Thread.currentThread().getId();

  /** Neighbours in the list of its stripe, by whose lock they are guarded. */
  @Nullable SlotHolder previous;

  @Nullable SlotHolder next;

  /**
   * Makes one; {@link #begin} follows.
   *
   * @param holders who gives back what nobody does
   * @param limit whose slots
   * @param reservation becomes unreachable with the reservation; this object does not hold it
   */
  protected SlotHolder(SlotHolders holders, PartitionedLimit limit, Object reservation) {
    super(reservation, holders.collected);
    this.holders = holders;
    this.limit = limit;
    this.until = holders.until((InFlightLimit) limit.limit());
  }

  /** Begins to hold, once it is complete: from now on the net is below it. */
  public final void begin() {
    holders.add(this);
  }

  /** {@return whose slots these are} */
  public final PartitionedLimit limit() {
    return limit;
  }

  /** {@return whether the slots have been given back, or are being} */
  public final boolean isReleased() {
    return released;
  }

  @Override
  public final String unit() {
    return limit.limit().unit();
  }

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
    boolean held = RELEASED.compareAndSet(this, false, true);
    if (held) {
      holders.remove(this);
    }
    return held;
  }

  /** Gives the slots back to where they were taken; called once, and does not fail. */
  protected abstract void giveBack();

  /** Likewise, by a thread that has other things to do than to wait for it. */
  protected void giveBackLater() {
    giveBack();
  }
}
