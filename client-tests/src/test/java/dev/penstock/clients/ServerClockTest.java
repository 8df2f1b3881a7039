package dev.penstock.clients;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class ServerClockTest {

  @Test
  void arrival_toldClock_isTheSumOfTheWaits() {
    ServerClock clock = ServerClock.told();
    assertThat(clock.arrival()).isZero();
    clock.waited(Duration.ofSeconds(8));
    clock.waited(Duration.ofSeconds(4));
    assertThat(clock.arrival()).isEqualTo(Duration.ofSeconds(12));
    assertThat(clock.getAsLong()).isEqualTo(12_000_000_000L);
  }

  @Test
  void arrival_realClock_beginsAtZero() {
    assertThat(ServerClock.real().arrival()).isZero();
  }

  @Test
  void waited_realClock_throws() {
    ServerClock clock = ServerClock.real();
    assertThatThrownBy(() -> clock.waited(Duration.ofSeconds(1)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("told must be true: a client's waits are its own here");
  }
}
