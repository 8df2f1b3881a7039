package dev.penstock.redis;

import dev.penstock.redis.FleetRedis.Reply;
import dev.penstock.redis.wire.RedisNodes;
import java.time.Duration;
import java.util.function.Function;
import java.util.function.LongSupplier;

/** One process of a simulated fleet: asks Redis, leaves it alone while it is away, goes on. */
final class FleetInstance {

  private static final long TIMEOUT = Duration.ofMillis(50).toNanos();
  private static final int FAILURES_IN_A_ROW = 5;
  private static final long PPM = 1_000_000;

  private final FleetSimulation fleet;
  private final Function<LongSupplier, FleetBooks> accounting;
  private final long offset;
  private final long driftPpm;
  private FleetBooks books;
  private boolean linked = true;
  private boolean available = true;
  private boolean alone;
  private int failures;
  private int epoch;

  FleetInstance(
      FleetSimulation fleet,
      Function<LongSupplier, FleetBooks> accounting,
      long offset,
      long driftPpm) {
    this.fleet = fleet;
    this.accounting = accounting;
    this.offset = offset;
    this.driftPpm = driftPpm;
    this.books = accounting.apply(this::nanoTime);
  }

  private long nanoTime() {
    return offset + fleet.now() + fleet.now() / PPM * driftPpm;
  }

  void request() {
    if (!available) {
      decideAlone();
      return;
    }
    FleetBooks asking = books;
    FleetBooks.Call call = asking.ask(epoch);
    long deadline = fleet.now() + TIMEOUT;
    fleet.after(fleet.delay(), () -> arrive(asking, call, deadline));
  }

  private void arrive(FleetBooks asking, FleetBooks.Call call, long deadline) {
    if (!reachesRedis()) {
      long known = fleet.failsSilently() ? deadline : fleet.now();
      fleet.at(known, () -> failed(asking, call));
      return;
    }
    Reply reply = fleet.redis().take(fleet.now(), call);
    fleet.after(
        fleet.delay(),
        () -> {
          if (reachesRedis()) {
            answered(asking, call, reply);
          } else {
            fleet.at(deadline, () -> failed(asking, call));
          }
        });
  }

  private void answered(FleetBooks asking, FleetBooks.Call call, Reply reply) {
    if (asking != books) {
      return;
    }
    failures = 0;
    if (reply.permitted()) {
      fleet.meter().permit(fleet.now());
    }
    books.answered(call, reply.levelNanos());
    if (alone && !books.owes()) {
      setAlone(false);
    }
  }

  private void failed(FleetBooks asking, FleetBooks.Call call) {
    if (asking != books) {
      return;
    }
    epoch++;
    failures++;
    if (available && failures >= FAILURES_IN_A_ROW) {
      available = false;
      epoch++;
      probeLater(asking);
    }
    books.failed(call);
    decideAlone();
  }

  private void probeLater(FleetBooks asking) {
    fleet.after(
        RedisNodes.PROBE_INTERVAL.toNanos(),
        () -> {
          if (asking != books) {
            return;
          }
          if (reachesRedis()) {
            failures = 0;
            epoch++;
            available = true;
          } else {
            probeLater(asking);
          }
        });
  }

  private void decideAlone() {
    fleet.countAlone();
    if (books.takeAlone()) {
      fleet.meter().permit(fleet.now());
      setAlone(true);
    }
  }

  private void setAlone(boolean now) {
    if (alone != now) {
      alone = now;
      fleet.meter().goesAlone(fleet.now(), now);
    }
  }

  void setLinked(boolean now) {
    linked = now;
  }

  /** Ends the process and starts another: what it knew and owed is gone. */
  void restart() {
    setAlone(false);
    fleet.meter().restarted(fleet.now());
    books = accounting.apply(this::nanoTime);
    available = true;
    failures = 0;
  }

  private boolean reachesRedis() {
    return linked && fleet.isRedisUp();
  }
}
