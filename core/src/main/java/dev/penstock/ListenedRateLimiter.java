package dev.penstock;

import java.lang.System.Logger.Level;

/** A limiter that tells a listener of each decision it passes on. */
record ListenedRateLimiter(RateLimiter limiter, RateLimitListener listener) implements RateLimiter {

  private static final BoundedLog LOG = new BoundedLog(RateLimitListener.class);

  @Override
  public Decision tryAcquire(Identity identity, LimitPolicy policy, long cost) {
    Decision decision = limiter.tryAcquire(identity, policy, cost);
    try {
      listener.onDecision(identity.kind(), decision);
    } catch (RuntimeException e) {
      LOG.log(Level.WARNING, listener.getClass().getName() + " failed on a decision", e);
    }
    return decision;
  }

  @Override
  public Decision peek(Identity identity, LimitPolicy policy, long cost) {
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
