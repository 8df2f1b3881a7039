package dev.penstock.redis;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;

/**
 * Decisions that Redis did not make although it is not known to be away: each is counted, and a
 * line every ten seconds at most says how many there were and what the last of them met. The first
 * ones of an outage are among them. Thread-safe.
 */
final class MissedDecisions {

  private static final Logger LOG = System.getLogger(RedisRateLimiter.class.getName());
  private static final long REPORT_NANOS = Duration.ofSeconds(10).toNanos();

  private final String server;
  private final LongAdder missed = new LongAdder();
  private final AtomicLong reported = new AtomicLong();
  private final AtomicLong reportDue = new AtomicLong(System.nanoTime());

  /**
   * Counts from zero.
   *
   * @param server what the server is called, with its host and port where they are known
   */
  MissedDecisions(String server) {
    this.server = server;
  }

  void count(String reason) {
    missed.increment();
    long now = System.nanoTime();
    long due = reportDue.get();
    if (now - due >= 0 && reportDue.compareAndSet(due, now + REPORT_NANOS)) {
      long sum = missed.sum();
      long since = sum - reported.getAndSet(sum);
      LOG.log(
          Level.WARNING,
          "Decisions made by failover though "
              + server
              + " is not known to be away: "
              + since
              + ", the last as "
              + reason);
    }
  }

  long sum() {
    return missed.sum();
  }
}
