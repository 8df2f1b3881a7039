package com.example;

import dev.penstock.Limit;
import dev.penstock.LimitPolicy;
import dev.penstock.http.ApiKeys;
import dev.penstock.http.ClientAddress;
import dev.penstock.http.HttpRateLimiter;
import dev.penstock.memory.InMemoryRateLimiter;
import dev.penstock.servlet.RateLimitFilter;
import io.javalin.Javalin;
import io.javalin.http.Context;
import io.javalin.http.sse.SseClient;
import jakarta.servlet.DispatcherType;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.logging.LogManager;
import org.eclipse.jetty.ee10.servlet.FilterHolder;

/**
 * Penstock before Javalin: customers are limited by their keys, everybody else by address.
 *
 * <p>It serves on port 8080 of the loopback interface. With {@code --check} it takes a free port,
 * asks itself, prints what it sees, and fails where that is not as it should be.
 */
public final class LimitedApplication {

  /** The keys that were given out, and to whom. */
  private static final ApiKeys CUSTOMERS =
      ApiKeys.of("X-Api-Key", Map.of("key-of-alice", "alice", "key-of-bob", "bob"));

  private final ExecutorService tasks = Executors.newCachedThreadPool();

  public static void main(String[] arguments) throws Exception {
    Javalin application = new LimitedApplication().application();
    if (!List.of(arguments).contains("--check")) {
      application.start(8080);
      System.out.println("Try it, more than five times:");
      System.out.println(
          "  curl -i -X POST -H 'X-Api-Key: key-of-alice' http://127.0.0.1:8080/runs");
      return;
    }
    LogManager.getLogManager().reset(); // nothing but the table
    boolean good;
    try {
      good = new Check(application.start(0).port()).allIsGood();
    } finally {
      application.stop();
    }
    System.exit(good ? 0 : 1);
  }

  private static HttpRateLimiter gate() {
    LimitPolicy calls = LimitPolicy.perIdentity("calls", Limit.parse("5/hour"));
    LimitPolicy streams =
        LimitPolicy.perIdentity(
            "streams", Limit.inFlight(1).withHeldAtMost(Duration.ofMinutes(15)));
    return HttpRateLimiter.builder(InMemoryRateLimiter.create())
        .identity(CUSTOMERS.orElse(ClientAddress.ofPeer()))
        .rule("GET /runs/*/events", streams)
        .rule("GET /runs/*/log", streams)
        .rule("/**", calls)
        .build();
  }

  private Javalin application() {
    FilterHolder limits = new FilterHolder(new RateLimitFilter(gate()));
    limits.setAsyncSupported(true);
    return Javalin.create(
        config -> {
          config.jetty.host = "127.0.0.1";
          config.jetty.modifyServletContextHandler(
              context -> context.addFilter(limits, "/*", EnumSet.of(DispatcherType.REQUEST)));
          // Javalin's own is 0, with which Jetty says nothing of a client that is gone.
          config.http.asyncTimeout = Duration.ofMinutes(10).toMillis();
          config.events.serverStopped(tasks::shutdownNow);
          config.routes.post("/runs", context -> context.result("started"));
          config.routes.get("/runs/{id}", this::result);
          config.routes.get("/runs/{id}/failure", LimitedApplication::failure);
          config.routes.sse("/runs/{id}/events", this::events);
          config.routes.get("/runs/{id}/log", LimitedApplication::log);
          config.routes.error(500, context -> context.result("an error page"));
        });
  }

  private void result(Context context) {
    context.future(
        () -> CompletableFuture.supplyAsync(() -> "done", tasks).thenAccept(context::result));
  }

  private static void failure(Context context) {
    throw new IllegalStateException("a run has failed");
  }

  /** Says something every 100 ms, so that a client that is gone is found out. */
  private void events(SseClient client) {
    int steps = steps(client.ctx());
    client.keepAlive();
    tasks.execute(
        () -> {
          for (int step = 1; step <= steps && !client.terminated(); step++) {
            client.sendEvent("step " + step);
            pause();
          }
          client.close();
        });
  }

