package dev.penstock.clients;

import com.anthropic.client.AnthropicClient;
import com.anthropic.client.AnthropicClientAsync;
import com.anthropic.client.okhttp.AnthropicOkHttpClient;
import com.anthropic.client.okhttp.AnthropicOkHttpClientAsync;
import com.anthropic.models.messages.Message;
import com.anthropic.models.messages.MessageCreateParams;

/** Anthropic's client, which lets a sleeper wait for it. */
final class AnthropicJava {

  private static final MessageCreateParams QUESTION =
      MessageCreateParams.builder()
          .model("some-model")
          .maxTokens(10)
          .addUserMessage("hello")
          .build();

  private AnthropicJava() {}

  static String ask(GuardedServer server, ServerClock clock) {
    AnthropicClient client =
        AnthropicOkHttpClient.builder()
            .baseUrl(server.uri("").toString())
            .apiKey("none")
            .sleeper(new ClockSleeper(clock))
            .build();
    try {
      return text(client.messages().create(QUESTION));
    } finally {
      client.close();
    }
  }

  static String askAsynchronously(GuardedServer server, ServerClock clock) throws Exception {
    AnthropicClientAsync client =
        AnthropicOkHttpClientAsync.builder()
            .baseUrl(server.uri("").toString())
            .apiKey("none")
            .sleeper(new ClockSleeper(clock))
            .build();
    try {
      return Seen.future(client.messages().create(QUESTION).thenApply(AnthropicJava::text));
    } finally {
      client.close();
    }
  }

  private static String text(Message message) {
    return message.content().get(0).asText().text();
  }
}
