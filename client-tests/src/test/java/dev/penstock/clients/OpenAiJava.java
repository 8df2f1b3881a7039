package dev.penstock.clients;

import com.openai.client.OpenAIClient;
import com.openai.client.OpenAIClientAsync;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.client.okhttp.OpenAIOkHttpClientAsync;
import com.openai.models.chat.completions.ChatCompletion;
import com.openai.models.chat.completions.ChatCompletionCreateParams;

/** OpenAI's client, which lets a sleeper wait for it. */
final class OpenAiJava {

  private static final ChatCompletionCreateParams QUESTION =
      ChatCompletionCreateParams.builder().model("some-model").addUserMessage("hello").build();

  private OpenAiJava() {}

  static String ask(GuardedServer server, ServerClock clock) {
    OpenAIClient client =
        OpenAIOkHttpClient.builder()
            .baseUrl(server.uri("/v1").toString())
            .apiKey("none")
            .sleeper(new ClockSleeper(clock))
            .build();
    try {
      return text(client.chat().completions().create(QUESTION));
    } finally {
      client.close();
    }
  }

  static String askAsynchronously(GuardedServer server, ServerClock clock) throws Exception {
    OpenAIClientAsync client =
        OpenAIOkHttpClientAsync.builder()
            .baseUrl(server.uri("/v1").toString())
            .apiKey("none")
            .sleeper(new ClockSleeper(clock))
            .build();
    try {
      return Seen.future(client.chat().completions().create(QUESTION).thenApply(OpenAiJava::text));
    } finally {
      client.close();
    }
  }

  private static String text(ChatCompletion completion) {
    return completion.choices().get(0).message().content().orElseThrow();
  }
}
