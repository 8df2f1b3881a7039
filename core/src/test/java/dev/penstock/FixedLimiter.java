package dev.penstock;

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
    return decision.permitted()
        ? new OpenReservation(decision, new NothingTaken(), new Object())
        : new OpenReservation(decision);
  }

  private record NothingTaken() implements OpenReservation.Charges {

    @Override
    public void settle(Cost total) {}

    @Override
    public void putBack() {}

    @Override
    public void release() {}
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
