package dev.penstock.clients;

import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.langchain4j.model.openai.OpenAiChatModel;
import dev.langchain4j.model.openai.OpenAiStreamingChatModel;
import java.util.concurrent.CompletableFuture;

/** LangChain4j's model of OpenAI's interface, on the JDK's client. */
final class LangChain4j {

  private LangChain4j() {}

  static String ask(GuardedServer server, ServerClock clock) {
    return OpenAiChatModel.builder()
        .baseUrl(server.uri("/v1").toString())
        .apiKey("none")
        .modelName("some-model")
        .build()
        .chat("hello");
  }

  static String askForAStream(GuardedServer server, ServerClock clock) throws Exception {
    CompletableFuture<String> seen = new CompletableFuture<>();
    OpenAiStreamingChatModel.builder()
        .baseUrl(server.uri("/v1").toString())
        .apiKey("none")
        .modelName("some-model")
        .build()
        .chat("hello", new Answered(seen));
    return Seen.future(seen);
  }

  private record Answered(CompletableFuture<String> seen) implements StreamingChatResponseHandler {

    @Override
    public void onCompleteResponse(ChatResponse response) {
      seen.complete(response.aiMessage().text());
    }

    @Override
    public void onError(Throwable error) {
      seen.completeExceptionally(error);
    }
  }
}
