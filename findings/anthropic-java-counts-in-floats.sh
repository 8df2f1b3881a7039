#!/usr/bin/env bash
# Software: anthropic-java 3.14.0, with a sleeper that notes how long it is asked to sleep.
# Guess: Retry-After: 73728 is a wait of 73,728 seconds, or a little more.
# Seen: both Retry-After and retry-after-ms are multiplied to nanoseconds in 32-bit floating point. Of 200 waits
#   within a day 97 are too short, by up to 3.9 ms, and 73,728 s by 4.2 ms: the client is back before the time it was
#   told.
# Means: a limiter that is exact denies it a second time and says 1 s, which costs one of its two retries. Tell a
#   wait that is a millionth longer, in retry-after-ms, or forgive some milliseconds.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

cat > pom.xml <<'POM'
<project><modelVersion>4.0.0</modelVersion><groupId>seen</groupId><artifactId>seen</artifactId><version>1</version>
<dependencies><dependency><groupId>com.anthropic</groupId><artifactId>anthropic-java</artifactId>
<version>3.14.0</version></dependency></dependencies></project>
POM
mvn -q -B org.apache.maven.plugins:maven-dependency-plugin:3.9.0:copy-dependencies -DoutputDirectory=lib

cat > Seen.java <<'JAVA'
import com.anthropic.client.AnthropicClient;
import com.anthropic.client.okhttp.AnthropicOkHttpClient;
import com.anthropic.core.Sleeper;
import com.anthropic.errors.RateLimitException;
import com.anthropic.models.messages.MessageCreateParams;
import com.sun.net.httpserver.HttpServer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;

public class Seen {
  static final List<Duration> slept = new ArrayList<>();
  static volatile String field;
  static volatile long told;
  static boolean changed;

  static final class Noting implements Sleeper {
    @Override
    public void sleep(Duration time) {
      slept.add(time);
    }

    @Override
    public CompletableFuture<Void> sleepAsync(Duration time) {
      slept.add(time);
      return CompletableFuture.completedFuture(null);
    }

    @Override
    public void close() {}
  }

  /** Returns by how many nanoseconds a wait of so many seconds is too long; too short below zero. */
  static long excess(AnthropicClient client, String name, long seconds) {
    field = name;
    told = name.equals("Retry-After") ? seconds : seconds * 1000;
    slept.clear();
    try {
      client.messages().create(MessageCreateParams.builder().model("m").maxTokens(1).addUserMessage("x").build());
    } catch (RateLimitException expected) {
      // which it ends with
    }
    return slept.get(0).toNanos() - seconds * 1_000_000_000;
  }

  static void seen(String what, boolean asSeen) {
    changed |= !asSeen;
    System.out.println(what + (asSeen ? "" : "   CHANGED"));
  }

  public static void main(String[] args) throws Exception {
    HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", exchange -> {
      exchange.getRequestBody().readAllBytes();
      exchange.getResponseHeaders().set(field, Long.toString(told));
      exchange.sendResponseHeaders(429, -1);
      exchange.close();
    });
    server.start();
    AnthropicClient client = AnthropicOkHttpClient.builder()
        .baseUrl("http://127.0.0.1:" + server.getAddress().getPort())
        .apiKey("none").maxRetries(1).sleeper(new Noting()).build();
    for (String name : new String[] {"Retry-After", "retry-after-ms"}) {
      long of73728 = excess(client, name, 73_728);
      seen(String.format("%s of 73728 s: slept %d ns too little", name, -of73728), of73728 < -1_000_000);
      Random random = new Random(7);
      int early = 0;
      long earliest = 0;
      for (int i = 0; i < 200; i++) {
        long excess = excess(client, name, 1 + random.nextInt(86_400));
        early += excess < 0 ? 1 : 0;
        earliest = Math.min(earliest, excess);
      }
      seen(String.format("%s, 200 waits of up to a day: %d too short, by up to %.1f ms", name, early, -earliest / 1e6),
          early > 50 && early < 150 && earliest < -2_000_000);
    }
    server.stop(0);
    System.exit(changed ? 1 : 0);
  }
}
JAVA
java -cp 'lib/*' Seen.java 2> /dev/null
