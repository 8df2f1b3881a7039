package dev.penstock.redis;

import dev.penstock.Limit;
import dev.penstock.redis.FleetScenario.Failures;
import dev.penstock.redis.FleetSimulation.Outcome;
import java.time.Duration;
import java.util.Locale;

/** Runs {@link FleetSimulation} over fleets, skews and failures, and tells as a table. */
public final class FleetReport {

  private static final int[] INSTANCES = {1, 3, 10, 100, 1000};
  private static final int[] DRIFTS_PPM = {0, 1000};
  private static final Limit LIMIT = Limit.perSecond(100).withCapacity(1000);
  private static final Duration LENGTH = Duration.ofMinutes(2);
  private static final long SEED = 20261123;

  private FleetReport() {}

  /**
   * Runs all scenarios.
   *
   * @return a table in Markdown, and above it what its columns are
   * @throws IllegalStateException if the bound does not hold somewhere
   */
  public static String table() {
    StringBuilder table =
        new StringBuilder(
            """
            A limit of 100 a second with a capacity of 1,000, for two minutes of virtual time, seed %d. *beyond*: tokens
            permitted above capacity + rate x time, in the worst stretch of time; *bound*: what is allowed there;
            *without books*: *beyond* if each outage is a fresh share that is forgotten afterwards.

            | instances | drift, ppm | failures | requests | permitted | decided alone | beyond | bound | without books |
            |--:|--:|---|--:|--:|--:|--:|--:|--:|
            """
                .formatted(SEED));
    for (int instances : INSTANCES) {
      for (int drift : DRIFTS_PPM) {
        for (Failures failures : Failures.values()) {
          table.append(row(new FleetScenario(LIMIT, instances, drift, failures, LENGTH, SEED)));
        }
      }
    }
    return table.toString();
  }

  private static String row(FleetScenario scenario) {
    Outcome outcome = FleetSimulation.run(scenario);
    if (!outcome.holds()) {
      throw new IllegalStateException("the bound does not hold: " + scenario + ", " + outcome);
    }
    return String.format(
        Locale.ROOT,
        "| %,d | %,d | %s | %,d | %,d | %,d | %,.0f | %,.0f | %,.0f |%n",
        scenario.instances(),
        scenario.driftPpm(),
        scenario.failures().name().toLowerCase(Locale.ROOT),
        outcome.requests(),
        outcome.permitted(),
        outcome.alone(),
        outcome.beyond(),
        outcome.bound(),
        FleetSimulation.runWithoutBooks(scenario).beyond());
  }
}
