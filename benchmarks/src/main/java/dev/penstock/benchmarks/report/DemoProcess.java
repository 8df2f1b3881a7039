package dev.penstock.benchmarks.report;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A demo server in a JVM of its own, which ends with {@link #close}. For one thread. */
final class DemoProcess implements AutoCloseable {

  private static final Pattern ADDRESS = Pattern.compile("at (http://127\\.0\\.0\\.1:\\d+)");
  private static final Pattern TOKEN = Pattern.compile("valid for a day: (\\S+)");

  /**
   * What the filter asks of the JDK's server; and not to wait until the client has acknowledged the
   * header, 40 ms at times, before it sends the content.
   */
  private static final List<String> OPTIONS =
      List.of(
          "-Dsun.net.httpserver.drainAmount=0",
          "-Dsun.net.httpserver.maxReqTime=30",
          "-Dsun.net.httpserver.nodelay=true");

  private static final String UNLIMITED = "dev.penstock.jdkhttp.demo.UnlimitedAgentServer";

  private final Process process;
  private final List<String> printed = new ArrayList<>();

  private DemoProcess(Process process) {
    this.process = process;
  }

  /**
   * Starts a server and waits until it has printed a line that the pattern finds.
   *
   * @throws IOException if it ends before
   */
  private static DemoProcess start(List<String> main, Map<String, String> environment, Pattern last)
      throws IOException {
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    List<String> command = new ArrayList<>(List.of(java));
    command.addAll(OPTIONS);
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.addAll(main);
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().putAll(environment);
    builder.redirectErrorStream(true);
    DemoProcess demo = new DemoProcess(builder.start());
    try {
      demo.readUntil(last);
      return demo;
    } catch (IOException e) {
      demo.close();
      throw e;
    }
  }

  /** Starts the demo, whose environment says where its buckets are. */
  static DemoProcess limited(Map<String, String> environment) throws IOException {
    return start(List.of("dev.penstock.jdkhttp.demo.AgentServer"), environment, TOKEN);
  }

  static DemoProcess unlimited() throws IOException {
    return start(List.of(UNLIMITED), Map.of(), ADDRESS);
  }

  /** Starts the demo without a filter, whose handler adds constant fields in its place. */
  static DemoProcess constantFields() throws IOException {
    return start(List.of(UNLIMITED, "fields"), Map.of(), ADDRESS);
  }

  private void readUntil(Pattern last) throws IOException {
    BufferedReader reader = process.inputReader();
    while (find(last).isEmpty()) {
      String line = reader.readLine();
      if (line == null) {
        throw new IOException("the demo ended at its start: " + String.join("\n", printed));
      }
      printed.add(line);
    }
  }

  private Optional<String> find(Pattern pattern) {
    return printed.stream()
        .map(pattern::matcher)
        .filter(Matcher::find)
        .map(found -> found.group(1))
        .findFirst();
  }

  String address() {
    return find(ADDRESS).orElseThrow();
  }

  /** Returns the token that it printed; empty where it asks for none. */
  Optional<String> token() {
    return find(TOKEN);
  }

  @Override
  public void close() {
    process.destroy();
    process.onExit().join();
  }
}
