package dev.penstock.redis;

import dev.penstock.CalendarUnit;
import dev.penstock.Limit;
import java.time.Duration;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Nested;

/** What is known here of windows that Redis has lost. */
class RedisLostWindowsIT {

  @Nested
  class Fixed extends RedisLostDataIT {
    @Override
    Limit ofTen() {
      return Limit.fixedWindow(10, CalendarUnit.YEAR, ZoneOffset.UTC);
    }
  }

  @Nested
  class Sliding extends RedisLostDataIT {
    @Override
    Limit ofTen() {
      return Limit.slidingWindow(10, Duration.ofDays(366));
    }
  }
}
