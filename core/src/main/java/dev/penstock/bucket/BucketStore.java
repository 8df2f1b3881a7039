package dev.penstock.bucket;

import dev.penstock.Identity;
import dev.penstock.PartitionedLimit;
import dev.penstock.base.Inside;
import dev.penstock.base.Windows;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.function.BiConsumer;
import java.util.function.LongSupplier;
import java.util.stream.IntStream;

/**
 * The buckets of a limiter: a bounded table of own buckets, and in the {@link Room} of each kind an
 * overflow bucket for each limit's name, shared by newcomers of that kind for whom there is no
 * room.
 *
 * <p>What an absent bucket holds is what its overflow bucket holds: its owner may have spent there.
 * So a bucket that is added starts at the level of the overflow bucket. Two rules make that exact
 * when both happen at once: the first level of a bucket is read after it is visible in the table,
 * and whoever has charged the overflow bucket looks for an own bucket once more afterwards, and if
 * there is one gives back and charges that. So either the first level includes the charge, or the
 * charge is taken back.
 *
 * <p>An absent bucket is full now, and not at the earlier time that a stalled request goes by:
 * since then the same bucket may have been charged, full again and forgotten. So a bucket begins at
 * the time of its addition, and whoever adds one reads the time anew before charging it.
 *
 * <p>What was taken is not given back if the bucket was <em>cut</em> since: brought to an end of
 * its range, whatever had been taken before. Cuts are counted for many buckets in one number, so a
 * cut elsewhere may cost what would have been given back; it never creates a token. They are
 * counted before the word is cut and read after the word, so whoever sees a cut word sees the cut.
 * That tells words apart as long as time goes on: where a clock shows one and the same time when a
 * charge is made, when its bucket is reset, and when the same cost is taken again, all of it while
 * the charge is being given back, the word is what it was, and the token is given back all the
 * same.
 */
final class BucketStore {

  private static final Transition TAKE = BucketWord::take;

  final BucketTable own;

  /** Who holds slots of these buckets. */
  final SlotHolders holders;

  /** Who waits for tokens of these buckets. */
  final WaitLines lines = new WaitLines(this);

  /** Who waits for slots. */
  final SlotQueue slotQueue = new SlotQueue();

  private final List<Room> rooms;
  private final LongSupplier clock;
  private final InstantSource wallClock;
  private final AtomicIntegerArray cuts = new AtomicIntegerArray(1024);

  /**
   * @param clock nanoseconds, above 0
   * @param wallClock the time of windows
   */
  BucketStore(int maxBuckets, Rooms rooms, LongSupplier clock, InstantSource wallClock) {
    this.clock = clock;
    this.wallClock = wallClock;
    // To the millisecond it costs no object, and nothing is forgotten too early by it.
    LongSupplier wallMillis = new LastingTime(clock, () -> wallClock.millis() * 1_000_000);
    this.own = new BucketTable(maxBuckets, clock, wallMillis);
    this.holders = new SlotHolders(clock);
    this.rooms =
        IntStream.range(0, Rooms.COUNT)
            .mapToObj(room -> new Room(rooms.most(room, maxBuckets), clock, wallMillis))
            .toList();
  }

  long now() {
    return clock.getAsLong();
  }

  /** Returns the time of windows, in nanoseconds since 1970. */
  long wallNow() {
    Instant now = wallClock.instant();
    return now.getEpochSecond() * 1_000_000_000 + now.getNano();
  }

  /** Returns what the own bucket is called: the hashes of key and name are random, so is this. */
  static long hash(Identity identity, PartitionedLimit limit) {
    return odd(BucketHash.of(identity, limit));
  }

  static long overflowHash(PartitionedLimit limit) {
    return odd(Inside.nameHash(limit));
  }

  Room room(Identity identity, PartitionedLimit limit) {
    return rooms.get(Rooms.room(identity, limit.partition()));
  }

  Room room(Identity.Kind kind) {
    return rooms.get(Rooms.room(kind));
  }

  void rooms(BiConsumer<String, Room> action) {
    for (int room = 0; room < Rooms.COUNT; room++) {
      action.accept(Rooms.name(room), rooms.get(room));
    }
  }

  private static long odd(long hash) {
    return hash | 1;
  }

