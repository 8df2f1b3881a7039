package dev.penstock.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.Decision;
import dev.penstock.Decision.Source;
import dev.penstock.Identity;
import dev.penstock.LimitPolicy;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A network that is slow, cuts, resets, or swallows everything, under load. */
class RedisFaultNetworkIT {

  private static final int OPENED_AHEAD = 4;

  private static RedisServer server;

  private FaultProxy proxy;
  private RedisRateLimiter limiter;

  @BeforeAll
  static void startServer() {
    server = RedisServer.start();
  }

  @AfterAll
  static void closeServer() {
    server.close();
  }

  @BeforeEach
  void connect() {
    server.command("FLUSHALL");
    proxy = FaultProxy.to(server.port());
    limiter = RedisRateLimiter.builder(proxy.url()).build();
  }

  @AfterEach
  void disconnect() {
    limiter.close();
    proxy.close();
  }

  private void breakAndMend(String fault, Runnable breaking) {
    try (FaultLoad load = FaultLoad.on(limiter)) {
      load.breakAndMend(fault, breaking, proxy::pass);
    }
  }

  @Test
  void delay_withinTheTimeout_isWaitedFor() {
    Duration timeout = Duration.ofSeconds(5);
    try (RedisRateLimiter patient = RedisRateLimiter.builder(proxy.url()).timeout(timeout).build();
        FaultLoad load = FaultLoad.on(patient, timeout)) {
      load.awaitDecisions(Source.REDIS);
      proxy.delay(Duration.ofMillis(30));
      load.awaitDecisions(Source.REDIS);
      load.finish("delay of 30 ms", 0, 0);
      assertThat(load.decisions(Source.LOCAL)).isZero();
      assertThat(patient.statistics().failures()).isZero();
    }
  }

  @Test
  void delay_beyondTheTimeout_isAnOutage() {
    breakAndMend("delay of 200 ms", () -> proxy.delay(Duration.ofMillis(200)));
  }

  @Test
  void cut_isAnOutage() {
    breakAndMend("connections cut", proxy::cut);
  }

  @Test
  void reset_isAnOutage() {
    breakAndMend("connections reset", proxy::reset);
  }

  @Test
  void blackHole_isAnOutage() {
    breakAndMend("black hole", proxy::blackHole);
  }

  /** More are hardly ever opened, since what is asked at once travels together. */
  @Test
  void cut_allConnectionsOpenedAheadIdle_returnIsNoSlower() {
    Identity user = Identity.user("one of many");
    LimitPolicy roomy = LimitPolicy.perIdentity("roomy", FaultLoad.LIMIT.withCapacity(1_000));
    Await.until("connections", Duration.ofSeconds(20), () -> proxy.accepted() >= OPENED_AHEAD);
    int connections = proxy.accepted();
    proxy.cut();
    proxy.pass();
    Duration taken =
        Await.until(
            "a decision by Redis",
            Duration.ofSeconds(20),
            () -> {
              Decision decision = limiter.tryAcquire(user, roomy, 1);
              return decision.source() == Source.REDIS;
            });
    System.out.println(
        "Fault " + connections + " idle connections dead: back in " + taken.toMillis() + " ms");
    assertThat(taken).isLessThanOrEqualTo(Duration.ofSeconds(2));
  }
}
