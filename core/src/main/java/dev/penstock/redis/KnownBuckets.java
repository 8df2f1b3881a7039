package dev.penstock.redis;

import dev.penstock.memory.Rooms;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What Redis last said of the buckets that this process has asked about; at most so many, and only
 * while they are not full. Times are nanoseconds of this process's clock.
 */
final class KnownBuckets {

  /**
   * One bucket.
   *
   * @param fullAt when it is full, at the soonest: if Redis said so as soon as it was asked
   * @param saidAt when Redis was asked
   * @param heardAt when the answer came
   * @param epoch how often Redis had been away by then
   * @param askedAt when Redis was last asked, if only by a call that is under way
   */
  record Known(long fullAt, long saidAt, long heardAt, int epoch, long askedAt) {

    Known(long fullAt, long saidAt, long heardAt, int epoch) {
      this(fullAt, saidAt, heardAt, epoch, saidAt);
    }

    Known askedAgain(long now) {
      return new Known(fullAt, saidAt, heardAt, epoch, now);
    }

    long resetAfterNanos(long now) {
      return Math.max(0, fullAt - now);
    }

    /** When the bucket is full if Redis said so just before it was heard. */
    long fullAtLatest() {
      return fullAt + (heardAt - saidAt);
    }

    long resetAfterNanosAtMost(long now) {
      return Math.max(0, fullAtLatest() - now);
    }

    /** Which of two questions that were under way at once came first is not known. */
    private boolean supersedes(Known old) {
      if (saidAt - old.heardAt >= 0) {
        return true;
      }
      return old.saidAt - heardAt < 0 && fullAt > old.fullAt;
    }
  }

  private final LiveEntries<Known> buckets;

  KnownBuckets(int maxBuckets, Rooms rooms) {
    this.buckets = new LiveEntries<>(bucket -> rooms.most(bucket, maxBuckets), Known::fullAt);
  }

  @Nullable Known find(long bucket) {
    return buckets.find(bucket);
  }

  /**
   * Returns how a call tells the script, when it is sent, how far from full a bucket is: in
   * microseconds, and negative if Redis was away or a connection was lost since it was said, as the
   * server may have gone back to older data. Where it has not, what is told is the least, which no
   * clock makes later than the truth: the key of a bucket that has become full is missing, too.
   *
   * @param epoch how often Redis was away or a connection was lost
   */
  LongSupplier carried(long bucket, IntSupplier epoch) {
    return () -> carriedMicros(bucket, System.nanoTime(), epoch.getAsInt());
  }

  long carriedMicros(long bucket, long now, int epoch) {
    Known last = find(bucket);
    if (last == null) {
      return 0;
    }
    return last.epoch() == epoch
        ? ScriptCall.ceilMicros(last.resetAfterNanos(now))
        : -ScriptCall.ceilMicros(last.resetAfterNanosAtMost(now));
  }

  /** Remembers a bucket, where there is room. The later saying wins, else the emptier. */
  void remember(long bucket, Known known, long now) {
    if (known.fullAt() > now || find(bucket) != null) {
      buckets.compute(
          bucket, now, old -> old == null || known.supersedes(old) ? unlessFull(known, now) : old);
    }
  }

  /** Remembers a bucket into which tokens were put back, whatever was said of it before. */
  void replace(long bucket, Known known, long now) {
    if (!buckets.compute(bucket, now, old -> unlessFull(known, now))) {
      forget(bucket);
    }
  }

  /** Lets one of several callers who know the same ask again; returns whether it is this one. */
  boolean beginAsking(Question question, long now) {
    Known known = question.known();
    return known != null && buckets.replace(question.bucket(), known, known.askedAgain(now));
  }

  void forget(long bucket) {
    buckets.remove(bucket);
  }

  int size() {
    return buckets.size();
  }

  private static @Nullable Known unlessFull(Known known, long now) {
    return known.fullAt() > now ? known : null;
  }
}