  /** Takes from the own bucket; for the answer see {@link BucketTable#tryUpdate}. */
  long tryTake(long hash, long now, long cost, PartitionedLimit limit) {
    return own.tryUpdate(hash, TAKE, now, cost, limit);
  }

  /** Returns the word of the own bucket, or what it would begin with where it is absent. */
  long word(long hash, Room room, PartitionedLimit limit) {
    long word = own.word(hash);
    while (word == BucketArray.UNSET) {
      begin(hash, room, limit);
      word = own.word(hash);
    }
    return word == BucketArray.ABSENT ? overflowWord(room, limit) : word;
  }

  /** Returns whether the own bucket is there, and has begun, or there is no room for it. */
  boolean add(long hash, Room room, PartitionedLimit limit) {
    boolean added = own.add(hash, room.most);
    if (added) {
      begin(hash, room, limit);
    }
    return added;
  }

  /** Of a ban there is none: those who share it would ban each other. */
  boolean addOverflow(Room room, PartitionedLimit limit) {
    if (Inside.isBan(limit)) {
      return false;
    }
    long hash = overflowHash(limit);
    boolean added = room.overflow.add(hash);
    if (added) {
      room.overflow.begin(hash, full(limit));
    }
    return added;
  }

  /** To be read before a bucket is charged, and again before it is given back to. */
  int cuts(long hash) {
    return cuts.get(stripe(hash));
  }

  void cut(long hash) {
    cuts.getAndIncrement(stripe(hash));
  }

  private int stripe(long hash) {
    return (int) (hash >>> 1) & (cuts.length() - 1);
  }

  private void begin(long hash, Room room, PartitionedLimit limit) {
    long shared = inherited(hash, overflowWord(room, limit), room, limit);
    long full = full(limit);
    boolean isNewer = WindowWord.isWindow(full) ? shared == BucketWord.FULL : full > shared;
    own.begin(hash, isNewer ? full : shared);
  }

  /**
   * Returns what an own bucket begins with, of the word of the overflow bucket: no more than its
   * owner may have spent there, so empty, or as far ahead as its owner waits. What is beyond has
   * been taken by others who wait, which is read after the word.
   */
  private long inherited(long hash, long shared, Room room, PartitionedLimit limit) {
    if (WindowWord.isWindow(shared) || Inside.windows(limit.limit()) != null) {
      return shared;
    }
    long now = now();
    long level = BucketWord.level(shared, now, limit);
    long most = Gcra.most(limit.limit());
    if (level <= most) {
      return shared;
    }
    long ahead = lines.longestOf(hash, room.overflow, overflowHash(limit));
    return BucketWord.of(Math.min(level, most + ahead), now, limit);
  }

  /**
   * A full bucket, too, is written under its limit: a request that goes by an earlier time sees it
   * as not full yet, and a level of another limit's would be scaled.
   */
  private long full(PartitionedLimit limit) {
    return Inside.windows(limit.limit()) == null
        ? BucketWord.of(0, now(), limit)
        : WindowUse.of(limit, BucketWord.FULL, BucketWord.FULL, now(), wallNow()).word();
  }

  /** Returns the word of the overflow bucket, with what counts of the word beside it. */
  private long overflowWord(Room room, PartitionedLimit limit) {
    long hash = overflowHash(limit);
    long word = Math.max(BucketWord.FULL, room.overflow.word(hash));
    long second = second(room.overflow, hash, word, limit);
    boolean hasLast = WindowWord.areAlike(word, second) && !WindowWord.isOver(second, wallNow());
    return hasLast ? WindowWord.sum(word, second) : word;
  }

  /** Returns the word that is kept beside this one, of a window that slides; 0 if there is none. */
  long second(BucketTable table, long of, long word, PartitionedLimit limit) {
    Windows windows = Inside.windows(limit.limit());
    return WindowWord.slides(word) || (windows != null && windows.slide())
        ? Math.max(BucketWord.FULL, table.word(ChargedWindow.second(of)))
        : BucketWord.FULL;
  }

  /**
   * Returns the word of a token bucket, where a window's is seen; any other as it is. The time is
   * read after it.
   */
  long asTokens(BucketTable table, long of, long word, PartitionedLimit limit) {
    return WindowWord.isWindow(word)
        ? BucketWord.ofWindow(word, second(table, of, word, limit), now(), wallNow(), limit)
        : word;
  }
}
