package dev.penstock.redis;

import dev.penstock.Limit;
import dev.penstock.base.Inside;

/**
 * Holds what a fleet permits against the bound, over all stretches of time at once, by a bucket of
 * its own that overflows instead of denying.
 *
 * <p>All levels are times of refill. {@code level} sinks as the limit refills: what it reaches
 * above the capacity was permitted beyond one bucket, in the worst stretch of time that ends now.
 * {@code bounded} sinks faster by what the bound allows besides, and must stay within the capacity
 * and the shares.
 */
final class FleetMeter {

  private final FleetScenario scenario;
  private final double capacity;
  private final double shares;
  private final double drift;
  private long last;
  private int alone;
  private double level;
  private double bounded;
  private double allowed;
  private double worst;
  private double allowedAtWorst;
  private double worstBounded;
  private long permitted;

  FleetMeter(FleetScenario scenario) {
    Limit limit = scenario.limit();
    this.scenario = scenario;
    this.capacity = Inside.nanosToFill(limit);
    this.shares = (double) scenario.tokensOfShares() * Inside.nanosPerToken(limit);
    this.drift = scenario.driftPpm() / 1e6;
  }

  void permit(long now) {
    pass(now);
    permitted++;
    level += Inside.nanosPerToken(scenario.limit());
    bounded += Inside.nanosPerToken(scenario.limit());
    worstBounded = Math.max(worstBounded, bounded);
    if (level - capacity > worst) {
      worst = level - capacity;
      allowedAtWorst = allowed;
    }
  }

  /** One more, or one less, goes on without Redis and has not charged it yet. */
  void goesAlone(long now, boolean begins) {
    pass(now);
    alone += begins ? 1 : -1;
  }

  void dataLost(long now) {
    allow(now, capacity + shares);
  }

  void restarted(long now) {
    allow(now, shares / scenario.instances());
  }

  private void allow(long now, double more) {
    pass(now);
    allowed += more;
    bounded = Math.max(0, bounded - more);
  }

  private void pass(long now) {
    double time = now - last;
    double besides = time * (drift + (1 + drift) * alone / scenario.instances());
    last = now;
    level = Math.max(0, level - time);
    allowed = level == 0 ? 0 : allowed + besides;
    bounded = Math.max(0, bounded - time - besides);
  }

  long permitted() {
    return permitted;
  }

  /** Returns how many tokens more than capacity + rate x time were permitted in any stretch. */
  double beyond() {
    return worst / Inside.nanosPerToken(scenario.limit());
  }

  /** Returns how many tokens more than that are allowed in the stretch with the most. */
  double bound() {
    return (shares + allowedAtWorst) / Inside.nanosPerToken(scenario.limit());
  }

  /**
   * Returns whether no stretch of time saw more than the bound allows; its start is not sharper
   * than an answer's way from Redis, which took the token earlier.
   */
  boolean holds() {
    return worstBounded <= capacity + shares + FleetSimulation.MOST_DELAY;
  }
}
