package dev.penstock.redis;

import dev.penstock.Limit;
import java.time.Duration;

/**
 * What a simulated fleet goes through.
 *
 * @param limit what all instances share
 * @param instances how many there are
 * @param driftPpm how much an instance's clock may be too fast or too slow, in millionths
 * @param failures what fails
 * @param length how long it goes on
 * @param seed of everything that is random
 */
record FleetScenario(
    Limit limit, int instances, int driftPpm, Failures failures, Duration length, long seed) {

  /** What fails, at random times and for random lengths. */
  enum Failures {
    NONE(false, false, false),
    /** The server, which keeps its data. */
    REDIS(true, false, false),
    /** The ways of single instances to the server. */
    LINKS(false, true, false),
    /** Both; and the server may come back without data, and instances without memory. */
    ALL(true, true, true);

    final boolean redis;
    final boolean links;
    final boolean losses;

    Failures(boolean redis, boolean links, boolean losses) {
      this.redis = redis;
      this.links = links;
      this.losses = losses;
    }
  }

  /** Returns the tokens that all shares hold together, each of which has one at least. */
  long tokensOfShares() {
    return instances * Math.max(1, limit.capacity() / instances);
  }
}
