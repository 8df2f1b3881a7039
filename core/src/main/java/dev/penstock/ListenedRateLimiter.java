package dev.penstock;

import static dev.penstock.base.PaidCounter.UNTIMED;

import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/** A limiter that tells listeners of each decision it passes on, and of its reservations. */
record ListenedRateLimiter(RateLimiter limiter, Listeners listeners) implements RateLimiter {

  @Override
  public RateLimiter listening(RateLimitListener listener) {
    Objects.requireNonNull(listener, "listener");
    return new ListenedRateLimiter(limiter, listeners.and(listener));
  }

  @Override
  public Decision tryAcquire(Identity identity, LimitPolicy policy, Cost cost) {
    boolean timed = listeners.time();
    long since = timed ? System.nanoTime() : 0;
    // One place for all: where two meet, the compiler could not leave the decision out.
    Decision decision = decision(identity, policy, cost);
    long took = took(timed, since);
    if (!listeners.counted(policy, cost, decision.permitted(), decision.source(), took)) {
      listeners.decided(identity, policy, cost, decision, took);
    }
    return decision;
  }

  /** The default asks for the same, by a detour that the compiler would have to see through. */
  @Override
  public Decision tryAcquire(Identity identity, LimitPolicy policy) {
    return tryAcquire(identity, policy, Cost.ONE_REQUEST);
  }

  private Decision decision(Identity identity, LimitPolicy policy, Cost cost) {
    try {
      return Objects.requireNonNull(limiter.tryAcquire(identity, policy, cost), "decision");
    } catch (Throwable e) {
      listeners.undecided(identity, e);
      throw e;
    }
  }

  @Override
  public Reservation reserve(Identity identity, LimitPolicy policy, Cost cost) {
    boolean timed = listeners.time();
    long since = timed ? System.nanoTime() : 0;
    Reservation reservation;
    Decision decision;
    try {
      reservation = Objects.requireNonNull(limiter.reserve(identity, policy, cost), "reservation");
      decision = Objects.requireNonNull(reservation.decision(), "decision");
    } catch (Throwable e) {
      listeners.undecided(identity, e);
      throw e;
    }
    tell(identity, policy, cost, decision, took(timed, since));
    return listened(reservation, identity, policy, cost, decision);
  }

  @Override
  public CompletableFuture<Decision> tryAcquireAsync(
      Identity identity, LimitPolicy policy, Cost cost) {
    boolean timed = listeners.time();
    long since = timed ? System.nanoTime() : 0;
    return later(
        identity,
        () -> limiter.tryAcquireAsync(identity, policy, cost),
        decision -> {
          tell(identity, policy, cost, decision, took(timed, since));
          return decision;
        },
        decision -> {});
  }

  @Override
  public CompletableFuture<Reservation> reserveAsync(
      Identity identity, LimitPolicy policy, Cost cost) {
    boolean timed = listeners.time();
    long since = timed ? System.nanoTime() : 0;
    return later(
        identity,
        () -> limiter.reserveAsync(identity, policy, cost),
        reservation -> {
          Decision decision = Objects.requireNonNull(reservation.decision(), "decision");
          tell(identity, policy, cost, decision, took(timed, since));
          return listened(reservation, identity, policy, cost, decision);
        },
        LaterStep::putBack);
  }

  private <T> CompletableFuture<T> later(
      Identity identity,
      Supplier<CompletableFuture<T>> asking,
      UnaryOperator<T> telling,
      Consumer<T> undo) {
    CompletableFuture<T> future;
    try {
      future = Objects.requireNonNull(asking.get(), "future");
    } catch (Throwable e) {
      listeners.undecided(identity, e);
      throw e;
    }
    return LaterStep.of(future, telling, failure -> listeners.undecided(identity, failure), undo);
  }

  private void tell(
      Identity identity, LimitPolicy policy, Cost cost, Decision decision, long took) {
    if (!listeners.counted(policy, cost, decision.permitted(), decision.source(), took)) {
      listeners.decided(identity, policy, cost, decision, took);
    }
  }

  private Reservation listened(
      Reservation reservation,
      Identity identity,
      LimitPolicy policy,
      Cost cost,
      Decision decision) {
    return decision.permitted() && listeners.hearPermitted()
        ? new ListenedReservation(reservation, listeners, identity, policy, cost, decision)
        : reservation;
  }

  /** How long it took is not told: most of it is the wait. */
  private Reservation toldOnceAwaited(
      Identity identity, LimitPolicy policy, Cost cost, Reservation reservation) {
    Decision decision = Objects.requireNonNull(reservation.decision(), "decision");
    tell(identity, policy, cost, decision, UNTIMED);
    return listened(reservation, identity, policy, cost, decision);
  }

  @Override
  public Reservation acquire(Identity identity, LimitPolicy policy, Cost cost, Duration maxWait)
      throws InterruptedException {
    Reservation reservation;
    try {
      reservation = limiter.acquire(identity, policy, cost, maxWait);
    } catch (InterruptedException e) {
      throw e; // nobody wants a decision any more
    } catch (Throwable e) {
      listeners.undecided(identity, e);
      throw e;
    }
    return toldOnceAwaited(identity, policy, cost, reservation);
  }

  @Override
  public CompletableFuture<Reservation> acquireAsync(
      Identity identity, LimitPolicy policy, Cost cost, Duration maxWait) {
    return later(
        identity,
        () -> limiter.acquireAsync(identity, policy, cost, maxWait),
        reservation -> toldOnceAwaited(identity, policy, cost, reservation),
        LaterStep::putBack);
  }

  static long took(boolean timed, long since) {
    return timed ? Math.max(0, System.nanoTime() - since) : UNTIMED;
  }

  /** The listener is told of what is decided with the ban, and not of what is asked for it. */
  @Override
  public RateLimiter banning(Ban ban) {
    return new ListenedRateLimiter(limiter.banning(ban), listeners);
  }

  @Override
  public RateLimiter banning(Ban ban, Executor counting) {
    return new ListenedRateLimiter(limiter.banning(ban, counting), listeners);
  }

  @Override
  public Decision peek(Identity identity, LimitPolicy policy, Cost cost) {
    return limiter.peek(identity, policy, cost);
  }

  @Override
  public void reset(Identity identity, LimitPolicy policy) {
    limiter.reset(identity, policy);
  }

  @Override
  public void check(LimitPolicy policy) {
    limiter.check(policy);
  }

  @Override
  public void check(LimitPolicy policy, Cost cost) {
    limiter.check(policy, cost);
  }
}
