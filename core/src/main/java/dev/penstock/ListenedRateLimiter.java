package dev.penstock;

import dev.penstock.base.BoundedLog;
import java.lang.System.Logger.Level;
import java.util.Objects;

/** A limiter that tells a listener of each decision it passes on. */
record ListenedRateLimiter(RateLimiter limiter, RateLimitListener listener, BoundedLog log)
    implements RateLimiter {

  ListenedRateLimiter(RateLimiter limiter, RateLimitListener listener) {
    this(limiter, listener, new BoundedLog(RateLimitListener.class));
  }

  @Override
  public Decision tryAcquire(Identity identity, LimitPolicy policy, Cost cost) {
    Decision decision =
        Objects.requireNonNull(limiter.tryAcquire(identity, policy, cost), "decision");
    tell(identity, decision);
    return decision;
  }

  @Override
  public Reservation reserve(Identity identity, LimitPolicy policy, Cost cost) {
    Reservation reservation =
        Objects.requireNonNull(limiter.reserve(identity, policy, cost), "reservation");
    tell(identity, reservation.decision());
    return reservation;
  }

  private void tell(Identity identity, Decision decision) {
    try {
      listener.onDecision(identity.kind(), decision);
    } catch (Throwable e) { // an Error, too: the tokens are taken, and the decision stands
      log.log(Level.WARNING, listener.getClass().getName() + " failed on a decision", e);
    }
  }

  @Override
  public Decision peek(Identity identity, LimitPolicy policy, Cost cost) {
    return limiter.peek(identity, policy, cost);
  }

  @Override
  public void refund(Identity identity, LimitPolicy policy, long tokens) {
    limiter.refund(identity, policy, tokens);
  }

  @Override
  public void reset(Identity identity, LimitPolicy policy) {
    limiter.reset(identity, policy);
  }

  @Override
  public void check(LimitPolicy policy) {
    limiter.check(policy);
  }
}
