package dev.penstock.bucket;

import dev.penstock.Cost;
import dev.penstock.Decision;
import java.lang.invoke.VarHandle;
import java.util.List;

/** A reservation of one bucket, as most are: the objects that it needs, and no more. */
final class OneBucketReservation extends OpenReservation {

  private final long level;
  private ReservedPart part;

  /**
   * @param part what is reserved
   * @param level how far from full the bucket is afterwards, in nanoseconds
   */
  OneBucketReservation(ReservedPart part, long level) {
    this.part = part;
    this.level = level;
  }

  @SuppressWarnings("NullAway.Init") // by of(), as each needs the other
  private OneBucketReservation(long level) {
    this.level = level;
  }

  /** Remembers what a bucket has paid. */
  static OneBucketReservation of(ChargedSlots paid) {
    OneBucketReservation reservation = new OneBucketReservation(paid.level(true, 0));
    reservation.part = paid.reserved(reservation);
    VarHandle.storeStoreFence(); // as if it were final
    return reservation;
  }

  @Override
  public Decision decision() {
    return Decision.of(
        Decision.Source.MEMORY,
        true,
        new BucketStates(List.of(part.limit()), Cost.ONE_REQUEST, level, null));
  }

  @Override
  public boolean holdsSlots() {
    return part instanceof SlotHolder;
  }

  @Override
  protected void charge(Cost total) {
    part.settle(total);
  }

  @Override
  protected void putBack() {
    part.cancel();
  }

  @Override
  protected void release() {
    part.release();
  }
}
