package dev.penstock.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.Crowd;
import dev.penstock.Decision;
import dev.penstock.Decision.Source;
import dev.penstock.Identity;
import dev.penstock.Limit;
import dev.penstock.LimitPolicy;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** A server that dies, stands still, forgets, is full, or takes no writes, under load. */
class RedisFaultServerIT {

  private static final Duration PAUSE =
      Duration.ofSeconds(Integer.getInteger("penstock.pause.seconds", 2));
  private static final Identity USER = Identity.user("exhausted");
  private static final LimitPolicy SLOW = LimitPolicy.perIdentity("slow", Limit.perHour(5));
  private static final int SOME = 300;

  private static RedisRateLimiter limiter(RedisServer server) {
    return RedisRateLimiter.builder(server.url()).build();
  }

  /** For faults that are none of the network's: a machine that is busy is not to pass for one. */
  private static RedisRateLimiter patientLimiter(RedisServer server) {
    return RedisRateLimiter.builder(server.url()).timeout(Duration.ofSeconds(5)).build();
  }

  private static void exhaust(RedisRateLimiter limiter) {
    Decision last = limiter.tryAcquire(USER, SLOW, 5);
    assertThat(last.permitted()).isTrue();
    assertThat(last.source()).isEqualTo(Source.REDIS);
  }

  @Test
  void killed_restartedWithItsData_goesOn() {
    try (RedisServer server = RedisServer.start(RedisServer.APPEND_ONLY);
        RedisRateLimiter limiter = limiter(server);
        FaultLoad load = FaultLoad.on(limiter)) {
      load.awaitDecisions(SOME, Source.REDIS);
      server.kill();
      load.awaitDecisions(SOME, Source.LOCAL);
      server.restart();
      load.awaitReturn();
      load.awaitDecisions(SOME, Source.REDIS);
      load.finish("killed, back with its data", 1, 0);
    }
  }

  @Test
  void killed_restartedEmpty_whatWasExhaustedStaysDenied() {
    try (RedisServer server = RedisServer.start();
        RedisRateLimiter limiter = limiter(server);
        FaultLoad load = FaultLoad.on(limiter)) {
      exhaust(limiter);
      load.awaitDecisions(SOME, Source.REDIS);
      server.kill();
      load.awaitDecisions(SOME, Source.LOCAL);
      Decision away = limiter.tryAcquire(USER, SLOW, 1);
      assertThat(away.source()).isEqualTo(Source.LOCAL);
      assertThat(away.permitted()).isFalse();
      server.restartEmpty();
      load.awaitReturn();
      Decision back = limiter.tryAcquire(USER, SLOW, 1);
      assertThat(back.source()).isEqualTo(Source.REDIS);
      assertThat(back.permitted()).isFalse();
      load.awaitDecisions(SOME, Source.REDIS);
      load.finish("killed, back without data", 1, 0);
    }
  }

  @Test
  void killed_restartedEmptyWhileNobodyAsked_whatWasExhaustedStaysDenied() {
    try (RedisServer server = RedisServer.start();
        RedisRateLimiter limiter =
            RedisRateLimiter.builder(server.url()).cheapDenials(Duration.ZERO).build()) {
      exhaust(limiter);
      server.restartEmpty();
      Decision first = limiter.tryAcquire(USER, SLOW, 1);
      Decision second = limiter.tryAcquire(USER, SLOW, 1);
      assertThat(first.permitted()).isFalse();
      assertThat(second.permitted()).isFalse();
      assertThat(second.source()).isEqualTo(Source.REDIS);
    }
  }

  @Test
  void paused_isLeftAlone_untilItGoesOn() {
    try (RedisServer server = RedisServer.start();
        RedisRateLimiter limiter = limiter(server);
        FaultLoad load = FaultLoad.on(limiter)) {
      load.awaitDecisions(SOME, Source.REDIS);
      server.pause();
      load.goOn(PAUSE);
      assertThat(load.decisions(Source.LOCAL)).isGreaterThan(SOME);
      server.resume();
      load.awaitReturn();
      load.awaitDecisions(SOME, Source.REDIS);
      load.finish("paused for " + PAUSE.toMillis() + " ms", 1, 0);
    }
  }

  @Test
  void scriptFlush_inMidLoad_isNotNoticed() {
    try (RedisServer server = RedisServer.start();
        RedisRateLimiter limiter = patientLimiter(server);
        FaultLoad load = FaultLoad.on(limiter)) {
      for (int i = 0; i < 5; i++) {
        load.awaitDecisions(SOME, Source.REDIS);
        server.command("SCRIPT", "FLUSH");
      }
      load.awaitDecisions(2 * SOME, Source.REDIS);
      load.finish("SCRIPT FLUSH five times", 0, 0);
      assertThat(load.decisions(Source.LOCAL)).isZero();
      assertThat(limiter.statistics().failures()).isZero();
      assertThat(limiter.statistics().scriptLoads()).isGreaterThanOrEqualTo(5);
    }
  }

