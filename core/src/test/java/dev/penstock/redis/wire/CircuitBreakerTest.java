package dev.penstock.redis.wire;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class CircuitBreakerTest {

  private static final int THRESHOLD = 3;

  private final CircuitBreaker breaker = new CircuitBreaker(THRESHOLD);

  @Test
  void new_isAvailable() {
    assertThat(breaker.isAvailable()).isTrue();
    assertThat(breaker.isSuspect()).isFalse();
  }

  @Test
  void failed_inARow_keepsRequestsOffAtTheThreshold_andSaysSoOnce() {
    assertThat(breaker.failed()).isFalse();
    assertThat(breaker.failed()).isFalse();
    assertThat(breaker.isAvailable()).isTrue();
    assertThat(breaker.failed()).isTrue();
    assertThat(breaker.isAvailable()).isFalse();
    assertThat(breaker.failed()).isFalse();
  }

  @Test
  void succeeded_inBetween_startsTheCountAnew() {
    for (int i = 0; i < 5; i++) {
      assertThat(breaker.failed()).isFalse();
      assertThat(breaker.failed()).isFalse();
      breaker.succeeded(System.nanoTime());
    }
    assertThat(breaker.isAvailable()).isTrue();
  }

  @Test
  void late_andSilentForMostOfThatTime_isSuspectUntilItAnswers() {
    breaker.succeeded(1_000);
    assertThat(breaker.late(990, 1_040)).isFalse();
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
    for (int i = 1; i <= THRESHOLD; i++) {
      assertThat(breaker.late(0, 50)).isEqualTo(i == THRESHOLD);
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
  void trip_keepsRequestsOffAtOnceAndSaysSoOnce() {
    assertThat(breaker.trip()).isTrue();
    assertThat(breaker.trip()).isFalse();
    assertThat(breaker.isAvailable()).isFalse();
  }

  @Test
  void back_afterAnAnswer_countsFailuresFromZeroAndTripsAgain() {
    breaker.late(0, 50);
    breaker.trip();
    breaker.succeeded(60);
    breaker.back();
    assertThat(breaker.isAvailable()).isTrue();
    assertThat(breaker.isSuspect()).isFalse();
    for (int i = 1; i <= THRESHOLD; i++) {
      assertThat(breaker.failed()).isEqualTo(i == THRESHOLD);
    }
  }
}
