package dev.penstock.clients;

import com.anthropic.core.Sleeper;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/** Waits for OpenAI's and Anthropic's clients, by the server's clock and in no time. */
record ClockSleeper(ServerClock clock) implements Sleeper, com.openai.core.Sleeper {

  @Override
  public void sleep(Duration time) {
    clock.waited(time);
  }

  @Override
  public CompletableFuture<Void> sleepAsync(Duration time) {
    clock.waited(time);
    return CompletableFuture.completedFuture(null);
  }

  @Override
  public void close() {}
}
