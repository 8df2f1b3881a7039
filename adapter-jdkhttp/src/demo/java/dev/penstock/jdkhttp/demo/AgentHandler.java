package dev.penstock.jdkhttp.demo;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.sun.net.httpserver.HttpExchange;
import dev.penstock.Identity;
import dev.penstock.http.Verdict;
import dev.penstock.jdkhttp.LimitedHandler;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Plays an agent: {@code POST /agents/{id}/runs} answers with a finished run. */
final class AgentHandler implements LimitedHandler {

  private static final Pattern RUNS = Pattern.compile("/+agents/+([^/]+)/+runs/*");
  private static final Pattern STREAM_FIELD =
      Pattern.compile("(^|&)stream=true(&|$)", Pattern.MULTILINE);

  /** Possessive and bounded: a client's text must neither recurse deeply nor be read for ever. */
  private static final Pattern STREAM_PART =
      Pattern.compile("name=\"stream\"(?:\r?\n[^\r\n]++){0,8}+\r?\n\r?\ntrue\r?\n");

  private static final int MAX_FORM_BYTES = 64 * 1024;

  @Override
  public void handle(HttpExchange exchange, Verdict.Proceed verdict) throws IOException {
    Matcher path = RUNS.matcher(exchange.getRequestURI().getPath());
    if (!path.matches()) {
      Responses.sendError(exchange, 404, "Not Found");
    } else if (!exchange.getRequestMethod().equals("POST")) {
      exchange.getResponseHeaders().set("Allow", "POST");
      Responses.sendError(exchange, 405, "Method Not Allowed");
    } else if (wantsStream(exchange)) {
      stream(exchange, run(path.group(1), "RUNNING", verdict));
    } else {
      String run = Responses.json(run(path.group(1), "COMPLETED", verdict));
      Responses.send(exchange, 200, "application/json", run);
    }
  }

  private static Map<String, Object> run(String agent, String status, Verdict.Proceed verdict) {
    Map<String, Object> run = new LinkedHashMap<>();
    run.put("run_id", UUID.randomUUID().toString());
    run.put("agent_id", agent);
    run.put("status", status);
    run.put("charged_to", verdict.identity().map(Identity::text).orElse("nobody"));
    return run;
  }

  /** Looks into the query, and into the first bytes of a form, urlencoded or multipart. */
  private static boolean wantsStream(HttpExchange exchange) throws IOException {
    String query = exchange.getRequestURI().getRawQuery();
    if (query != null && STREAM_FIELD.matcher(query).find()) {
      return true;
    }
    byte[] form = exchange.getRequestBody().readNBytes(MAX_FORM_BYTES);
    String text = new String(form, StandardCharsets.UTF_8);
    return STREAM_FIELD.matcher(text).find() || STREAM_PART.matcher(text).find();
  }

  private static void stream(HttpExchange exchange, Map<String, Object> run) throws IOException {
    exchange.getResponseHeaders().set("Content-Type", "text/event-stream");
    exchange.getResponseHeaders().set("Cache-Control", "no-store");
    exchange.sendResponseHeaders(200, 0);
    try (exchange) {
      OutputStream frames = exchange.getResponseBody();
      frame(frames, "RunStarted", run);
      frame(frames, "RunContent", Map.of("content", "Hello from the agent."));
      run.put("status", "COMPLETED");
      frame(frames, "RunCompleted", run);
    }
  }

  private static void frame(OutputStream frames, String event, Map<String, ?> data)
      throws IOException, JsonProcessingException {
    String text = "event: " + event + "\ndata: " + Responses.json(data) + "\n\n";
    frames.write(text.getBytes(StandardCharsets.UTF_8));
    frames.flush();
  }
}
