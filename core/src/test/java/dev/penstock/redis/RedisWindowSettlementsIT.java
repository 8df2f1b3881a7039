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
    Fixed() {
      super(Limit.fixedWindow(10, CalendarUnit.YEAR, ZoneOffset.UTC));
    }
  }

  @Nested
  class Sliding extends RedisSettlementsIT {
    Sliding() {
      super(Limit.slidingWindow(10, Duration.ofDays(366)));
    }
  }
}
