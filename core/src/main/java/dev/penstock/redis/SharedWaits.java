package dev.penstock.redis;

import dev.penstock.Cost;
import dev.penstock.Reservation;
import dev.penstock.TokenBucketLimit;
import dev.penstock.base.Awaited;
import dev.penstock.base.Timer;
import dev.penstock.redis.wire.RedisStore;
import dev.penstock.redis.wire.ScriptBatch.Answer;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

/**
 * Reservations that are waited for: of tokens in Redis, which are taken ahead of time in one step,
 * and while it is away of this instance's share of them.
 */
final class SharedWaits {

  final RedisStore store;
  final Leases leases;
  final CheapDenials cheapDenials;
  final SharedDecisions decisions;
  final SharedBuckets shared;
  final SharedReservations reservations;
  final Settlements settlements;
  final Failover failover;
  final Ledger ledger;
  final AsyncTasks tasks;
  final WaitersAlike line = new WaitersAlike();

  private final AsyncDecisions async;
  private final Timer timer = new Timer("penstock-redis-waits");
  private final Executor looks;

  /**
   * Nobody waits yet.
   *
   * @param async counts what is under way to Redis
   * @param tasks asks Redis where that takes more than one call, and completes futures
   */
  SharedWaits(
      RedisStore store,
      Leases leases,
      CheapDenials cheapDenials,
      SharedDecisions decisions,
      SharedBuckets shared,
      SharedReservations reservations,
      Settlements settlements,
      Failover failover,
      Ledger ledger,
      AsyncDecisions async,
      AsyncTasks tasks) {
    this.store = store;
    this.leases = leases;
    this.cheapDenials = cheapDenials;
    this.decisions = decisions;
    this.shared = shared;
    this.reservations = reservations;
    this.settlements = settlements;
    this.failover = failover;
    this.ledger = ledger;
    this.async = async;
    this.tasks = tasks;
    this.looks = this::elsewhere;
  }

  /** Returns whether these buckets can be waited for in one step: they are all of tokens. */
  static boolean canAwait(DecisionBuckets buckets) {
    return buckets.all().stream()
        .allMatch(bucket -> bucket.limit().limit() instanceof TokenBucketLimit);
  }

  Reservation acquire(DecisionBuckets buckets, Cost cost, long maxWaitNanos)
      throws InterruptedException {
    return new SharedWait(this, buckets, cost, maxWaitNanos, false).await();
  }

  CompletableFuture<Reservation> acquireAsync(
      DecisionBuckets buckets, Cost cost, long maxWaitNanos) {
    SharedWait wait = new SharedWait(this, buckets, cost, maxWaitNanos, true);
    long now = System.nanoTime();
    boolean isOneCall = wait.isOneCall(now);
    boolean isKnown = isOneCall && wait.isKnown(now);
    CompletableFuture<Reservation> future = new CompletableFuture<>();
    if (isKnown && wait.isDecided()) {
      return CompletableFuture.completedFuture(wait.result());
    } else if (isKnown) {
      follow(wait, future);
    } else if (!async.begin()) {
      decideWithout(wait, buckets);
      follow(wait, future);
    } else if (isOneCall) {
      SharedBuckets.Take take = wait.begin(now);
      store.post(take.call(), () -> !future.isDone(), answer -> heard(wait, take, answer, future));
    } else {
      tasks.run(
          () -> ask(wait, future), () -> begin(wait, future, () -> decideWithout(wait, buckets)));
    }
    return future;
  }

  private void decideWithout(SharedWait wait, DecisionBuckets buckets) {
    store.decidedWithout(buckets.first());
    wait.goWithout();
  }

  /** Does what may ask Redis on another thread, as the caller's must not wait for the network. */
  void elsewhere(Runnable task) {
    tasks.run(task, () -> Awaited.pool().execute(task));
  }

  private void heard(
      SharedWait wait,
      SharedBuckets.Take take,
      Optional<Answer> answer,
      CompletableFuture<Reservation> future) {
    if (answer.isEmpty() && future.isDone()) {
      take.end(answer);
      async.end();
    } else {
      begin(wait, future, () -> wait.heard(take, answer));
    }
  }

  private void ask(SharedWait wait, CompletableFuture<Reservation> future) {
    if (future.isDone()) {
      async.end();
    } else {
      begin(wait, future, wait::ask);
    }
  }

  private void begin(SharedWait wait, CompletableFuture<Reservation> future, Runnable decide) {
    try {
      decide.run();
    } catch (Throwable e) { // nobody else tells whoever waits
      tasks.tell(() -> future.completeExceptionally(e));
      return;
    } finally {
      async.end();
    }
    follow(wait, future);
  }

  /** Completes a future with what is awaited, and gives that back if it is complete already. */
  @SuppressWarnings("FutureReturnValueIgnored") // each is complete when the other is
  private void follow(SharedWait wait, CompletableFuture<Reservation> future) {
    CompletableFuture<Reservation> awaited = wait.future(timer, !wait.mayAskAgain(), looks);
    future.whenComplete((any, failure) -> awaited.cancel(false));
    awaited.whenComplete(
        (reservation, failure) -> {
          if (failure == null || !future.isDone()) {
            tasks.tell(() -> complete(future, reservation, failure));
          }
        });
  }

  private void complete(
      CompletableFuture<Reservation> future, Reservation reservation, Throwable failure) {
    if (failure != null) {
      future.completeExceptionally(failure);
    } else if (!future.complete(reservation) && reservation.permitted()) {
      elsewhere(reservation::cancel);
    }
  }
}
