package dev.penstock.redis;

import dev.penstock.BucketState;
import dev.penstock.Cost;
import dev.penstock.Decision;
import dev.penstock.Reservation;
import dev.penstock.base.Awaited;
import dev.penstock.bucket.DeniedReservation;
import dev.penstock.bucket.Trial;
import dev.penstock.redis.wire.ScriptBatch.Answer;
import dev.penstock.redis.wire.SharedBucket;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A reservation that somebody waits for: of Redis is asked once, which takes it ahead of time or
 * says that it would take too long, and what remains is to wait. Where it does not answer, this
 * instance's share is waited for in the same way; who waits already goes on to.
 *
 * <p>A bucket that is charged nothing is looked at when the wait is over, and limits in shadow are
 * tried then.
 */
final class SharedWait extends Awaited<Reservation> {

  /** What was taken ahead, and how often each of its buckets had been reset before. */
  private record Place(AheadOfTime ahead, List<Integer> resets) {}

  /** After so long Redis is asked again where tokens may be on their way that it has taken. */
  private static final long GAP_NANOS = Duration.ofMillis(2).toNanos();

  private final SharedWaits waits;
  private final DecisionBuckets buckets;
  private final List<SharedBucket> enforced;
  private final Cost cost;
  private final long deadline;
  private final boolean isAsync;

  /** When to go on, if not at once. */
  private long nextAt;

  /** How often each bucket had been reset when Redis was asked. */
  private List<Integer> resetsBefore = List.of();

  /** What Redis has given; exchanged by others under the lock of their line. */
  private volatile @Nullable Place place;

  private boolean hasPassed;

  /** Whether Redis may have taken without saying so: it is not to take once more. */
  private boolean wasUnanswered;

  /** Whether it is counted as decided without Redis. */
  private boolean wasCounted;

  /** What is waited for without Redis, and of which buckets. */
  private @Nullable Awaited<Reservation> local;

  private List<SharedBucket> localBuckets = List.of();
  private boolean hasLocal;
  private long localDueAt;

  private @Nullable Reservation result;

  /**
   * @param isAsync whether whoever gives it up must not be kept by the network
   */
  SharedWait(
      SharedWaits waits, DecisionBuckets buckets, Cost cost, long maxWaitNanos, boolean isAsync) {
    this.waits = waits;
    this.buckets = buckets;
    this.enforced = buckets.enforced();
    this.cost = cost;
    this.nextAt = System.nanoTime();
    this.deadline = nextAt + maxWaitNanos;
    this.isAsync = isAsync;
  }

  boolean isDecided() {
    return result != null;
  }

  /** Returns whether Redis is asked again by somebody who need not wait. */
  boolean mayAskAgain() {
    return !buckets.shadow().isEmpty();
  }

  private long left(long now) {
    return Math.max(0, deadline - now);
  }

  /** Returns when what Redis has given may be used. */
  long dueAt() {
    return Objects.requireNonNull(place).ahead.dueAt();
  }

  /** Takes another's place in line for one's own, to be woken then; for one thread at a time. */
  void changePlaces(SharedWait other) {
    Place mine = place;
    place = other.place;
    other.place = mine;
  }

  /** Returns whether one call of the script takes it, and nothing has to be asked before. */
  boolean isOneCall(long now) {
    return !enforced.isEmpty()
        && waits.decisions.isOneCall(new DecisionBuckets(enforced, List.of()), cost, now);
  }

  /** Decides, where Redis need not be asked or is away; returns whether that is so. */
  boolean isKnown(long now) {
    Optional<Decision> denial = waits.cheapDenials.asKnown(enforced, cost, now, left(now));
    if (denial.isPresent()) {
      result = new DeniedReservation(denial.get());
      return true;
    }
    if (waits.store.isAvailable(buckets.first())) {
      return false;
    }
    goWithout();
    return true;
  }

  /** Begins to take; {@link #heard} follows. */
  SharedBuckets.Take begin(long now) {
    resetsBefore = enforced.stream().map(waits.settlements::resets).toList();
    return waits.shared.beginAhead(enforced, cost, now, left(now));
  }

  /** Hears what Redis says. */
  void heard(SharedBuckets.Take take, Optional<Answer> answer) {
    Optional<AheadOfTime> ahead = answer.filter(Answer::held).map(take::ahead);
    Optional<Decision> decision = take.end(answer);
    if (decision.isEmpty()) {
      wasUnanswered = true;
      waits.store.decidedWithout(buckets.first());
      goWithout();
    } else if (ahead.isEmpty()) {
      result = new DeniedReservation(decision.get());
    } else {
      place = new Place(ahead.get(), resetsBefore);
      if (ahead.get().isAwaited()) {
        waits.line.join(this, ahead.get());
      }
    }
  }

