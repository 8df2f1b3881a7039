package dev.penstock.bucket;

import dev.penstock.Cost;
import dev.penstock.Decision;
import dev.penstock.PartitionedLimit;
import java.lang.invoke.VarHandle;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A reservation of one bucket, as most are: the objects that it needs, and no more. */
final class OneBucketReservation extends OpenReservation {

  private final List<PartitionedLimit> limits;
  private final long level;
  private ReservedPart part;

  /** Once it was asked for; threads that race make one each, which says the same. */
  private @Nullable Decision decision;

  /**
   * @param limits the one that was decided on
   * @param part what is reserved
   * @param level how far from full the bucket is afterwards, in nanoseconds
   */
  OneBucketReservation(List<PartitionedLimit> limits, ReservedPart part, long level) {
    this.limits = limits;
    this.part = part;
    this.level = level;
  }

  @SuppressWarnings("NullAway.Init") // by of(), as each needs the other
  private OneBucketReservation(List<PartitionedLimit> limits, long level) {
    this.limits = limits;
    this.level = level;
  }

  /** Remembers what a bucket has paid. */
  static OneBucketReservation of(List<PartitionedLimit> limits, ChargedSlots paid) {
    OneBucketReservation reservation = new OneBucketReservation(limits, paid.level(true, 0));
    reservation.part = paid.reserved(reservation);
    VarHandle.storeStoreFence(); // as if it were final
    return reservation;
  }

  @Override
  public Decision decision() {
    Decision seen = decision;
    if (seen == null) {
      BucketStates states = new BucketStates(limits, Cost.ONE_REQUEST, level, null);
      seen = Decision.of(Decision.Source.MEMORY, true, states);
      decision = seen;
    }
    return seen;
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
