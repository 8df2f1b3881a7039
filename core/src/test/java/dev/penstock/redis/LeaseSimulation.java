package dev.penstock.redis;

import dev.penstock.Cost;
import dev.penstock.Identity;
import dev.penstock.Partition;
import dev.penstock.PartitionedLimit;
import dev.penstock.TokenBucketLimit;
import dev.penstock.base.Inside;
import dev.penstock.bucket.Rooms;
import dev.penstock.redis.wire.KnownBuckets;
import dev.penstock.redis.wire.KnownLevel;
import dev.penstock.redis.wire.RedisKeys;
import dev.penstock.redis.wire.SharedBucket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Random;

/**
 * A fleet whose instances lease tokens of one bucket: a simulation by discrete events, in virtual
 * time.
 *
 * <p><b>Real:</b> what is taken ahead, spent from memory, and given back ({@link Leases}, {@link
 * Lease}, {@link KnownBuckets}), on clocks that are off by up to a year and drift. <b>Modelled:</b>
 * the script on one bucket, exact; a network that takes 0.1 to 1 ms each way and, where failures
 * are simulated, loses one message of twenty; processes that end every 60 s then, with what they
 * have in hand. A return is on its way for up to 2 s.
 *
 * <p><b>Requests:</b> each instance has bursts of 0.3 s with 200 requests a second, at random, as
 * many as make up a part of the rate. That leaves the bucket nearly full and much of what is taken
 * ahead unspent. At random, twice in the time in which the bucket fills, all have a burst, and up
 * to 2 s later ask until nobody is permitted any more.
 *
 * <p><b>Bound:</b> in any stretch of time at most capacity + rate x time; a clock that is too slow
 * adds its drift over the second that tokens live.
 */
final class LeaseSimulation {

  /**
   * What a fleet goes through.
   *
   * @param limit what all instances share
   * @param block how many tokens an instance takes ahead at most
   * @param instances how many there are
   * @param driftPpm how much an instance's clock may be too fast or too slow, in millionths
   * @param load requests in bursts, as a part of the rate
   * @param failures whether messages are lost and processes end
   * @param length how long it goes on
   */
  record Scenario(
      TokenBucketLimit limit,
      long block,
      int instances,
      int driftPpm,
      double load,
      boolean failures,
      Duration length,
      long seed) {

    /** Returns leases of a quarter of the capacity, while the bucket fills twenty times. */
    static Scenario of(
        TokenBucketLimit limit, int instances, int driftPpm, boolean failures, long seed) {
      Duration length = Duration.ofNanos(20 * Inside.nanosToFill(limit));
      return new Scenario(
          limit, limit.capacity() / 4, instances, driftPpm, 0.5, failures, length, seed);
    }
  }

  /**
   * What came of it.
   *
   * @param leased how many were permitted from memory
   * @param returned how many tokens went back
   * @param beyond tokens permitted above capacity + rate x time in the worst stretch of time
   * @param deniedEarly how many requests in bursts were denied, which one bucket would permit
   * @param holds whether the bound held
   */
  record Outcome(
      long requests,
      long permitted,
      long leased,
      long returned,
      double beyond,
      long deniedEarly,
      boolean holds) {}

  private record Event(long at, long order, Runnable action) {}

  private static final Identity USER = Identity.user("user");
  private static final RedisKeys KEYS = new RedisKeys("test", false);
  private static final long SECOND = Duration.ofSeconds(1).toNanos();
  private static final long YEAR = 365 * 86_400 * SECOND;
  private static final long BURST = 3 * SECOND / 10;
  private static final long BURST_RATE = 200;

  private final Scenario scenario;
  private final PartitionedLimit limit;
  private final long nanosPerToken;
  private final Random random;
  private final PriorityQueue<Event> events =
      new PriorityQueue<>(Comparator.comparingLong(Event::at).thenComparingLong(Event::order));
  private final List<Instance> instances = new ArrayList<>();
  private long scheduled;
  private long now;