  /** Takes in one call, or without Redis; of leases first. */
  void ask() {
    if (wasUnanswered) {
      goWithout();
      return;
    }
    long now = System.nanoTime();
    if (!SharedDecisions.isWithinCapacity(enforced, cost)
        || enforced.isEmpty()
        || waits.leases.mayServe(enforced, cost, now)) {
      Reservation soon = waits.reservations.reserve(buckets, cost);
      if (soon.permitted()
          || soon.decision().never()
          || !SharedDecisions.isWithinCapacity(enforced, cost)) {
        result = soon;
        return;
      }
    }
    if (isKnown(now)) {
      return;
    }
    if (waits.settlements.areSettled(enforced)) {
      SharedBuckets.Take take = begin(now);
      heard(take, waits.store.call(take.call()));
    } else {
      waits.store.decidedWithout(buckets.first());
      goWithout();
    }
  }

  /** Goes on without Redis. */
  void goWithout() {
    if (!wasCounted) {
      waits.decisions.countWithout();
      wasCounted = true;
    }
    long now = System.nanoTime();
    Optional<Decision> decision = waits.failover.decideWaiter(enforced);
    if (decision.isPresent()) {
      result = waits.reservations.of(buckets, cost, "", decision.get(), now);
      return;
    }
    localBuckets = waits.failover.local(enforced);
    local = waits.ledger.await(localBuckets, cost, left(now));
    localDueAt = now;
  }

  @Override
  protected long look() {
    long gap = nextAt - System.nanoTime();
    if (gap > 0) {
      return gap;
    }
    if (result == null && place == null && local == null) {
      ask();
    }
    if (result != null) {
      return 0;
    }
    Awaited<Reservation> here = local;
    return here == null ? lookAhead() : lookHere(here);
  }

  private long lookAhead() {
    long now = System.nanoTime();
    long nanos = dueAt() - now;
    if (nanos > 0) {
      return nanos;
    }
    Place mine = Objects.requireNonNull(place);
    if (!hasPassed && mine.ahead.isAwaited()) {
      waits.line.pass(this, mine.ahead);
    }
    hasPassed = true;
    return end(Objects.requireNonNull(place), now);
  }

  private long end(Place passed, long now) {
    AheadOfTime ahead = passed.ahead;
    List<SharedBucket> untouched = ahead.untouched();
    if (ahead.isAwaited() && !untouched.isEmpty()) {
      Optional<Decision> seen =
          waits.decisions.decideByRedis(new DecisionBuckets(untouched, List.of()), cost, "", false);
      if (seen.isPresent() && !seen.get().permitted()) {
        return lookOnceMore(passed, seen.get(), now);
      }
    }
    Reservation taken = reservation(passed, now);
    result = buckets.shadow().isEmpty() ? taken : withShadow(taken);
    return 0;
  }

  /** Others were faster at a bucket that is charged nothing. */
  private long lookOnceMore(Place passed, Decision denial, long now) {
    long nanos = denial.retryAfterNanos();
    if (nanos == BucketState.UNKNOWN || nanos > left(now)) {
      putBack(reservation(passed, now));
      result = new DeniedReservation(denial);
      return 0;
    }
    nextAt = now + Math.max(1, nanos);
    return Math.max(1, nanos);
  }

  private Reservation reservation(Place of, long now) {
    return SharedReservation.ahead(waits.settlements, of.ahead, of.ahead.decision(now), of.resets);
  }

  private Reservation withShadow(Reservation taken) {
    Reservation tried =
        waits.reservations.reserve(new DecisionBuckets(List.of(), buckets.shadow()), cost);
    Optional<Decision> decision = tried.decision().shadow();
    return decision.isEmpty()
        ? taken
        : Trial.together(taken, tried, taken.decision().withShadow(decision.get()));
  }

  private long lookHere(Awaited<Reservation> here) {
    long nanos = look(here);
    long now = System.nanoTime();
    boolean hasTaken = nanos > 0 || result(here).permitted();
    if (hasTaken && !hasLocal && waits.ledger.mayBeTaken(localBuckets)) {
      giveUp(here);
      local = null;
      if (left(now) == 0) {
        result = waits.reservations.reserveWithout(buckets, cost);
        return 0;
      }
      nextAt = now + Math.min(GAP_NANOS, left(now));
      return nextAt - now;
    }
    hasLocal = true;
    if (nanos > 0) {
      localDueAt = localBuckets.size() == 1 ? now + nanos : localDueAt;
      return nanos;
    }
    Decision decision = waits.ledger.awaited(localBuckets, result(here).decision(), cost);
    Decision tried = waits.failover.withShadow(decision, buckets.shadow(), cost, true);
    result = waits.reservations.of(buckets, cost, "", tried, localDueAt);
    return 0;
  }

  @Override
  protected Reservation result() {
    return Objects.requireNonNull(result, "result");
  }

  @Override
  protected void giveUp() {
    Place mine = place;
    if (result != null) {
      if (result.permitted()) {
        putBack(result);
      }
    } else if (mine != null) {
      if (!hasPassed && mine.ahead.isAwaited()) {
        waits.line.leave(this, mine.ahead);
      }
      putBack(reservation(Objects.requireNonNull(place), System.nanoTime()));
    } else if (local != null) {
      giveUp(local);
    }
  }

  private void putBack(Reservation reservation) {
    if (isAsync) {
      waits.elsewhere(reservation::cancel);
    } else {
      reservation.cancel();
    }
  }
}
