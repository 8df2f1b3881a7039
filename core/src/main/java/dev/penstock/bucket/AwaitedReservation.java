package dev.penstock.bucket;

import dev.penstock.Cost;
import dev.penstock.Decision;
import dev.penstock.Identity;
import dev.penstock.InFlightLimit;
import dev.penstock.PartitionedLimit;
import dev.penstock.Reservation;
import dev.penstock.base.Awaited;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A reservation that somebody waits for: for slots first, in the lines of {@link SlotQueue}, and
 * with nothing in hand; then it takes all at once, tokens as far ahead as there is patience left,
 * and waits until the last bucket holds what was taken.
 *
 * <p>A bucket that is charged nothing must hold a token when the wait is over; where others were
 * faster, it is waited for once more, if there is patience left.
 */
final class AwaitedReservation extends Awaited<Reservation> {

  /** What nobody gives back is looked for so often, as there may be no other caller. */
  private static final long SWEEP_NANOS = Duration.ofMillis(500).toNanos();

  /** How often a decision starts anew where others were faster at every look. */
  private static final int MAX_ATTEMPTS = 8;

  private final Buckets buckets;
  private final BucketStore store;
  private final Identity identity;
  private final List<PartitionedLimit> limits;
  private final List<PartitionedLimit> shadow;
  private final Cost cost;
  private final Patience patience;
  private final long[] slotHashes;
  private boolean hasJoined;

  /** The buckets, as they were last charged in vain, or with success. */
  private BucketPart[] parts = {};

  /** Written last of what {@link #decide} writes, which may be on another's thread. */
  private volatile boolean hasTaken;

  private volatile boolean isDenied;
  private @Nullable Reservation result;

  /**
   * @param limits that are enforced, at least one
   * @param shadow that are only tried, when the wait is over
   */
  AwaitedReservation(
      Buckets buckets,
      BucketStore store,
      Identity identity,
      List<PartitionedLimit> limits,
      List<PartitionedLimit> shadow,
      Cost cost,
      long maxWaitNanos) {
    this.buckets = buckets;
    this.store = store;
    this.identity = identity;
    this.limits = limits;
    this.shadow = shadow;
    this.cost = cost;
    this.patience = new Patience(store.now() + maxWaitNanos, this::wake);
    this.slotHashes =
        limits.stream()
            .filter(limit -> limit.limit() instanceof InFlightLimit)
            .mapToLong(limit -> BucketStore.hash(identity, limit))
            .toArray();
  }

  /** Returns the buckets whose slots it waits for. */
  long[] slotHashes() {
    return slotHashes;
  }

  /** Returns the names of their limits. */
  List<String> slotLimits() {
    return limits.stream()
        .filter(limit -> limit.limit() instanceof InFlightLimit)
        .map(PartitionedLimit::name)
        .toList();
  }

  @Override
  protected long look() {
    if (result != null) {
      return 0;
    }
    if (!isDecided()) {
      long nanos = lookForSlots();
      if (nanos > 0) {
        return nanos;
      }
    }
    return isDenied ? deny() : lookAhead();
  }

  private boolean isDecided() {
    return hasTaken || isDenied;
  }

  /** Returns the nanoseconds after which to look again; 0 once it is decided. */
  private long lookForSlots() {
    store.holders.sweep();
    if (slotHashes.length == 0) {
      decide();
    } else if (hasJoined) {
      store.slotQueue.look(slotHashes);
    } else {
      hasJoined = true;
      store.slotQueue.join(this);
    }
    long left = isDecided() ? 0 : patience.nanos(store.now());
    if (left > 0) {
      return Math.min(left, SWEEP_NANOS);
    }
    if (!isDecided()) {
      store.slotQueue.leave(this);
      isDenied = !hasTaken;
    }
    return 0;
  }

  /**
   * Takes all, or finds that it can not be in time. Where slots are waited for, under the lock of
   * their queue.
   *
   * @return whether it is decided; if not, a slot is not free
   */
  boolean decide() {
    BucketPart[] tried = BucketPart.ofEach(store, identity, limits, cost, patience);
    long[] levels = new long[tried.length];
    for (int attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      if (buckets.atLength(tried, levels)) {
        parts = tried;
        hasTaken = true;
        return true;
      }
      long now = store.now();
      boolean tokens = true;
      boolean slots = true;
      for (BucketPart part : tried) {
        tokens &= part instanceof ChargedSlots || part.holds(now);
        slots &= !(part instanceof ChargedSlots) || part.holds(now);
      }
      if (tokens && !slots && slotsCanCome()) {
        return false;
      }
      if (!tokens || !slots) {
        break;
      }
    }
    parts = tried;
    isDenied = true;
    return true;
  }

  private boolean slotsCanCome() {
    for (PartitionedLimit limit : limits) {
      if (limit.limit() instanceof InFlightLimit inFlight
          && cost.amount(inFlight) > inFlight.capacity()) {
        return false;
      }
    }
    return true;
  }

  private long lookAhead() {
    long now = store.now();
    long due = now;
    for (BucketPart part : parts) {
      if (part instanceof ChargedBucket bucket) {
        due = Math.max(due, bucket.due(now));
      }
    }
    if (due - patience.deadline() > 0 && due > now) {
      giveBack();
      return deny();
    }
    if (due > now) {
      return due - now;
    }
    for (BucketPart part : parts) {
      if (part instanceof ChargedBucket bucket) {
        bucket.pass();
      }
    }
    Reservation taken = ReservedParts.of(decision(true), parts);
    result =
        shadow.isEmpty() ? taken : Trial.withShadow(taken, buckets.reserve(identity, shadow, cost));
    return 0;
  }

  private long deny() {
    result = new DeniedReservation(decision(false));
    return 0;
  }

  /** Tells how the buckets stand now. */
  private Decision decision(boolean paid) {
    long[] levels = new long[limits.size()];
    BucketPart[] seen = paid ? parts : BucketPart.ofEach(store, identity, limits, cost);
    for (int i = 0; i < levels.length; i++) {
      seen[i].look();
      levels[i] = seen[i].level(false, store.now());
    }
    return Decision.of(
        Decision.Source.MEMORY, paid, BucketPart.states(seen, limits, cost, paid, levels));
  }

  @Override
  protected Reservation result() {
    return Objects.requireNonNull(result, "result");
  }

  @Override
  protected void giveUp() {
    if (result != null) {
      result.cancel();
      return;
    }
    if (hasJoined) {
      store.slotQueue.leave(this);
    }
    if (hasTaken) {
      giveBack();
    }
  }

  /** Tokens first: whoever gets the slots finds them there. */
  private void giveBack() {
    for (BucketPart part : parts) {
      if (part instanceof ChargedBucket) {
        part.giveBack();
      }
    }
    for (BucketPart part : parts) {
      if (part instanceof ChargedSlots) {
        part.giveBack();
      }
    }
  }
}