  /** When the bucket in Redis is full. */
  private long fullAt;

  /** What was permitted and is not refilled yet, as time of refill; the worst, above capacity. */
  private double level;

  private long levelAt;
  private double beyond;
  private long requests;
  private long permitted;
  private long leased;
  private long returned;
  private long deniedEarly;

  private LeaseSimulation(Scenario scenario) {
    this.scenario = scenario;
    this.limit =
        new PartitionedLimit("fleet", scenario.limit.withLease(scenario.block), Partition.EVERYONE);
    this.nanosPerToken = Inside.nanosPerToken(scenario.limit);
    this.random = new Random(scenario.seed);
    for (int i = 0; i < scenario.instances; i++) {
      instances.add(new Instance());
    }
  }

  static Outcome run(Scenario scenario) {
    return new LeaseSimulation(scenario).run();
  }

  private Outcome run() {
    instances.forEach(this::burstLater);
    drainLater();
    if (scenario.failures) {
      instances.forEach(this::restartLater);
    }
    for (Event next = events.poll();
        next != null && next.at <= scenario.length.toNanos();
        next = events.poll()) {
      now = next.at;
      next.action.run();
    }
    long allowed = nanosPerToken + Lease.LIFE_NANOS / 1_000_000 * scenario.driftPpm;
    return new Outcome(
        requests,
        permitted,
        leased,
        returned,
        beyond / nanosPerToken,
        deniedEarly,
        beyond < allowed);
  }

  private void burstLater(Instance instance) {
    long requestsOfBurst = BURST_RATE * BURST / SECOND;
    long mean = (long) (requestsOfBurst * nanosPerToken * scenario.instances / scenario.load);
    after(
        lengthOf(mean),
        () -> {
          burst(instance, now + BURST);
          burstLater(instance);
        });
  }

  private void burst(Instance instance, long until) {
    if (now < until) {
      instance.request(false);
      after(lengthOf(SECOND / BURST_RATE), () -> burst(instance, until));
    }
  }

  private void drainLater() {
    after(
        lengthOf(Inside.nanosToFill(scenario.limit) / 2),
        () -> {
          instances.forEach(instance -> burst(instance, now + BURST));
          after(
              random.nextLong(2 * SECOND),
              () -> {
                instances.forEach(instance -> instance.drain(0));
                drainLater();
              });
        });
  }

