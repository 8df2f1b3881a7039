package dev.penstock.redis;

import dev.penstock.FakeClock;
import dev.penstock.RateLimiter;
import dev.penstock.WindowsContract;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.AfterEach;

/** Windows by this process alone, as Redis has not been there since it began. */
class RedisOutageWindowsIT implements WindowsContract {

  private final FakeClock clock = new FakeClock(1_000_000_000_000L);
  private Instant wall = Instant.parse("2027-01-15T08:00:00Z");

  private final RedisRateLimiter limiter =
      RedisRateLimiter.builder("redis://127.0.0.1:" + LoopbackPorts.next())
          .nanoClock(clock)
          .wallClock(() -> wall)
          .build();

  @AfterEach
  void close() {
    limiter.close();
  }

  @Override
  public RateLimiter limiter() {
    return limiter;
  }

  @Override
  public void advance(Duration time) {
    clock.advance(time);
    wall = wall.plus(time);
  }

  @Override
  public void setWall(Instant time) {
    wall = time;
  }

  @Override
  public Duration resolution() {
    return Duration.ofNanos(1);
  }
}
