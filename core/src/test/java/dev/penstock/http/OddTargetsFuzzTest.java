package dev.penstock.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.Decision;
import dev.penstock.FixedLimiter;
import dev.penstock.Limit;
import dev.penstock.LimitPolicy;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * Whatever a client sends and whatever a server makes of it, no run is free. Longer by hand: {@code
 * mvn -pl core test -Dtest=OddTargetsFuzzTest -Dpenstock.fuzz.requests=10000000}.
 */
class OddTargetsFuzzTest {

  private static final int REQUESTS = Integer.getInteger("penstock.fuzz.requests", 20_000);
  private static final long SEED = Long.getLong("penstock.fuzz.seed", 20260101);
  private static final int SERVERS = 4;
  private static final int STEPS = 7;

  private final FixedLimiter limiter = new FixedLimiter(Decision.open());
  private final HttpRateLimiter gate =
      HttpRateLimiter.builder(limiter)
          .exempt("/x/**")
          .rule("POST /agents/*/runs", LimitPolicy.perIdentity("runs", Limit.perMinute(10)))
          .build();

  @Test
  void decide_targetThatAServerTakesForARun_isCharged() {
    TargetFuzzer targets = new TargetFuzzer(SEED);
    Random servers = new Random(SEED);
    int runs = 0;
    for (int i = 0; i < REQUESTS; i++) {
      String target = targets.next();
      for (int server = 0; server < SERVERS; server++) {
        if (ServerModel.seesRun(target, STEPS, servers)) {
          runs++;
          limiter.calls().clear();
          gate.decide(FakeRequest.of("POST " + target));
          assertThat(limiter.calls())
              .as("target %d of seed %d: %s", i, SEED, target)
              .containsExactly("reserve 192.0.2.1 1");
        }
      }
    }
    assertThat(runs).isGreaterThan(REQUESTS / 4);
  }
}