  private static void log(Context context) throws IOException {
    int steps = steps(context);
    OutputStream out = context.res().getOutputStream(); // flushes, as Javalin's does not
    for (int step = 1; step <= steps; step++) {
      out.write(("step " + step + "\n").getBytes(StandardCharsets.UTF_8));
      out.flush();
      pause();
    }
  }

  private static int steps(Context context) {
    return context.queryParamAsClass("steps", Integer.class).getOrDefault(6000);
  }

  private static void pause() {
    try {
      Thread.sleep(100);
    } catch (InterruptedException e) {
      throw new IllegalStateException("the application ends", e);
    }
  }

  /** Asks the running application, and says what it sees. */
  private static final class Check {

    private static final String REJECTED = "429 application/problem\\+json, Retry-After: \\d+";

    private final HttpClient client = HttpClient.newHttpClient();
    private final String root;
    private boolean good = true;

    Check(int port) {
      root = "http://127.0.0.1:" + port;
    }

    boolean allIsGood() throws Exception {
      calls();
      stream("server-sent events", "/runs/1/events");
      stream("an output stream", "/runs/1/log");
      return good;
    }

    private void calls() throws Exception {
      row("alice: a call", "200 .*r=4.*", ask("key-of-alice", "POST", "/runs"));
      // A GET that a shared cache might keep says nothing of her limits.
      row("alice: a future", "200 ", ask("key-of-alice", "GET", "/runs/1"));
      row("alice: an error page", "500 .*", ask("key-of-alice", "GET", "/runs/1/failure"));
      row("alice: which cost 1", "200 .*r=1.*", ask("key-of-alice", "POST", "/runs"));
      row("alice: her last one", "200 .*r=0.*", ask("key-of-alice", "POST", "/runs"));
      row("alice: is denied", REJECTED, ask("key-of-alice", "POST", "/runs"));
      row("bob: is not", "200 .*r=4.*", ask("key-of-bob", "POST", "/runs"));
      row("somebody: by address", "200 .*r=4.*", ask("guess", "POST", "/runs"));
      row("somebody: a further guess", "200 .*r=3.*", ask("another-guess", "POST", "/runs"));
    }

    private void stream(String what, String path) throws Exception {
      row("bob: " + what, "200 .*", ask("key-of-bob", "GET", path + "?steps=2"));
      row("bob: again, as it has ended", "200 .*", askUntilFree("key-of-bob", path + "?steps=2"));
      HttpResponse<InputStream> open =
          client.send(request("key-of-bob", "GET", path), BodyHandlers.ofInputStream());
      row("bob: one that goes on", "200 .*", seen(open));
      row("bob: another meanwhile", "429 .*", ask("key-of-bob", "GET", path + "?steps=2"));
      open.body().close();
      row("bob: again, as he has left", "200 .*", askUntilFree("key-of-bob", path + "?steps=2"));
    }

    private String ask(String key, String method, String path) throws Exception {
      return seen(client.send(request(key, method, path), BodyHandlers.ofString()));
    }

    /** A slot is free a moment after the last byte has come, or after a lost client is noticed. */
    private String askUntilFree(String key, String path) throws Exception {
      String seen = ask(key, "GET", path);
      for (int again = 0; again < 50 && seen.startsWith("429"); again++) {
        Thread.sleep(100);
        seen = ask(key, "GET", path);
      }
      return seen;
    }

    private HttpRequest request(String key, String method, String path) {
      return HttpRequest.newBuilder(URI.create(root + path))
          .method(method, BodyPublishers.noBody())
          .header("X-Api-Key", key)
          .header("Accept", "text/event-stream, */*") // else Javalin's events are none
          .timeout(Duration.ofSeconds(30))
          .build();
    }

    private static String seen(HttpResponse<?> response) {
      if (response.statusCode() != 429) {
        return response.statusCode() + " " + response.headers().firstValue("RateLimit").orElse("");
      }
      return "429 "
          + response.headers().firstValue("Content-Type").orElse("without content")
          + response
              .headers()
              .firstValue("Retry-After")
              .map(seconds -> ", Retry-After: " + seconds)
              .orElse("");
    }

    private void row(String what, String expected, String seen) {
      boolean asExpected = seen.matches(expected);
      good &= asExpected;
      System.out.printf("%-36s%s%s%n", what, seen, asExpected ? "" : "   IS NOT " + expected);
    }
  }
}
