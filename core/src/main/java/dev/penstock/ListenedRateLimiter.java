package dev.penstock;

import dev.penstock.base.BoundedLog;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;

/** A limiter that tells a listener of each decision it passes on, and of its reservations. */
record ListenedRateLimiter(RateLimiter limiter, RateLimitListener listener, BoundedLog log)
    implements RateLimiter {

  ListenedRateLimiter(RateLimiter limiter, RateLimitListener listener) {
    this(limiter, listener, new BoundedLog(RateLimitListener.class));
  }

  @Override
  public Decision tryAcquire(Identity identity, LimitPolicy policy, Cost cost) {
    long since = System.nanoTime();
    Decision decision =
        Objects.requireNonNull(limiter.tryAcquire(identity, policy, cost), "decision");
    tell(
        new Request(identity.kind(), policy, cost, decision),
        RateLimitEvent.Type.DECIDED,
        cost,
        since);
    return decision;
  }

  @Override
  public Reservation reserve(Identity identity, LimitPolicy policy, Cost cost) {
    long since = System.nanoTime();
    Reservation reservation =
        Objects.requireNonNull(limiter.reserve(identity, policy, cost), "reservation");
    Request request = new Request(identity.kind(), policy, cost, reservation.decision());
    tell(request, RateLimitEvent.Type.DECIDED, cost, since);
    return reservation.permitted() ? new ListenedReservation(reservation, request) : reservation;
  }

  private void tell(Request request, RateLimitEvent.Type type, Cost cost, long since) {
    try {
      Duration took = Duration.ofNanos(System.nanoTime() - since);
      listener.onEvent(
          new RateLimitEvent(
              type, request.kind, request.policy.name(), cost, request.decision, took));
    } catch (Throwable e) { // an Error, too: the tokens are taken, and the decision stands
      log.log(Level.WARNING, listener.getClass().getName() + " failed on an event", e);
    }
  }

  /** What all events of one request have in common. */
  private record Request(Identity.Kind kind, LimitPolicy policy, Cost cost, Decision decision) {}

  /** Tells of what takes effect. */
  private final class ListenedReservation implements Reservation {

    private final Reservation reservation;
    private final Request request;
    private final AtomicBoolean closed = new AtomicBoolean();

    ListenedReservation(Reservation reservation, Request request) {
      this.reservation = reservation;
      this.request = request;
    }

    @Override
    public Decision decision() {
      return request.decision;
    }

    @Override
    public boolean holdsSlots() {
      return reservation.holdsSlots();
    }

    @Override
    public void settle(Cost total) {
      long since = System.nanoTime();
      boolean isOpen = !closed.get();
      reservation.settle(total);
      if (isOpen) {
        tell(request, RateLimitEvent.Type.SETTLED, total, since);
      }
    }

    @Override
    public void cancel() {
      long since = System.nanoTime();
      boolean isOpen = closed.compareAndSet(false, true);
      reservation.cancel();
      if (isOpen) {
        tell(request, RateLimitEvent.Type.CANCELLED, request.cost, since);
      }
    }

    @Override
    public void onClientGone(Runnable task) {
      reservation.onClientGone(task);
    }

    @Override
    public void clientGone() {
      reservation.clientGone();
    }

    @Override
    public void close() {
      closed.set(true);
      reservation.close();
    }
  }

  /** The listener is told of what is decided with the ban, and not of what is asked for it. */
  @Override
  public RateLimiter banning(Ban ban) {
    return new ListenedRateLimiter(limiter.banning(ban), listener, log);
  }

  @Override
  public RateLimiter banning(Ban ban, Executor counting) {
    return new ListenedRateLimiter(limiter.banning(ban, counting), listener, log);
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
