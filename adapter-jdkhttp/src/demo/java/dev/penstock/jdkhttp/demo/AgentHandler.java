package dev.penstock.jdkhttp.demo;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.sun.net.httpserver.HttpExchange;
import dev.penstock.Cost;
import dev.penstock.Identity;
import dev.penstock.http.Verdict;
import dev.penstock.jdkhttp.LimitedHandler;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Plays an agent: {@code POST /agents/{id}/runs} answers with a run, which pays for the tokens that
 * it uses as it goes, and is cancelled when its client is gone.
 */
final class AgentHandler implements LimitedHandler {

  /** What a limit of tokens of the model counts. */
  static final String MODEL_TOKENS = "model-tokens";

  private static final Pattern RUNS = Pattern.compile("/+agents/+([^/]+)/+runs/*");

  private final ExecutorService agents =
      Executors.newCachedThreadPool(
          work -> {
            Thread thread = new Thread(work, "agent");
            thread.setDaemon(true);
            return thread;
          });

  @Override
  public void handle(HttpExchange exchange, Verdict.Proceed verdict) throws IOException {
    Matcher path = RUNS.matcher(exchange.getRequestURI().getPath());
    if (!path.matches()) {
      Responses.sendError(exchange, 404, "Not Found");
    } else if (!exchange.getRequestMethod().equals("POST")) {
      exchange.getResponseHeaders().set("Allow", "POST");
      Responses.sendError(exchange, 405, "Method Not Allowed");
    } else {
      run(exchange, verdict, path.group(1));
    }
  }

  private void run(HttpExchange exchange, Verdict.Proceed verdict, String agent)
      throws IOException {
    RunRequest asked;
    try {
      asked = RunRequest.of(exchange);
    } catch (IllegalArgumentException e) {
      Responses.sendError(exchange, 400, String.valueOf(e.getMessage()));
      return;
    }
    Run run = start(asked);
    verdict.reservation().onClientGone(run::cancel);
    Map<String, Object> described = describe(agent, verdict);
    try {
      if (asked.isStreamed()) {
        stream(exchange, verdict, run, described);
      } else {
        await(run);
        complete(verdict, run, described);
        Responses.send(exchange, 200, "application/json", Responses.json(described));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("the server stops");
    } finally {
      run.cancel();
    }
  }

  private Run start(RunRequest asked) {
    Run run = new Run(asked.seconds(), asked.tokens());
    if (asked.seconds() == 0) {
      run.run();
    } else {
      agents.execute(run);
    }
    return run;
  }

  private static Map<String, Object> describe(String agent, Verdict.Proceed verdict) {
    Map<String, Object> run = new LinkedHashMap<>();
    run.put("run_id", UUID.randomUUID().toString());
    run.put("agent_id", agent);
    run.put("status", "RUNNING");
    run.put("charged_to", verdict.identity().map(Identity::text).orElse("nobody"));
    return run;
  }

  private static void await(Run run) throws InterruptedException {
    boolean isOver = false;
    while (!isOver) { // nothing is written meanwhile, so nobody hears of a client that goes away
      isOver = run.isOver();
    }
  }

  private static void stream(
      HttpExchange exchange, Verdict.Proceed verdict, Run run, Map<String, Object> described)
      throws IOException, InterruptedException {
    exchange.getResponseHeaders().set("Content-Type", "text/event-stream");
    exchange.getResponseHeaders().set("Cache-Control", "no-store");
    exchange.sendResponseHeaders(200, 0);
    try (exchange) {
      OutputStream frames = exchange.getResponseBody();
      frame(frames, "RunStarted", described);
      while (!run.isOver()) {
        settle(verdict, run);
        frame(frames, "RunContent", Map.of("content", "Still thinking."));
      }
      frame(frames, "RunContent", Map.of("content", "Hello from the agent."));
      complete(verdict, run, described);
      frame(frames, "RunCompleted", described);
    }
  }

  /** Before the client hears of it: whatever it asks for next finds the slot free. */
  private static void complete(Verdict.Proceed verdict, Run run, Map<String, Object> described) {
    settle(verdict, run);
    verdict.reservation().close();
    described.put("status", "COMPLETED");
    described.put("usage", Map.of("total_tokens", run.usedTokens()));
  }

  private static void settle(Verdict.Proceed verdict, Run run) {
    verdict.reservation().settle(Cost.units(MODEL_TOKENS, run.usedTokens()));
  }

  private static void frame(OutputStream frames, String event, Map<String, ?> data)
      throws IOException, JsonProcessingException {
    String text = "event: " + event + "\ndata: " + Responses.json(data) + "\n\n";
    frames.write(text.getBytes(StandardCharsets.UTF_8));
    frames.flush();
  }
}
