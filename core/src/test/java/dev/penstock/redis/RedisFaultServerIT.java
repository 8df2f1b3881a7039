package dev.penstock.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.Crowd;
import dev.penstock.Decision;
import dev.penstock.Decision.Source;
import dev.penstock.Identity;
import dev.penstock.Limit;
import dev.penstock.LimitPolicy;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A server that dies, stands still, forgets, is full, or takes no writes, under load. */
class RedisFaultServerIT {

  private static final Duration PAUSE = Duration.ofSeconds(5);

  /** Where no outage is tested, a machine that stands still for a moment shall be none. */
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  private static final Identity USER = Identity.user("exhausted");
  private static final LimitPolicy SLOW = LimitPolicy.perIdentity("slow", Limit.perHour(5));

  private RedisServer server;

  @BeforeEach
  void start() {
    server = RedisServer.start(RedisServer.APPEND_ONLY);
  }

  @AfterEach
  void close() {
    server.close();
  }

  private RedisRateLimiterBuilder builder() {
    return RedisRateLimiter.builder(server.url());
  }

  private static void exhaust(RedisRateLimiter limiter) {
    Decision last = limiter.tryAcquire(USER, SLOW, 5);
    assertThat(last.permitted()).isTrue();
    assertThat(last.source()).isEqualTo(Source.REDIS);
  }

  private static void assertDenied(RedisRateLimiter limiter, Source source) {
    Decision decision = limiter.tryAcquire(USER, SLOW, 1);
    assertThat(decision.source()).isEqualTo(source);
    assertThat(decision.permitted()).isFalse();
  }

  private void breakAndMend(String fault, Runnable breaking, Runnable mending) {
    try (RedisRateLimiter limiter = builder().build();
        FaultLoad load = FaultLoad.on(limiter)) {
      load.breakAndMend(fault, breaking, mending);
    }
  }

  private void mend(String fault, Runnable mending) {
    try (RedisRateLimiter limiter = builder().build();
        FaultLoad load = FaultLoad.on(limiter)) {
      assertThat(load.decisions(Source.REDIS)).isZero();
      load.mend(fault, mending);
    }
  }

  @Test
  void killed_restartedWithItsData_goesOn() {
    breakAndMend("killed, back with its data", server::kill, server::restart);
  }

  @Test
  void killed_restartedEmpty_whatWasExhaustedStaysDenied() {
    try (RedisRateLimiter limiter = builder().build();
        FaultLoad load = FaultLoad.on(limiter)) {
      exhaust(limiter);
      load.breakAndMend(
          "killed, back without data",
          server::kill,
          () -> {
            assertDenied(limiter, Source.LOCAL);
            server.restartEmpty();
          });
      assertDenied(limiter, Source.REDIS);
    }
  }

  @Test
  void killed_restartedEmptyWhileNobodyAsked_whatWasExhaustedStaysDenied() {
    try (RedisRateLimiter limiter =
        builder().timeout(PATIENCE).cheapDenials(Duration.ZERO).build()) {
      exhaust(limiter);
      server.restartEmpty();
      assertThat(limiter.tryAcquire(USER, SLOW, 1).permitted()).isFalse();
      assertDenied(limiter, Source.REDIS);
    }
  }

  @Test
  void paused_isLeftAlone_untilItGoesOn() {
    try (RedisRateLimiter limiter = builder().build();
        FaultLoad load = FaultLoad.on(limiter)) {
      load.breakAndMend(
          "paused for " + PAUSE.toMillis() + " ms",
          server::pause,
          () -> {
            load.goOn(PAUSE);
            server.resume();
          });
    }
  }

  @Test
  void scriptFlush_inMidLoad_isNotNoticed() {
    try (RedisRateLimiter limiter = builder().timeout(PATIENCE).build();
        FaultLoad load = FaultLoad.on(limiter, PATIENCE)) {
      for (int i = 0; i < 5; i++) {
        load.awaitDecisions(Source.REDIS);
        server.command("SCRIPT", "FLUSH");
      }
      load.awaitDecisions(Source.REDIS);
      load.finish("SCRIPT FLUSH five times", 0, 0);
      assertThat(load.decisions(Source.LOCAL)).isZero();
      assertThat(limiter.statistics().failures()).isZero();
      assertThat(limiter.statistics().scriptLoads()).isGreaterThanOrEqualTo(5);
    }
  }

  @Test
  void flushAll_fillsEachBucketOnceAtMost() {
    try (RedisRateLimiter limiter = builder().timeout(PATIENCE).build();
        FaultLoad load = FaultLoad.on(limiter, PATIENCE)) {
      load.awaitDecisions(Source.REDIS);
      server.command("FLUSHALL");
      load.awaitDecisions(Source.REDIS);
      load.finish("FLUSHALL", 0, 1);
      assertThat(load.decisions(Source.LOCAL)).isZero();
    }
  }

  private void fill() {
    server.command("SET", "filler", "x".repeat(2 * 1024 * 1024));
    server.command("CONFIG", "SET", "maxmemory-policy", "noeviction");
    server.command("CONFIG", "SET", "maxmemory", "1mb");
  }

  private void makeRoom() {
    server.command("CONFIG", "SET", "maxmemory", "0");
  }

  @Test
  void full_limitsGoOn_untilThereIsRoom() {
    breakAndMend("out of memory", this::fill, this::makeRoom);
  }

  @Test
  void full_atConstruction_isAnOutageAndNoError() {
    fill();
    mend("out of memory at construction", this::makeRoom);
  }

  /** Denials write nothing, so a full server answers them, and the breaker stays closed. */
  @Test
  void full_denialsSucceedInBetween_nobodyExceedsTheLimit() {
    try (RedisRateLimiter limiter =
            builder().timeout(PATIENCE).cheapDenials(Duration.ZERO).build();
        Crowd crowd = new Crowd(8)) {
      exhaust(limiter);
      fill();
      Identity other = Identity.user("other");
      int permitted =
          crowd
              .ask(
                  thread -> {
                    int mine = 0;
                    for (int i = 0; i < 200; i++) {
                      limiter.tryAcquire(USER, SLOW, 1);
                      mine += limiter.tryAcquire(other, SLOW, 1).permitted() ? 1 : 0;
                    }
                    return mine;
                  })
              .stream()
              .mapToInt(Integer::intValue)
              .sum();
      System.out.println(
          "Fault out of memory for some: permitted "
              + permitted
              + " of at most 5, "
              + limiter.statistics());
      assertThat(permitted).isLessThanOrEqualTo(5);
    }
  }

  private void follow(RedisServer primary) {
    server.command("REPLICAOF", LoopbackPorts.HOST, Integer.toString(primary.port()));
  }

  private void promote() {
    server.command("REPLICAOF", "NO", "ONE");
  }

  @Test
  void replica_inMidLoad_limitsGoOn_untilItIsPromoted() {
    try (RedisServer primary = RedisServer.start()) {
      breakAndMend("made a read-only replica", () -> follow(primary), this::promote);
    }
  }

  @Test
  void down_atConstruction_isFoundOnceItIsUp() {
    server.kill();
    mend("down at construction", server::restartEmpty);
  }
}
