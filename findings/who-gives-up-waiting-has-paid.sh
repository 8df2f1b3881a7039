#!/usr/bin/env bash
# Software: the ways to wait of Bucket4j 8.17.0, Resilience4j 2.4.0 and Guava 33.8.0, each told one permit a second.
# Guess: who is interrupted, or cancels, while it waits for its turn, takes nothing, and the next is served in its place.
# Seen: the turn of who gives up is spent. Ten callers give up at once, one after the other, and the eleventh waits
#   eleven seconds, in Bucket4j and in Resilience4j; a cancelled future of Bucket4j spends likewise. The caller is told
#   an InterruptedException by the one, "false" by the other. Guava does not give up: the interrupted thread sleeps to
#   the end, and has its permit.
# Means: callers that cancel, as those behind a short deadline do, push all others back; give the turn back by hand, or
#   ask without waiting and sleep yourself.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
cat > pom.xml <<'POM'
<project><modelVersion>4.0.0</modelVersion><groupId>seen</groupId><artifactId>seen</artifactId><version>1</version>
<dependencies>
<dependency><groupId>com.bucket4j</groupId><artifactId>bucket4j_jdk17-core</artifactId><version>8.17.0</version></dependency>
<dependency><groupId>io.github.resilience4j</groupId><artifactId>resilience4j-ratelimiter</artifactId><version>2.4.0</version></dependency>
<dependency><groupId>com.google.guava</groupId><artifactId>guava</artifactId><version>33.8.0-jre</version></dependency>
<dependency><groupId>org.slf4j</groupId><artifactId>slf4j-nop</artifactId><version>2.0.17</version></dependency>
</dependencies></project>
POM
mvn -q -B org.apache.maven.plugins:maven-dependency-plugin:3.9.0:copy-dependencies -DoutputDirectory=lib

cat > Seen.java <<'JAVA'
import com.google.common.util.concurrent.RateLimiter;
import io.github.bucket4j.Bucket;
import io.github.resilience4j.ratelimiter.RateLimiterConfig;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;

public class Seen {
  static final int QUITTERS = 10;

  /** One caller that is interrupted as soon as it waits; returns how it ended. */
  static String interrupted(Callable<Object> wait) throws Exception {
    String[] outcome = new String[1];
    Thread caller = new Thread(() -> {
      try {
        outcome[0] = String.valueOf(wait.call());
      } catch (Exception e) {
        outcome[0] = e.getClass().getSimpleName();
      }
    });
    caller.start();
    while (caller.getState() != Thread.State.TIMED_WAITING && caller.isAlive()) {
      Thread.onSpinWait();
    }
    caller.interrupt();
    caller.join();
    return outcome[0];
  }

  static Bucket bucket() {
    Bucket bucket = Bucket.builder().addLimit(l -> l.capacity(1).refillGreedy(1, Duration.ofSeconds(1))).build();
    bucket.tryConsume(1);
    return bucket;
  }

  static boolean near(double seconds, double expected) {
    return Math.abs(seconds - expected) < 0.9;
  }

  public static void main(String[] args) throws Exception {
    boolean asSeen = true;

    Bucket bucket = bucket();
    String how = "";
    for (int i = 0; i < QUITTERS; i++) {
      how = interrupted(() -> bucket.asBlocking().tryConsume(1, Duration.ofMinutes(1)));
    }
    double next = bucket.estimateAbilityToConsume(1).getNanosToWaitForRefill() / 1e9;
    System.out.printf("Bucket4j, interrupted: %s; the next waits %.0f s%n", how, next);
    asSeen &= how.equals("InterruptedException") && near(next, 1 + QUITTERS);

    Bucket async = bucket();
    var timer = Executors.newScheduledThreadPool(1);
    for (int i = 0; i < QUITTERS; i++) {
      async.asScheduler().tryConsume(1, Duration.ofMinutes(1), timer).cancel(true);
    }
    next = async.estimateAbilityToConsume(1).getNanosToWaitForRefill() / 1e9;
    System.out.printf("Bucket4j, cancelled: the next waits %.0f s%n", next);
    asSeen &= near(next, 1 + QUITTERS);
    timer.shutdownNow();

    var resilience = io.github.resilience4j.ratelimiter.RateLimiter.of("one", RateLimiterConfig.custom()
        .limitForPeriod(1).limitRefreshPeriod(Duration.ofSeconds(1)).timeoutDuration(Duration.ofMinutes(1)).build());
    resilience.acquirePermission();
    for (int i = 0; i < QUITTERS; i++) {
      how = interrupted(resilience::acquirePermission);
    }
    next = resilience.reservePermission() / 1e9;
    System.out.printf("Resilience4j, interrupted: %s; the next waits %.0f s%n", how, next);
    asSeen &= how.equals("false") && near(next, QUITTERS + 0.5);

    RateLimiter guava = RateLimiter.create(1);
    guava.acquire();
    long before = System.nanoTime();
    how = interrupted(() -> guava.tryAcquire(1, Duration.ofMinutes(1)));
    double slept = (System.nanoTime() - before) / 1e9;
    System.out.printf("Guava, interrupted: %s, after it has slept for %.1f s all the same%n", how, slept);
    asSeen &= how.equals("true") && slept > 0.5;

    System.out.println(asSeen ? "" : "CHANGED");
    System.exit(asSeen ? 0 : 1);
  }
}
JAVA
java -cp 'lib/*' Seen.java 2> java.log || { tail -n 5 java.log; exit 1; }
