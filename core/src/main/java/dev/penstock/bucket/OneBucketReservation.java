package dev.penstock.bucket;

import dev.penstock.Cost;
import dev.penstock.Decision;
import java.util.List;

/** A reservation of one token bucket, as most are: two objects, as long as nobody asks for more. */
final class OneBucketReservation extends OpenReservation {

  private final ReservedBucket bucket;
  private final long levelNanos;

  /**
   * @param bucket what has paid
   * @param levelNanos how far from full it is afterwards
   */
  OneBucketReservation(ReservedBucket bucket, long levelNanos) {
    this.bucket = bucket;
    this.levelNanos = levelNanos;
  }

  @Override
  public Decision decision() {
    return Decision.of(
        Decision.Source.MEMORY,
        true,
        new BucketStates(List.of(bucket.limit()), Cost.ONE_REQUEST, levelNanos, null));
  }

  @Override
  protected void charge(Cost total) {
    if (total.names(bucket.unit())) {
      bucket.settle(total.amount(bucket.unit()));
    }
  }

  @Override
  protected void putBack() {
    bucket.cancel();
  }

  @Override
  protected void release() {}
}
