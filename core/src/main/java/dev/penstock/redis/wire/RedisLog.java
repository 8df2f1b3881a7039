package dev.penstock.redis.wire;

import dev.penstock.base.BoundedLog;
import java.time.Duration;

/** The lines on Redis, which go to the system logger of the limiter, the class that users know. */
public final class RedisLog {

  public static final int LINES_PER_MINUTE = 10;

  private static final String NAME = "dev.penstock.redis.RedisRateLimiter";

  private RedisLog() {}

  /** {@return a log for what may flap: {@value #LINES_PER_MINUTE} lines a minute} */
  public static BoundedLog ofChanges() {
    return new BoundedLog(NAME, LINES_PER_MINUTE, Duration.ofMinutes(1));
  }

  /** {@return a log for what goes on and on: a line every ten seconds} */
  public static BoundedLog ofRepetitions() {
    return new BoundedLog(NAME, 1, Duration.ofSeconds(10));
  }
}
