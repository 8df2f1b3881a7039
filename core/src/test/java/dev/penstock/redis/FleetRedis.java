package dev.penstock.redis;

import dev.penstock.Limit;
import dev.penstock.base.Inside;
import dev.penstock.bucket.Gcra;

/** One bucket of a simulated server: what {@code acquire.lua} does to it, at a time given. */
final class FleetRedis {

  /** What the script answers: whether it took the token, and how far from full the bucket is. */
  record Reply(boolean permitted, long levelNanos) {}

  private final Limit limit;
  private long fullAt;

  FleetRedis(Limit limit) {
    this.limit = limit;
  }

  Reply take(long now, FleetBooks.Call call) {
    long level = Math.max(0, fullAt - now);
    long known = call.knownMicros() * 1000;
    if (level == 0) {
      level = Math.abs(known);
    } else if (known < 0) {
      level = Math.max(level, -known);
    }
    level += wholeMicros(call.owedNanos());
    long seen = level + wholeMicros(call.reservedNanos());
    boolean permitted = Gcra.retryAfterNanos(seen, 1, limit) == 0;
    if (permitted) {
      level += Inside.nanosPerToken(limit);
    }
    fullAt = now + level;
    return new Reply(permitted, level);
  }

  void loseData() {
    fullAt = 0;
  }

  private static long wholeMicros(long nanos) {
    return (nanos + 999) / 1000 * 1000;
  }
}
