package dev.penstock.redis;

import dev.penstock.Partition;
import dev.penstock.PartitionedLimit;
import dev.penstock.base.Inside;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongSupplier;

/**
 * A fleet whose instances share one bucket through Redis, with clocks that are skewed and drift,
 * while servers, networks and processes fail: a simulation by discrete events, in virtual time.
 *
 * <p><b>Real:</b> what an instance knows, owes and takes without Redis ({@link Ledger}, {@link
 * KnownBuckets}, {@link FleetShare}, the limiter in memory), on its own clock. <b>Modelled:</b> the
 * script on one bucket, a network that takes 0.1 to 1 ms each way and fails at once or by a timeout
 * of 50 ms, the circuit breaker (five failures, a probe every 250 ms). Denials that need no round
 * trip are left out, since they permit nothing. Time is Redis's; an instance's clock is off by up
 * to a year and by its drift. Requests come at ten times the rate of the limit to instances at
 * random, for 10 of every 15 s.
 *
 * <p><b>Failures</b> come as Poisson processes with exponential lengths: the server every 15 s for
 * 4 s, with its data lost every second time where losses are simulated; each instance's way to it
 * every 20 s for 5 s; each process ends every 60 s.
 *
 * <p><b>Bound:</b> in any stretch of time at most capacity + rate x time, and besides, once, the
 * tokens of all shares, and for each instance its share of the rate from its first decision without
 * Redis until it has charged that; a fast clock adds its drift. Data that Redis loses may be
 * permitted again, a capacity and all shares at the most; so may a process's share when it ends.
 * Why: what Redis holds as spent, and what the instances hold besides, rises with each token
 * permitted, is at most the capacity and the shares together, and sinks no faster than both refill.
 */
final class FleetSimulation {

  /**
   * What came of it.
   *
   * @param alone decisions without Redis
   * @param beyond tokens permitted above capacity + rate x time in the worst stretch of time
   * @param bound tokens that the bound allows in that stretch
   * @param holds whether the bound held in every stretch
   */
  record Outcome(
      long requests, long permitted, long alone, double beyond, double bound, boolean holds) {}

  private record Event(long at, long order, Runnable action) {}

  private static final long SECOND = Duration.ofSeconds(1).toNanos();
  private static final long YEAR = Duration.ofDays(365).toNanos();
  private static final int PRESSURE = 10;
  private static final long BUSY = 10 * SECOND;
  private static final long CYCLE = 15 * SECOND;
  private static final long LEAST_DELAY = 100_000;
  static final long MOST_DELAY = Duration.ofMillis(1).toNanos();

  private final FleetScenario scenario;
  private final Random random;
  private final FleetRedis redis;
  private final FleetMeter meter;
  private final List<FleetInstance> instances = new ArrayList<>();
  private final PriorityQueue<Event> events =
      new PriorityQueue<>(Comparator.comparingLong(Event::at).thenComparingLong(Event::order));
  private long scheduled;
  private long now;
  private long requests;
  private long alone;
  private boolean redisUp = true;
  private boolean silent;

  private FleetSimulation(FleetScenario scenario, Function<LongSupplier, FleetBooks> accounting) {
    this.scenario = scenario;
    this.random = new Random(scenario.seed());
    this.redis = new FleetRedis(scenario.limit());
    this.meter = new FleetMeter(scenario);
    for (int i = 0; i < scenario.instances(); i++) {
      long offset = random.nextLong(2 * YEAR) - YEAR;
      int drift = random.nextInt(2 * scenario.driftPpm() + 1) - scenario.driftPpm();
      instances.add(new FleetInstance(this, accounting, offset, drift));
    }
  }

  /** Runs a scenario with the books of the limiter. */
  static Outcome run(FleetScenario scenario) {
    PartitionedLimit limit = limit(scenario);
    return new FleetSimulation(
            scenario, clock -> new LedgerBooks(limit, scenario.instances(), clock))
        .run();
  }

  /** Runs the same scenario with a fresh budget for each time that Redis is away. */
  static Outcome runWithoutBooks(FleetScenario scenario) {
    PartitionedLimit limit = limit(scenario);
    return new FleetSimulation(
            scenario, clock -> new FreshBudgetBooks(limit, scenario.instances(), clock))
        .run();
  }

  private static PartitionedLimit limit(FleetScenario scenario) {
    return new PartitionedLimit("fleet", scenario.limit(), Partition.EVERYONE);
  }

  private Outcome run() {
    at(0, this::request);
    if (scenario.failures().redis) {
      failAgainAndAgain(15 * SECOND, 4 * SECOND, this::setRedisUp);
    }
    for (FleetInstance instance : instances) {
      if (scenario.failures().links) {
        failAgainAndAgain(20 * SECOND, 5 * SECOND, instance::setLinked);
      }
      if (scenario.failures().losses) {
        restartLater(instance);
      }
    }
    long end = scenario.length().toNanos();
    for (Event next = events.poll(); next != null && next.at <= end; next = events.poll()) {
      now = next.at;
      next.action.run();
    }
    return new Outcome(
        requests, meter.permitted(), alone, meter.beyond(), meter.bound(), meter.holds());
  }

  private void request() {
    requests++;
    instances.get(random.nextInt(instances.size())).request();
    long next = now + lengthOf(Inside.nanosPerToken(scenario.limit()) / PRESSURE);
    at(next % CYCLE < BUSY ? next : (next / CYCLE + 1) * CYCLE, this::request);
  }

  /** Lets something fail, and come back, again and again. */
  private void failAgainAndAgain(long meanBetween, long meanLength, Consumer<Boolean> up) {
    after(
        lengthOf(meanBetween),
        () -> {
          up.accept(false);
          after(
              lengthOf(meanLength),
              () -> {
                up.accept(true);
                failAgainAndAgain(meanBetween, meanLength, up);
              });
        });
  }

  private void setRedisUp(boolean up) {
    redisUp = up;
    silent = random.nextBoolean();
    if (up && scenario.failures().losses && random.nextBoolean()) {
      redis.loseData();
      meter.dataLost(now);
    }
  }

  private void restartLater(FleetInstance instance) {
    after(
        lengthOf(60 * SECOND),
        () -> {
          instance.restart();
          restartLater(instance);
        });
  }

  private long lengthOf(long mean) {
    return Math.round(-Math.log(1 - random.nextDouble()) * mean);
  }

  long now() {
    return now;
  }

  void at(long time, Runnable action) {
    events.add(new Event(time, scheduled++, action));
  }

  void after(long nanos, Runnable action) {
    at(now + nanos, action);
  }

  /** Returns how long a message is under way. */
  long delay() {
    return random.nextLong(LEAST_DELAY, MOST_DELAY);
  }

  FleetRedis redis() {
    return redis;
  }

  FleetMeter meter() {
    return meter;
  }

  boolean isRedisUp() {
    return redisUp;
  }

  /** Whether a call that arrives nowhere is noticed by its timeout only. */
  boolean failsSilently() {
    return silent;
  }

  void countAlone() {
    alone++;
  }
}
