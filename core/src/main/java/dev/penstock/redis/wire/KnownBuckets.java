package dev.penstock.redis.wire;

import dev.penstock.Limit;
import dev.penstock.bucket.Rooms;
import dev.penstock.bucket.WindowUse;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;

/**
 * What Redis last said of the buckets that this process has asked about; at most so many, and only
 * while they are not full. Times are nanoseconds of this process's clock.
 */
public final class KnownBuckets {

  /** Nothing is known of any bucket, nor will be. */
  static final KnownBuckets NONE = new KnownBuckets(0, Rooms.standard());

  private final LiveEntries<KnownLevel> buckets;
  private final ServerTime serverTime;

  public KnownBuckets(int maxBuckets, Rooms rooms) {
    this(maxBuckets, rooms, InstantSource.system());
  }

  /**
   * Knows nothing yet.
   *
   * @param wallClock the time until Redis has told its own
   */
  public KnownBuckets(int maxBuckets, Rooms rooms, InstantSource wallClock) {
    this.serverTime = new ServerTime(wallClock);
    this.buckets = new LiveEntries<>(bucket -> rooms.most(bucket, maxBuckets), KnownLevel::word);
  }

  /** {@return the time by which windows go} */
  public ServerTime serverTime() {
    return serverTime;
  }

  public @Nullable KnownLevel find(long bucket) {
    return buckets.find(bucket);
  }

  /**
   * Returns how a call tells the script how far from full a bucket is: in microseconds, and
   * negative if Redis was away or a connection was lost since it was said, as the server may have
   * gone back to older data. Where it has not, what is told is the least, which no clock makes
   * later than the truth: the key of a bucket that has become full is missing, too.
   *
   * @param limit under which the bucket is asked for
   * @param epoch how often Redis was away or a connection was lost
   */
  public long carriedMicros(@Nullable Long bucket, Limit limit, long now, int epoch) {
    @Nullable KnownLevel last = bucket == null ? null : find(bucket);
    if (last == null) {
      return 0;
    }
    return last.epoch() == epoch
        ? Micros.ceil(last.levelNanos(now, limit))
        : -Micros.ceil(last.levelNanosAtMost(now, limit));
  }

  /**
   * Appends how a call tells the script of a window: when it ends, what is taken of it, and of the
   * last one, and 1 where {@link #carriedMicros} is negative.
   */
  void appendWindow(StringBuilder text, @Nullable Long bucket, Limit limit, long now, int epoch) {
    @Nullable KnownLevel last = bucket == null ? null : find(bucket);
    @Nullable WindowUse use = last == null ? null : last.windowAt(now, limit);
    if (last == null || use == null || !use.isOwn() || use.current() + use.previous() == 0) {
      text.append("0,0,0,0");
      return;
    }
    text.append(Micros.floor(use.end())).append(',').append(use.current()).append(',');
    text.append(use.previous()).append(last.epoch() == epoch ? ",0" : ",1");
  }

  /** Remembers a bucket, where there is room. The later saying wins, else the emptier. */
  public void remember(long bucket, KnownLevel known, long now) {
    if (known.word() > now || find(bucket) != null) {
      buckets.compute(
          bucket, now, old -> old == null || known.supersedes(old) ? unlessFull(known, now) : old);
    }
  }

  /** Remembers a bucket into which tokens were put back, whatever was said of it before. */
  public void replace(long bucket, KnownLevel known, long now) {
    if (!buckets.compute(bucket, now, old -> unlessFull(known, now))) {
      forget(bucket);
    }
  }

  /** Lets one of several callers who know the same ask again; returns whether it is this one. */
  public boolean beginAsking(SharedBucket bucket, long now) {
    KnownLevel known = bucket.known();
    return known != null && buckets.replace(bucket.hash(), known, known.askedAgain(now));
  }

  public void forget(long bucket) {
    buckets.remove(bucket);
  }

  /** {@return of how many buckets something is known} */
  public int size() {
    return buckets.size();
  }

  private static @Nullable KnownLevel unlessFull(KnownLevel known, long now) {
    return known.word() > now ? known : null;
  }
}
