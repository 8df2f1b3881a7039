package dev.penstock.redis;

import dev.penstock.BucketState;
import dev.penstock.Cost;
import dev.penstock.Limit;
import dev.penstock.PartitionedLimit;
import dev.penstock.base.Inside;
import dev.penstock.base.Windows;
import dev.penstock.bucket.Buckets;
import dev.penstock.bucket.Gcra;
import dev.penstock.bucket.Rooms;
import dev.penstock.bucket.WindowUse;
import dev.penstock.redis.wire.KnownBuckets;
import dev.penstock.redis.wire.KnownLevel;
import dev.penstock.redis.wire.LiveEntries;
import dev.penstock.redis.wire.SharedBucket;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The windows of the {@link Ledger}, in tokens. A window in memory has what was spent here, and
 * nothing else; what Redis last said of its window counts on top, as this process's share of it.
 * What was spent here and Redis has not been charged is kept beside it: a token of a share is one
 * of the whole.
 */
final class WindowLedger {

  /**
   * What Redis is owed of a window.
   *
   * @param word until when it counts, by the clock of nanoseconds
   * @param end when the window ends, by the clock of Redis
   */
  private record Owed(long word, long end, long tokens) {

    /** Returns what of it counts at a time: of the last window the part that is within reach. */
    long tokensAt(long time, Windows windows) {
      long left = end + windows.nanos() - time;
      if (time < end) {
        return tokens;
      }
      return windows.slide() && left > 0 ? Gcra.scaled(tokens, windows.nanos(), left) : 0;
    }
  }

  private final KnownBuckets known;
  private final FleetShare shares;
  private final Buckets spent;
  private final LiveEntries<Owed> owed;

  WindowLedger(KnownBuckets known, FleetShare shares, Buckets spent, int maxBuckets, Rooms rooms) {
    this.known = known;
    this.shares = shares;
    this.spent = spent;
    this.owed = new LiveEntries<>(bucket -> rooms.most(bucket, maxBuckets), Owed::word);
  }

  private static Windows windows(SharedBucket bucket) {
    return Objects.requireNonNull(Inside.windows(bucket.limit().limit()));
  }

  private long serverNanos() {
    return known.serverTime().nanos(System.nanoTime());
  }

  /** Returns how long what is taken now counts. */
  long nanosLeft(SharedBucket bucket) {
    Windows windows = windows(bucket);
    long time = serverNanos();
    return windows.end(time) - time + (windows.slide() ? windows.nanos() : 0);
  }

  /** Returns what Redis is to be charged. */
  long owed(SharedBucket bucket) {
    @Nullable Owed last = owed.find(bucket.hash());
    return last == null ? 0 : last.tokensAt(serverNanos(), windows(bucket));
  }

  /** Says that Redis is owed more, or negative less. */
  void owe(SharedBucket bucket, long tokens, long now) {
    if (tokens != 0) {
      Windows windows = windows(bucket);
      owed.compute(
          bucket.hash(),
          now,
          last -> {
            long time = serverNanos();
            long sum = tokens + (last == null ? 0 : last.tokensAt(time, windows));
            return sum <= 0 ? null : new Owed(now + nanosLeft(bucket), windows.end(time), sum);
          });
    }
  }

  void forget(SharedBucket bucket) {
    owed.remove(bucket.hash());
  }

  /**
   * Owes what was spent and no decision was asked for, as far as the whole window may owe; the
   * share has as much taken as it can tell.
   *
   * @return how much
   */
  long spend(SharedBucket bucket, long tokens, long now) {
    Limit whole = bucket.limit().limit();
    @Nullable KnownLevel last = known.find(bucket.hash());
    long taken = last == null ? 0 : last.levelNanosAtMost(System.nanoTime(), whole);
    long room = Math.max(0, Gcra.most(whole) - taken - owed(bucket));
    long charged = Math.min(tokens, room);
    owe(bucket, charged, now);
    spent.owe(bucket.identity(), shares.of(bucket.limit()), charged, 0);
    return charged;
  }

  /** Returns when the window ends that it is now, by the clock of Redis. */
  long end(SharedBucket bucket) {
    return windows(bucket).end(serverNanos());
  }

  /**
   * Takes off what Redis has been charged, or what is put back: what is still owed stays, and so
   * does what was spent since that window ended.
   *
   * @param end when the window ends in which it was spent
   */
  void moveDown(SharedBucket bucket, long tokens, long end, long now) {
    if (end(bucket) == end) {
      PartitionedLimit share = shares.of(bucket.limit());
      spent.follow(bucket.identity(), share, tokens, 0);
      owe(bucket, -tokens, now);
      long left = owed(bucket);
      spent.follow(bucket.identity(), share, left, left);
    } else {
      owe(bucket, -new Owed(0, end, tokens).tokensAt(serverNanos(), windows(bucket)), now);
    }
  }

  /** Returns how this process's share of a window stands. */
  WindowUse use(SharedBucket bucket) {
    PartitionedLimit share = shares.of(bucket.limit());
    WindowUse here = spent.window(bucket.identity(), share);
    @Nullable KnownLevel last = known.find(bucket.hash());
    Limit whole = bucket.limit().limit();
    @Nullable WindowUse there = last == null ? null : last.windowAtMost(System.nanoTime(), whole);
    if (there == null) {
      long level = last == null ? 0 : last.levelNanosAtMost(System.nanoTime(), whole);
      return here.with(shares.levelOfShare(bucket.limit(), level), 0);
    }
    return here.end() == there.end() && there.isOwn()
        ? here.with(
            shares.levelOfShare(bucket.limit(), there.current()),
            shares.levelOfShare(bucket.limit(), there.previous()))
        : here.with(shares.levelOfShare(bucket.limit(), there.taken()), 0);
  }

  /** Returns whether more is taken than the share has, together with what calls may take. */
  boolean isBeyondEmpty(SharedBucket bucket, Cost cost, long underWay) {
    long needed = bucket.amount(cost) == 0 ? 1 : 0;
    long taken = use(bucket).taken() + shares.levelOfShare(bucket.limit(), underWay) + needed;
    return taken > shares.of(bucket.limit()).limit().capacity();
  }

  BucketState state(SharedBucket bucket, Cost cost, boolean paid) {
    return use(bucket).state(bucket.limit().name(), bucket.amount(cost), paid);
  }
}
