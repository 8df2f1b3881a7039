package dev.penstock.clients;

import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.core.Sleeper;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/** OpenAI's client, which lets a sleeper wait for it. */
final class OpenAiJava {

  private OpenAiJava() {}

  static String ask(GuardedServer server, ServerClock clock) {
    OpenAIClient client =
        OpenAIOkHttpClient.builder()
            .baseUrl(server.uri("/v1").toString())
            .apiKey("none")
            .sleeper(new ClockSleeper(clock))
            .build();
    try {
      ChatCompletionCreateParams question =
          ChatCompletionCreateParams.builder().model("some-model").addUserMessage("hello").build();
      return client
          .chat()
          .completions()
          .create(question)
          .choices()
          .get(0)
          .message()
          .content()
          .orElseThrow();
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
