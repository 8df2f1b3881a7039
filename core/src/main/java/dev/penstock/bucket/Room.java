package dev.penstock.bucket;

import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;

/** What newcomers of one kind may take of the bound, and what they share where that is taken. */
public final class Room {

  /** Names that can have an overflow bucket at once; newcomers under any further one are denied. */
  public static final int MAX_OVERFLOW_BUCKETS = 1024;

  /** Buckets, of whatever kind, at which a newcomer of this one finds no room. */
  final int most;

  final BucketTable overflow;

  /** How often a newcomer has paid from the overflow bucket. */
  final LongAdder overflows = new LongAdder();

  Room(int most, LongSupplier clock, LongSupplier wallClock) {
    this.most = most;
    this.overflow = new BucketTable(MAX_OVERFLOW_BUCKETS, clock, wallClock);
  }
}
