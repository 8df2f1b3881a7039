package dev.penstock.redis;

import dev.penstock.Cost;
import dev.penstock.Decision;
import dev.penstock.Reservation;
import dev.penstock.redis.wire.RedisStore;
import dev.penstock.redis.wire.ScriptBatch.Answer;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Decisions for which no caller waits. What one call of the script decides is sent by the store's
 * own lanes; what asks Redis more than once, as slots, leases and what is owed do, is decided by a
 * few threads as it would be by the caller's.
 *
 * <p>So many may be under way, and what comes beyond is decided at once without Redis: a caller
 * never waits, nor does a queue grow. A future that was completed or cancelled by others by the
 * time it is decided wants nothing: what was not sent is dropped, and what was taken is put back.
 */
final class AsyncDecisions {

  private final RedisStore store;
  private final SharedDecisions decisions;
  private final SharedBuckets shared;
  private final SharedReservations reservations;
  private final int most;
  private final AsyncTasks tasks;
  private final AtomicInteger underWay = new AtomicInteger();

  /**
   * Nothing is under way yet.
   *
   * @param tasks asks Redis where that takes more than one call, and completes the futures
   * @param most how many may be under way
   */
  AsyncDecisions(
      RedisStore store,
      SharedDecisions decisions,
      SharedBuckets shared,
      SharedReservations reservations,
      AsyncTasks tasks,
      int most) {
    this.store = store;
    this.decisions = decisions;
    this.shared = shared;
    this.reservations = reservations;
    this.tasks = tasks;
    this.most = most;
  }

  /** Counts one that is about to be under way, unless there are too many; {@link #end} follows. */
  boolean begin() {
    boolean isWithin = underWay.incrementAndGet() <= most;
    if (!isWithin) {
      underWay.decrementAndGet();
    }
    return isWithin;
  }

  /** Counts one that is not under way any more. */
  void end() {
    underWay.decrementAndGet();
  }

  /** Returns how many are under way. */
  int underWay() {
    return underWay.get();
  }

  /**
   * Reserves.
   *
   * @param told what of the reservation is told: itself, or its decision
   */
  <T> CompletableFuture<T> reserve(
      DecisionBuckets buckets, Cost cost, Function<Reservation, T> told) {
    long now = System.nanoTime();
    boolean isOneCall = decisions.isOneCall(buckets, cost, now);
    if (isOneCall) {
      Optional<Decision> known = decisions.decideAtOnce(buckets, cost, now);
      if (known.isPresent()) {
        return CompletableFuture.completedFuture(
            told.apply(reservations.of(buckets, cost, "", known.get(), now)));
      }
    }
    if (!begin()) {
      store.decidedWithout(buckets.first());
      return CompletableFuture.completedFuture(
          told.apply(reservations.reserveWithout(buckets, cost)));
    }
    CompletableFuture<T> future = new CompletableFuture<>();
    if (isOneCall) {
      SharedBuckets.Take take = shared.begin(buckets, cost, now);
      store.post(
          take.call(),
          () -> !future.isDone(),
          answer -> end(future, buckets, cost, told, now, take, answer));
    } else {
      ask(future, buckets, cost, told);
    }
    return future;
  }

  private <T> void end(
      CompletableFuture<T> future,
      DecisionBuckets buckets,
      Cost cost,
      Function<Reservation, T> told,
      long takenAt,
      SharedBuckets.Take take,
      Optional<Answer> answer) {
    Optional<Decision> decision = take.end(answer);
    if (decision.isEmpty()) {
      if (future.isDone()) {
        underWay.decrementAndGet();
        return;
      }
      store.decidedWithout(buckets.first());
    }
    complete(
        future,
        reservations.of(
            buckets,
            cost,
            "",
            decision.orElseGet(() -> decisions.decideWithout(buckets, cost, true)),
            takenAt),
        told);
  }

  private <T> void ask(
      CompletableFuture<T> future,
      DecisionBuckets buckets,
      Cost cost,
      Function<Reservation, T> told) {
    tasks.run(
        () -> {
          if (future.isDone()) {
            underWay.decrementAndGet();
          } else {
            complete(future, () -> reservations.reserve(buckets, cost), told);
          }
        },
        () -> complete(future, () -> reservations.reserveWithout(buckets, cost), told));
  }

  private <T> void complete(
      CompletableFuture<T> future, Supplier<Reservation> reserve, Function<Reservation, T> told) {
    Reservation reservation;
    try {
      reservation = reserve.get();
    } catch (Throwable e) {
      underWay.decrementAndGet();
      tasks.tell(() -> future.completeExceptionally(e));
      return;
    }
    complete(future, reservation, told);
  }

  private <T> void complete(
      CompletableFuture<T> future, Reservation reservation, Function<Reservation, T> told) {
    tasks.tell(
        () -> {
          underWay.decrementAndGet();
          if (!future.complete(told.apply(reservation)) && reservation.permitted()) {
            tasks.run(reservation::cancel, reservation::cancel);
          }
        });
  }
}
