package dev.penstock.redis;

import dev.penstock.Limit;
import dev.penstock.base.Inside;
import dev.penstock.base.Windows;
import dev.penstock.bucket.Gcra;
import dev.penstock.redis.wire.KnownBuckets;
import dev.penstock.redis.wire.KnownLevel;
import dev.penstock.redis.wire.Micros;
import dev.penstock.redis.wire.PlaceInLine;
import dev.penstock.redis.wire.ScriptCall;
import dev.penstock.redis.wire.SharedBucket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What is put back into buckets, a charge or a reset of them: how much of each, and since when.
 *
 * @param operation {@link ScriptCall.Operation#REFUND}, {@link ScriptCall.Operation#SETTLE} or
 *     {@link ScriptCall.Operation#RESET}
 * @param dues what each bucket is to get, or to be charged
 * @param since the nanosecond at which it was asked for
 * @param receipt the key by which Redis knows that it has been carried out
 * @param sent whether Redis may have carried it out
 */
record Settlement(
    ScriptCall.Operation operation, List<Due> dues, long since, String receipt, boolean sent) {

  /** How long a server knows a receipt, less than which what was sent may be sent again. */
  private static final long RECEIPT_NANOS = Duration.ofSeconds(9).toNanos();

  /**
   * What one bucket is to get, or to be charged.
   *
   * @param nanos as time of refill, or tokens of a window; of a reset all that it can hold
   * @param windowEnd when the window ends that is meant, in microseconds since 1970 by the clock of
   *     Redis; 0 if it is no window
   * @param place where somebody stands in line, or stood, who puts back what they have taken
   */
  record Due(SharedBucket bucket, long nanos, long windowEnd, PlaceInLine place) {

    /** Of tokens. */
    Due(SharedBucket bucket, long nanos) {
      this(bucket, nanos, 0, PlaceInLine.NONE);
    }

    Due with(long otherNanos) {
      return new Due(bucket, otherNanos, windowEnd, place);
    }

    /** Returns whether the window that is meant has ended. */
    boolean isOver(long serverNanos) {
      return bucket.isWindow() && serverNanos >= Micros.toNanos(windowEnd);
    }

    /** Returns how many tokens that is, rounded up, of as many as the bucket may owe at most. */
    long tokens() {
      Limit limit = bucket.limit().limit();
      return (Math.min(nanos, Gcra.most(limit)) - 1) / Inside.nanosPerToken(limit) + 1;
    }

    long nanosToFill() {
      return Inside.nanosToFill(bucket.limit().limit());
    }

    private long levelNanos(KnownLevel known, long now) {
      return known.levelNanos(now, bucket.limit().limit());
    }
  }

  /**
   * What one bucket was charged.
   *
   * @param nanos as time of refill, or tokens of a window
   * @param windowEnd when the window ends that was charged, as {@link Due#windowEnd} has it
   */
  record Charged(long nanos, long windowEnd) {}

  static Settlement reset(List<SharedBucket> buckets, long now, String receipt) {
    List<Due> dues =
        buckets.stream().map(b -> new Due(b, Inside.nanosToFill(b.limit().limit()))).toList();
    return new Settlement(ScriptCall.Operation.RESET, dues, now, receipt, false);
  }

  /** Returns whether it puts tokens into buckets. */
  boolean puts() {
    return operation != ScriptCall.Operation.SETTLE;
  }

  boolean isReset() {
    return operation == ScriptCall.Operation.RESET;
  }

  List<SharedBucket> buckets() {
    return dues.stream().map(Due::bucket).toList();
  }

  List<Long> hashes() {
    return dues.stream().map(due -> due.bucket().hash()).toList();
  }

  /** Returns what refill has not made good for: nothing has, as long as the bucket is not full. */
  private long chargeLeft(Due due, long now, KnownBuckets known) {
    if (due.bucket().isWindow()) {
      return ofWindow(due, now, known);
    }
    @Nullable KnownLevel last = known.find(due.bucket().hash());
    boolean isFull = last == null || due.levelNanos(last, now) == 0;
    return isFull ? Math.max(0, due.nanos() - (now - since)) : due.nanos();
  }

  /** Returns all of it until the window ends; what is charged, until that counts no more. */
  private long ofWindow(Due due, long now, KnownBuckets known) {
    Windows windows = Objects.requireNonNull(Inside.windows(due.bucket().limit().limit()));
    long longer = puts() || !windows.slide() ? 0 : windows.nanos();
    return due.isOver(known.serverTime().nanos(now) - longer) ? 0 : due.nanos();
  }

  boolean isNothing() {
    return dues.stream().allMatch(due -> due.nanos() <= 0);
  }

  Settlement asSent() {
    return new Settlement(operation, dues, since, receipt, true);
  }

  Settlement of(List<Due> otherDues) {
    return new Settlement(operation, otherDues, since, receipt, sent);
  }

  /** Returns this and a later one of the same buckets in one, as of the time of this. */
  Settlement with(Settlement later) {
    List<Due> sums = new ArrayList<>(dues.size());
    for (int i = 0; i < dues.size(); i++) {
      Due due = dues.get(i);
      sums.add(due.with(Math.min(due.nanosToFill(), due.nanos() + later.dues.get(i).nanos())));
    }
    return of(sums);
  }

  /**
   * Returns what is left to be done now. What was to be put back or charged earlier would have met
   * the refill since, and what a full bucket gets is lost: so of what is put back it is what is
   * known to be missing, or else what time has not refilled, and nothing once it may be put back
   * for the second time. A charge is left as it is while the bucket is known not to be full.
   */
  Settlement leftAt(long now, KnownBuckets known) {
    if (sent && operation == ScriptCall.Operation.REFUND && now - since > RECEIPT_NANOS) {
      return of(dues.stream().map(due -> due.with(0)).toList());
    }
    if (!puts()) {
      return of(dues.stream().map(due -> due.with(chargeLeft(due, now, known))).toList());
    }
    List<Due> left = new ArrayList<>(dues.size());
    for (Due due : dues) {
      if (due.bucket().isWindow()) {
        left.add(due.with(isReset() ? due.nanos() : ofWindow(due, now, known)));
        continue;
      }
      @Nullable KnownLevel last = known.find(due.bucket().hash());
      long missing = last == null ? 0 : Math.min(due.nanos(), due.levelNanos(last, now));
      left.add(due.with(Math.max(0, Math.max(missing, due.nanos() - (now - since)))));
    }
    return of(left);
  }
}