  @Test
  void flushAll_fillsEachBucketOnceAtMost() {
    try (RedisServer server = RedisServer.start();
        RedisRateLimiter limiter = patientLimiter(server);
        FaultLoad load = FaultLoad.on(limiter)) {
      load.awaitDecisions(SOME, Source.REDIS);
      server.command("FLUSHALL");
      load.awaitDecisions(2 * SOME, Source.REDIS);
      load.finish("FLUSHALL", 0, 1);
      assertThat(load.decisions(Source.LOCAL)).isZero();
    }
  }

  private static void fill(RedisServer server) {
    server.command("SET", "filler", "x".repeat(2 * 1024 * 1024));
    server.command("CONFIG", "SET", "maxmemory-policy", "noeviction");
    server.command("CONFIG", "SET", "maxmemory", "1mb");
  }

  @Test
  void full_limitsGoOn_untilThereIsRoom() {
    try (RedisServer server = RedisServer.start();
        RedisRateLimiter limiter = limiter(server);
        FaultLoad load = FaultLoad.on(limiter)) {
      load.awaitDecisions(SOME, Source.REDIS);
      fill(server);
      load.awaitDecisions(SOME, Source.LOCAL);
      server.command("CONFIG", "SET", "maxmemory", "0");
      load.awaitReturn();
      load.awaitDecisions(SOME, Source.REDIS);
      load.finish("out of memory", 1, 0);
    }
  }

  @Test
  void full_atConstruction_isAnOutageAndNoError() {
    try (RedisServer server = RedisServer.start()) {
      fill(server);
      try (RedisRateLimiter limiter = limiter(server);
          FaultLoad load = FaultLoad.on(limiter)) {
        load.awaitDecisions(SOME, Source.LOCAL);
        server.command("CONFIG", "SET", "maxmemory", "0");
        load.awaitReturn();
        load.awaitDecisions(SOME, Source.REDIS);
        load.finish("out of memory at construction", 1, 0);
      }
    }
  }

  /** Denials write nothing, so a full server answers them, and the breaker stays closed. */
  @Test
  void full_denialsSucceedInBetween_nobodyExceedsTheLimit() {
    try (RedisServer server = RedisServer.start();
        RedisRateLimiter limiter =
            RedisRateLimiter.builder(server.url()).cheapDenials(Duration.ZERO).build();
        Crowd crowd = new Crowd(8)) {
      exhaust(limiter);
      fill(server);
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

  @Test
  void replica_inMidLoad_limitsGoOn_untilItIsPromoted() {
    try (RedisServer primary = RedisServer.start();
        RedisServer server = RedisServer.start();
        RedisRateLimiter limiter = limiter(server);
        FaultLoad load = FaultLoad.on(limiter)) {
      load.awaitDecisions(SOME, Source.REDIS);
      server.command("REPLICAOF", LoopbackPorts.HOST, Integer.toString(primary.port()));
      load.awaitDecisions(SOME, Source.LOCAL);
      server.command("REPLICAOF", "NO", "ONE");
      load.awaitReturn();
      load.awaitDecisions(SOME, Source.REDIS);
      load.finish("made a read-only replica", 1, 0);
    }
  }

  @Test
  void replica_atConstruction_isAnOutageAndNoError() {
    try (RedisServer primary = RedisServer.start();
        RedisServer server =
            RedisServer.start("replicaof " + LoopbackPorts.HOST + " " + primary.port());
        RedisRateLimiter limiter = limiter(server);
        FaultLoad load = FaultLoad.on(limiter)) {
      load.awaitDecisions(SOME, Source.LOCAL);
      server.command("REPLICAOF", "NO", "ONE");
      load.awaitReturn();
      load.awaitDecisions(SOME, Source.REDIS);
      load.finish("read-only replica at construction", 1, 0);
    }
  }

  @Test
  void down_atConstruction_isFoundOnceItIsUp() {
    try (RedisServer server = RedisServer.start()) {
      server.kill();
      try (RedisRateLimiter limiter = limiter(server);
          FaultLoad load = FaultLoad.on(limiter)) {
        load.awaitDecisions(SOME, Source.LOCAL);
        assertThat(load.decisions(Source.REDIS)).isZero();
        server.restartEmpty();
        load.awaitReturn();
        load.awaitDecisions(SOME, Source.REDIS);
        load.finish("down at construction", 1, 0);
      }
    }
  }
}
