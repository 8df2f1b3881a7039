package dev.penstock.bucket;

import dev.penstock.BucketState;
import dev.penstock.Identity;
import dev.penstock.PartitionedLimit;

/**
 * The part of an in-flight limit's bucket in one decision.
 *
 * <p>A newcomer without room takes its slots from the overflow bucket, and they stay there until
 * they are given back: so whoever gets a bucket of its own meanwhile counts what is held in the
 * overflow bucket as its own besides, until nothing is. Two rules make that exact when both happen
 * at once: whether anything is held there is read after the own bucket is visible, and whoever has
 * charged the overflow bucket looks for an own one once more, and if there is one gives back and
 * charges that.
 */
final class ChargedSlots implements BucketPart {

  private static final Transition TAKE = SlotWord::take;
  private static final Transition GIVE_BACK = SlotWord::giveBack;
  private static final Transition ALONE = SlotWord::alone;

  private final BucketStore store;
  private final PartitionedLimit limit;
  private final long amount;
  private final long hash;
  private final Identity identity;
  private final boolean hasWaited;
  private long held;
  private boolean overflows;

  /**
   * @param amount slots, at least 0
   * @param hasWaited whether for the first of those who wait, so that no one else is to be let pass
   */
  ChargedSlots(
      BucketStore store,
      Identity identity,
      PartitionedLimit limit,
      long amount,
      boolean hasWaited) {
    this.store = store;
    this.limit = limit;
    this.amount = amount;
    this.hash = BucketStore.hash(identity, limit);
    this.identity = identity;
    this.hasWaited = hasWaited;
  }

  @Override
  public void look() {
    long word = store.own.word(hash);
    boolean shares = word <= 0 || SlotWord.shares(word);
    held = SlotWord.held(word) + (shares ? heldInOverflow() : 0);
    if (isSpokenFor()) {
      held = Math.max(held, limit.limit().capacity());
    }
  }

  /** Returns whether each slot that is free, or will be, is for others. */
  private boolean isSpokenFor() {
    return !hasWaited && store.slotQueue.isAwaited(hash);
  }

  private long heldInOverflow() {
    BucketTable overflow = room().overflow;
    return overflow.size() == 0 ? 0 : SlotWord.held(overflow.word(overflowHash()));
  }

  private Room room() {
    return store.room(identity, limit);
  }

  private long overflowHash() {
    return BucketStore.overflowHash(limit);
  }

  /**
   * Takes the slots where no other bucket is concerned: with one compare-and-set, unless the bucket
   * is absent, or has something in the overflow bucket.
   */
  boolean takeAlone() {
    boolean isSimple = amount > 0 && !isSpokenFor();
    long word = isSimple ? store.own.tryUpdate(hash, TAKE, 0, amount, limit) : BucketArray.UNSET;
    if (word > 0 && !SlotWord.shares(word)) {
      held = SlotWord.held(word);
      return true;
    }
    if (word > 0) {
      return takeBesideOverflow(word) > 0;
    }
    look();
    return holds(0) && take(0);
  }

  @Override
  public boolean holds(long now) {
    return SlotWord.fits(held, amount, limit.limit());
  }

  @Override
  public boolean take(long now) {
    if (amount == 0) {
      return true;
    }
    long word = BucketArray.ABSENT;
    while (word == BucketArray.ABSENT || word == BucketArray.UNSET) {
      overflows = !store.own.add(hash, room().most);
      word = overflows ? takeFromOverflow() : takeFromOwn();
    }
    return word > 0;
  }

  private long takeFromOwn() {
    if (store.own.word(hash) == BucketArray.UNSET) {
      store.own.begin(hash, heldInOverflow() > 0 ? SlotWord.FREE_AND_SHARES : SlotWord.FREE);
    }
    long word = store.own.update(hash, TAKE, 0, amount, limit);
    long seen = word < 0 ? ~word : word;
    held = SlotWord.held(seen);
    return word > 0 && SlotWord.shares(seen) ? takeBesideOverflow(word) : word;
  }

  /** Of slots that are taken, the overflow bucket has its say. */
  private long takeBesideOverflow(long word) {
    long others = heldInOverflow();
    held = SlotWord.held(word);
    if (others == 0) {
      store.own.update(hash, ALONE, 0, 0, limit);
      return word;
    }
    held += others;
    if (held > limit.limit().capacity()) {
      giveBack();
      held -= amount;
      return ~word;
    }
    return word;
  }

  private long takeFromOverflow() {
    BucketTable overflow = room().overflow;
    long shared = overflowHash();
    if (!overflow.add(shared)) {
      held = limit.limit().capacity();
      return BucketWord.DENIED;
    }
    overflow.begin(shared, SlotWord.FREE);
    long word = overflow.update(shared, TAKE, 0, amount, limit);
    if (word > 0 && store.own.word(hash) != BucketArray.ABSENT) {
      giveBack();
      return BucketArray.ABSENT;
    }
    held = SlotWord.held(word < 0 ? ~word : word);
    room().overflows.increment();
    return word;
  }

  @Override
  public void giveBack() {
    if (amount > 0) {
      BucketTable table = overflows ? room().overflow : store.own;
      table.update(overflows ? overflowHash() : hash, GIVE_BACK, table.lately(), amount, limit);
      store.slotQueue.freed(hash, overflows);
    }
  }

  @Override
  public long level(boolean paid, long now) {
    return held;
  }

  @Override
  public BucketState state(long level, boolean paid) {
    return SlotWord.state(limit, level, amount, paid);
  }

  @Override
  public ReservedPart reserved(Object reservation) {
    HeldSlots slots = new HeldSlots(this, reservation);
    if (amount > 0) {
      store.holders.begin(slots);
    }
    return slots;
  }

  long amount() {
    return amount;
  }

  SlotHolders holders() {
    return store.holders;
  }

  PartitionedLimit limit() {
    return limit;
  }
}
