package dev.penstock.redis.wire;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.redis.Await;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ProberTest {

  private static final Duration SOON = Duration.ofSeconds(10);

  private final AtomicInteger asked = new AtomicInteger();
  private final Prober prober = new Prober(Duration.ofMillis(5));
  private volatile Thread thread = Thread.currentThread();
  private volatile boolean serverAnswers;

  private boolean isBack() {
    thread = Thread.currentThread();
    asked.incrementAndGet();
    return serverAnswers;
  }

  @AfterEach
  void close() {
    prober.close();
  }

  @Test
  void start_asksAgainAndAgainUntilItIsBack_andEndsItsThread() {
    prober.start(this::isBack);
    Await.until("three questions", SOON, () -> asked.get() >= 3);
    serverAnswers = true;
    Await.until("the end of the thread", SOON, () -> !thread.isAlive());
    int questions = asked.get();
    assertThat(thread.isDaemon()).isTrue();
    assertThat(thread.getName()).isEqualTo("penstock-redis-probe");
    assertThat(asked).hasValue(questions);
  }

  @Test
  void start_severalServers_eachHasItsThread() {
    AtomicInteger others = new AtomicInteger();
    prober.start(() -> others.incrementAndGet() > 0 && serverAnswers);
    prober.start(this::isBack);
    Await.until("questions to both", SOON, () -> asked.get() > 1 && others.get() > 1);
  }

  @Test
  void close_endsTheThread() {
    prober.start(this::isBack);
    Await.until("a question", SOON, () -> asked.get() > 0);
    prober.close();
    Await.until("the end of the thread", SOON, () -> !thread.isAlive());
    assertThat(prober.isClosed()).isTrue();
  }

  @Test
  void close_beforeTheFirstQuestion_nobodyIsAsked() {
    try (Prober patient = new Prober(Duration.ofDays(1))) {
      patient.start(this::isBack);
    }
    assertThat(asked).hasValue(0);
  }
}
