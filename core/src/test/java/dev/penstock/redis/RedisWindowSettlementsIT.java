package dev.penstock.redis;

import dev.penstock.CalendarUnit;
import dev.penstock.Limit;
import java.time.Duration;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Nested;

/** What Redis does not carry out at once of windows. */
class RedisWindowSettlementsIT {

  @Nested
  class Fixed extends RedisSettlementsIT {
    @Override
    Limit ofTen() {
      return Limit.fixedWindow(10, CalendarUnit.YEAR, ZoneOffset.UTC);
    }
  }

  @Nested
  class Sliding extends RedisSettlementsIT {
    @Override
    Limit ofTen() {
      return Limit.slidingWindow(10, Duration.ofDays(366));
    }
  }
}
