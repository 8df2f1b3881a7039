package dev.penstock.redis;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class CircuitBreakerTest {

  private static final Duration SOON = Duration.ofSeconds(10);
  private static final int THRESHOLD = 3;

  private final List<Boolean> changes = new CopyOnWriteArrayList<>();
  private final AtomicInteger probes = new AtomicInteger();
  private volatile Thread prober = Thread.currentThread();
  private volatile boolean serverAnswers;

  private final CircuitBreaker breaker = breaker(Duration.ofMillis(5));

  private CircuitBreaker breaker(Duration interval) {
    return new CircuitBreaker(THRESHOLD, interval, this::probe, changes::add);
  }

  private boolean probe() {
    prober = Thread.currentThread();
    probes.incrementAndGet();
    return serverAnswers;
  }

  @AfterEach
  void close() {
    breaker.close();
  }

  @Test
  void new_isAvailableAndProbesNothing() {
    assertThat(breaker.isAvailable()).isTrue();
    assertThat(changes).isEmpty();
    assertThat(probes).hasValue(0);
  }

  @Test
  void failed_inARow_keepsRequestsOffAtTheThreshold() {
    breaker.failed();
    breaker.failed();
    assertThat(breaker.isAvailable()).isTrue();
    breaker.failed();
    assertThat(breaker.isAvailable()).isFalse();
    breaker.failed();
    assertThat(changes).containsExactly(false);
  }

  @Test
  void succeeded_inBetween_startsTheCountAnew() {
    for (int i = 0; i < 5; i++) {
      breaker.failed();
      breaker.failed();
      breaker.succeeded(System.nanoTime());
    }
    assertThat(breaker.isAvailable()).isTrue();
    assertThat(changes).isEmpty();
  }

  @Test
  void late_andSilentForMostOfThatTime_isSuspectUntilItAnswers() {
    breaker.succeeded(1_000);
    assertThat(breaker.isSuspect()).isFalse();
    breaker.late(990, 1_040);
    assertThat(breaker.isSuspect()).isTrue();
    assertThat(breaker.isAvailable()).isTrue();
    breaker.succeeded(1_041);
    assertThat(breaker.isSuspect()).isFalse();
  }

  @Test
  void late_whileOthersWereAnswered_isNotSuspect() {
    breaker.succeeded(1_000);
    breaker.late(960, 1_010);
    assertThat(breaker.isSuspect()).isFalse();
  }

  @Test
  void late_inARow_keepsRequestsOffAtTheThreshold() {
    for (int i = 0; i < THRESHOLD; i++) {
      assertThat(breaker.isAvailable()).isTrue();
      breaker.late(0, 50);
    }
    assertThat(breaker.isAvailable()).isFalse();
  }

  @Test
  void failed_atOnce_isNotSuspect() {
    breaker.failed();
    assertThat(breaker.isSuspect()).isFalse();
  }

  @Test
  void beginTrial_oneCallerAtATime() {
    assertThat(breaker.beginTrial()).isTrue();
    assertThat(breaker.beginTrial()).isFalse();
    breaker.endTrial();
    assertThat(breaker.beginTrial()).isTrue();
  }

  @Test
  void back_isNotSuspect() {
    breaker.succeeded(0);
    breaker.late(0, 50);
    serverAnswers = true;
    breaker.trip();
    Await.until("availability", SOON, breaker::isAvailable);
    assertThat(breaker.isSuspect()).isFalse();
  }

  @Test
  void trip_keepsRequestsOffAtOnceAndTellsOnce() {
    breaker.trip();
    breaker.trip();
    assertThat(breaker.isAvailable()).isFalse();
    assertThat(changes).containsExactly(false);
  }

  @Test
  void probe_failing_isRepeatedUntilItSucceeds() {
    breaker.trip();
    Await.until("three probes", SOON, () -> probes.get() >= 3);
    assertThat(breaker.isAvailable()).isFalse();
    serverAnswers = true;
    Await.until("availability", SOON, breaker::isAvailable);
    assertThat(changes).containsExactly(false, true);
    Await.until("the end of the probe", SOON, () -> !prober.isAlive());
  }

  @Test
  void probe_isADaemonOfItsOwn() {
    breaker.trip();
    Await.until("a probe", SOON, () -> probes.get() > 0);
    assertThat(prober).isNotSameAs(Thread.currentThread());
    assertThat(prober.isDaemon()).isTrue();
    assertThat(prober.getName()).isEqualTo("penstock-redis-probe");
  }

  @Test
  void back_countsFailuresFromZeroAndTripsAgain() {
    serverAnswers = true;
    breaker.trip();
    Await.until("availability", SOON, breaker::isAvailable);
    serverAnswers = false;
    breaker.failed();
    breaker.failed();
    assertThat(breaker.isAvailable()).isTrue();
    breaker.failed();
    assertThat(breaker.isAvailable()).isFalse();
    serverAnswers = true;
    Await.until("availability", SOON, breaker::isAvailable);
    assertThat(changes).containsExactly(false, true, false, true);
  }

  @Test
  void close_endsTheProbe() {
    breaker.trip();
    Await.until("a probe", SOON, () -> probes.get() > 0);
    breaker.close();
    Await.until("the end of the probe", SOON, () -> !prober.isAlive());
    assertThat(breaker.isAvailable()).isFalse();
  }

  @Test
  void close_before_leavesTheServerAlone() {
    breaker.close();
    breaker.trip();
    assertThat(changes).isEmpty();
    assertThat(probes).hasValue(0);
  }
}
