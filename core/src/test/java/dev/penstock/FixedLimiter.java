package dev.penstock;

import dev.penstock.bucket.DeniedReservation;
import dev.penstock.bucket.OpenReservation;
import java.util.ArrayList;
import java.util.List;

/** A limiter that gives one decision and remembers what it was asked. */
public record FixedLimiter(Decision decision, List<String> calls) implements RateLimiter {

  public FixedLimiter(Decision decision) {
    this(decision, new ArrayList<>());
  }

  @Override
  public Decision tryAcquire(Identity identity, LimitPolicy policy, Cost cost) {
    calls.add("tryAcquire " + identity.text() + " " + cost.amount(Cost.REQUESTS));
    return decision;
  }

  @Override
  public Reservation reserve(Identity identity, LimitPolicy policy, Cost cost) {
    calls.add("reserve " + identity.text() + " " + cost.amount(Cost.REQUESTS));
    return decision.permitted() ? new NothingTaken(decision) : new DeniedReservation(decision);
  }

  private static final class NothingTaken extends OpenReservation {

    private final Decision decision;

    NothingTaken(Decision decision) {
      this.decision = decision;
    }

    @Override
    public Decision decision() {
      return decision;
    }

    @Override
    protected void charge(Cost total) {}

    @Override
    protected void putBack() {}

    @Override
    protected void release() {}
  }

  @Override
  public Decision peek(Identity identity, LimitPolicy policy, Cost cost) {
    calls.add("peek " + identity.text() + " " + cost.amount(Cost.REQUESTS));
    return decision;
  }

  @Override
  public void reset(Identity identity, LimitPolicy policy) {
    calls.add("reset " + identity.text());
  }
}
