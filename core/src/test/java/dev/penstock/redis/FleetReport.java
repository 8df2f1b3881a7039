package dev.penstock.redis;

import dev.penstock.Limit;
import dev.penstock.TokenBucketLimit;
import dev.penstock.base.Inside;
import dev.penstock.redis.FleetScenario.Failures;
import dev.penstock.redis.FleetSimulation.Outcome;
import java.time.Duration;
import java.util.List;
import java.util.Locale;

/**
 * Runs {@link FleetSimulation} and {@link LeaseSimulation} over fleets, skews and failures, and
 * tells as tables.
 */
public final class FleetReport {

  private static final int[] INSTANCES = {1, 3, 10, 100, 1000};
  private static final int[] DRIFTS_PPM = {0, 1000};
  private static final TokenBucketLimit LIMIT = Limit.perSecond(100).withCapacity(1000);
  private static final Duration LENGTH = Duration.ofMinutes(2);
  private static final long SEED = 20261123;
  private static final int[] LEASING = {1, 3, 10, 40};
  private static final int DRIFT_PPM = 1000;

  /** Full in 10 s, in 8 min and in an hour. */
  private static final List<TokenBucketLimit> LEASED =
      List.of(LIMIT, Limit.perMinute(250).withCapacity(2000), Limit.perHour(2000));

  private FleetReport() {}

  /**
   * Runs all scenarios.
   *
   * @return tables in Markdown, and above each what its columns are
   * @throws IllegalStateException if the bound does not hold somewhere
   */
  public static String table() {
    return failovers() + '\n' + leases();
  }

  private static String failovers() {
    StringBuilder table =
        new StringBuilder(
            """
            A limit of 100 a second with a capacity of 1,000, for two minutes of virtual time, seed %d.

            | column | what it counts |
            |---|---|
            | beyond | tokens permitted above capacity + rate x time, in the worst stretch of time |
            | bound | what is allowed there |
            | without books | *beyond* if each outage is a fresh share that is forgotten afterwards |

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

  private static String leases() {
    StringBuilder table =
        new StringBuilder(
            """
            Leases of a quarter of the capacity, while the bucket fills twenty times.

            | column | what it counts |
            |---|---|
            | failures | messages and processes are lost |
            | from memory | permitted by a token in hand |
            | went back | tokens that were not spent |
            | denied early | requests that one bucket would have permitted |

            | instances | full in, s | drift, ppm | failures | permitted | from memory | went back | denied early | beyond |
            |--:|--:|--:|---|--:|--:|--:|--:|--:|
            """);
    for (int instances : LEASING) {
      for (TokenBucketLimit limit : LEASED) {
        for (boolean failures : new boolean[] {false, true}) {
          table.append(
              row(LeaseSimulation.Scenario.of(limit, instances, DRIFT_PPM, failures, SEED)));
        }
      }
    }
    return table.toString();
  }

  private static String row(LeaseSimulation.Scenario scenario) {
    LeaseSimulation.Outcome outcome = LeaseSimulation.run(scenario);
    if (!outcome.holds()) {
      throw new IllegalStateException("the bound does not hold: " + scenario + ", " + outcome);
    }
    return String.format(
        Locale.ROOT,
        "| %,d | %,d | %,d | %s | %,d | %,d | %,d | %,d | %,.0f |%n",
        scenario.instances(),
        Duration.ofNanos(Inside.nanosToFill(scenario.limit())).toSeconds(),
        scenario.driftPpm(),
        scenario.failures() ? "yes" : "none",
        outcome.permitted(),
        outcome.leased(),
        outcome.returned(),
        outcome.deniedEarly(),
        outcome.beyond());
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
