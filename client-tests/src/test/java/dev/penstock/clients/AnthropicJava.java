package dev.penstock.clients;

import com.anthropic.client.AnthropicClient;
import com.anthropic.client.okhttp.AnthropicOkHttpClient;
import com.anthropic.core.Sleeper;
import com.anthropic.models.messages.MessageCreateParams;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/** Anthropic's client, which lets a sleeper wait for it. */
final class AnthropicJava {

  private AnthropicJava() {}

  static String ask(GuardedServer server, ServerClock clock) {
    AnthropicClient client =
        AnthropicOkHttpClient.builder()
            .baseUrl(server.uri("").toString())
            .apiKey("none")
            .sleeper(new ClockSleeper(clock))
            .build();
    try {
      MessageCreateParams question =
          MessageCreateParams.builder()
              .model("some-model")
              .maxTokens(10)
              .addUserMessage("hello")
              .build();
      return client.messages().create(question).content().get(0).asText().text();
    } finally {
      client.close();
    }
  }

  private record ClockSleeper(ServerClock clock) implements Sleeper {

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
}
