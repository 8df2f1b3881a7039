#!/usr/bin/env bash
# Software: LangChain4j 1.19.0, OpenAiChatModel beside OpenAiStreamingChatModel, nothing configured.
# Guess: the two models of one interface treat a 429 alike.
# Seen: the one that answers whole asks three times within two seconds, without a look at Retry-After. The one that
#   streams asks once, on 429 as on 500 and 503, and has no setting for it: its builder knows no maxRetries.
# Means: an agent that is switched to streaming loses the retries it had, and one burst of denials ends its turn;
#   a load test with one model says nothing of the other. Repeat streams yourself, after Retry-After.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

cat > pom.xml <<'POM'
<project><modelVersion>4.0.0</modelVersion><groupId>seen</groupId><artifactId>seen</artifactId><version>1</version>
<dependencies><dependency><groupId>dev.langchain4j</groupId><artifactId>langchain4j-open-ai</artifactId>
<version>1.19.0</version></dependency></dependencies></project>
POM
mvn -q -B org.apache.maven.plugins:maven-dependency-plugin:3.9.0:copy-dependencies -DoutputDirectory=lib

cat > Seen.java <<'JAVA'
import com.sun.net.httpserver.HttpServer;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.langchain4j.model.openai.OpenAiChatModel;
import dev.langchain4j.model.openai.OpenAiStreamingChatModel;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;

public class Seen {
  static boolean changed;

  interface Call {
    void to(String base) throws Exception;
  }

  static void seen(String what, boolean asSeen) {
    changed |= !asSeen;
    System.out.println(what + (asSeen ? "" : "   CHANGED"));
  }

  static void ask(String name, int status, int wanted, Call call) throws Exception {
    AtomicInteger requests = new AtomicInteger();
    HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", exchange -> {
      exchange.getRequestBody().readAllBytes();
      requests.incrementAndGet();
      exchange.getResponseHeaders().set("Retry-After", "30");
      exchange.sendResponseHeaders(status, -1);
      exchange.close();
    });
    server.start();
    long begin = System.nanoTime();
    String end = "an answer";
    try {
      call.to("http://127.0.0.1:" + server.getAddress().getPort() + "/v1");
    } catch (Exception e) {
      end = (e.getCause() == null || e instanceof RuntimeException && !(e instanceof
          java.util.concurrent.CompletionException) ? e : e.getCause()).getClass().getSimpleName();
    }
    double seconds = (System.nanoTime() - begin) / 1e9;
    server.stop(0);
    seen(String.format("%d, %s: %d requests in %.1f s, then %s", status, name, requests.get(), seconds, end),
        requests.get() == wanted && seconds < 15);
  }

  static void whole(String base) {
    OpenAiChatModel.builder().baseUrl(base).apiKey("none").modelName("m").build().chat("hello");
  }

  static void streamed(String base) {
    CompletableFuture<Void> end = new CompletableFuture<>();
    OpenAiStreamingChatModel.builder().baseUrl(base).apiKey("none").modelName("m").build()
        .chat("hello", new StreamingChatResponseHandler() {
          @Override
          public void onCompleteResponse(ChatResponse response) {
            end.complete(null);
          }

          @Override
          public void onError(Throwable error) {
            end.completeExceptionally(error);
          }
        });
    end.join();
  }

  public static void main(String[] args) throws Exception {
    for (int status : new int[] {429, 500, 503}) {
      ask("whole", status, 3, Seen::whole);
      ask("streamed", status, 1, Seen::streamed);
    }
    boolean settable = Arrays.stream(OpenAiStreamingChatModel.OpenAiStreamingChatModelBuilder.class.getMethods())
        .anyMatch(method -> method.getName().equals("maxRetries"));
    seen("maxRetries of the one that streams: " + (settable ? "there" : "none"), !settable);
    System.exit(changed ? 1 : 0);
  }
}
JAVA
java -cp 'lib/*' Seen.java 2> /dev/null