  private void restartLater(Instance instance) {
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

  private void after(long nanos, Runnable action) {
    events.add(new Event(now + nanos, scheduled++, action));
  }

  private long delay() {
    return random.nextLong(100_000, 1_000_000);
  }

  private boolean isLost() {
    return scenario.failures && random.nextInt(20) == 0;
  }

  private void permit() {
    pass();
    permitted++;
    level += nanosPerToken;
    beyond = Math.max(beyond, level - Inside.nanosToFill(scenario.limit));
  }

  private void pass() {
    level = Math.max(0, level - (now - levelAt));
    levelAt = now;
  }

  /** What the script does: returns how far from full the bucket is, and negative if it denies. */
  private long take(long cost) {
    long before = Math.max(0, fullAt - now);
    long after = before + cost * nanosPerToken;
    if (after > Inside.nanosToFill(scenario.limit)) {
      return -1 - before;
    }
    fullAt = now + after;
    return after;
  }

  private void putBack(long tokens) {
    returned += tokens;
    fullAt = Math.max(now, fullAt - tokens * nanosPerToken);
  }

  /** One process: asks as {@link RedisRateLimiter} does. */
  private final class Instance {

    private final long offset = random.nextLong(2 * YEAR) - YEAR;
    private final long driftPpm = random.nextLong(2L * scenario.driftPpm + 1) - scenario.driftPpm;
    private KnownBuckets known = new KnownBuckets(1, Rooms.standard());
    private Leases leases = begun();

    private long nanoTime() {
      return offset + now + now / 1_000_000 * driftPpm;
    }

    private Leases begun() {
      return new Leases(
          scenario.instances,
          1,
          this::nanoTime,
          timer(),
          (bucket, tokens) -> {
            if (!isLost()) {
              after(random.nextLong(2 * SECOND), () -> putBack(tokens));
            }
          });
    }

    private LeaseTimer timer() {
      return new LeaseTimer() {
        private boolean closed;

        @Override
        public void after(long nanos, Runnable action) {
          LeaseSimulation.this.after(
              nanos,
              () -> {
                if (!closed) {
                  action.run();
                }
              });
        }

        @Override
        public void close() {
          closed = true;
        }
      };
    }

    /** Every other process gives back what it has in hand. */
    void restart() {
      if (random.nextBoolean()) {
        leases.close();
      }
      known = new KnownBuckets(1, Rooms.standard());
      leases = begun();
    }

    private SharedBucket bucket() {
      return SharedBucket.of(limit, USER, KEYS, known);
    }

    /** Asks until nobody is permitted any more, and a few times more. */
    void drain(int denied) {
      if (takeInHand()) {
        drain(denied);
      } else if (denied < 3) {
        ask(true, denied);
      }
    }

    private boolean takeInHand() {
      long time = nanoTime();
      if (!leases.take(List.of(bucket()), Cost.of(1), time)) {
        return false;
      }
      leased++;
      permit();
      return true;
    }

    void request(boolean drains) {
      requests++;
      if (!takeInHand()) {
        ask(drains, 0);
      } else if (leases.isHalfSpent(bucket(), nanoTime())) {
        List<Leases.Ahead> ahead = leases.beginAsking(List.of(bucket()), nanoTime());
        if (!ahead.isEmpty()) {
          call(0, ahead.get(0).tokens(), () -> {}, () -> {});
        }
      }
    }

    private void ask(boolean drains, int denied) {
      List<Leases.Ahead> ahead = leases.beginAsking(List.of(bucket()), nanoTime());
      Runnable onPermit = drains ? () -> drain(denied) : () -> {};
      Runnable onDenial =
          () -> {
            if (drains) {
              drain(denied + 1);
              return;
            }
            pass();
            if (level + nanosPerToken <= Inside.nanosToFill(scenario.limit)) {
              deniedEarly++;
            }
          };
      if (ahead.isEmpty()) {
        call(1, 0, onPermit, onDenial);
      } else {
        call(1, ahead.get(0).tokens(), onPermit, () -> call(1, 0, onPermit, onDenial));
      }
    }

    private void call(long cost, long ahead, Runnable onPermit, Runnable onDenial) {
      Leases asking = leases;
      SharedBucket bucket = bucket();
      long askedAt = nanoTime();
      int resets = leases.resets();
      boolean lost = isLost();
      boolean answerLost = isLost();
      after(
          delay(),
          () -> {
            long said = lost ? 0 : take(cost + ahead);
            boolean permits = !lost && said >= 0;
            if (permits && cost > 0 && !answerLost) {
              permit();
            }
            after(
                delay(),
                () -> {
                  if (asking != leases) {
                    return;
                  }
                  if (!lost && !answerLost) {
                    long soonest = askedAt + (permits ? said : -1 - said);
                    long fill = Inside.nanosToFill(scenario.limit);
                    KnownLevel level = new KnownLevel(soonest, fill, askedAt, nanoTime(), 0);
                    known.remember(bucket.hash(), level, askedAt);
                    if (permits && ahead > 0) {
                      leases.add(bucket, ahead, soonest, askedAt, resets);
                    }
                  }
                  if (ahead > 0) {
                    leases.endAsking(List.of(bucket));
                  }
                  (permits && !answerLost ? onPermit : onDenial).run();
                });
          });
    }
  }
}
