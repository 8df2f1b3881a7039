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

  private static final String UNLIMITED = "dev.penstock.jdkhttp.demo.UnlimitedAgentServer";

  private final Process process;
  private final List<String> printed = new ArrayList<>();

  private DemoProcess(Process process) {
    this.process = process;
  }

  /**
   * Starts a server, whose environment says where its buckets are, and waits until it has printed
   * its address and a token.
   *
   * @throws IOException if it ends before
   */
  private static DemoProcess start(Map<String, String> environment, String... main)
      throws IOException {
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    List<String> command = new ArrayList<>(List.of(java));
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.addAll(List.of(main));
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().putAll(environment);
    builder.redirectErrorStream(true);
    DemoProcess demo = new DemoProcess(builder.start());
    try {
      demo.readUntil(TOKEN);
      return demo;
    } catch (IOException e) {
      demo.close();
      throw e;
    }
  }

  static DemoProcess limited(Map<String, String> environment) throws IOException {
    return start(environment, "dev.penstock.jdkhttp.demo.AgentServer");
  }

  static DemoProcess unlimited(Map<String, String> environment) throws IOException {
    return start(environment, UNLIMITED);
  }

  /** Starts the demo without a filter, whose handler adds constant fields in its place. */
  static DemoProcess constantFields(Map<String, String> environment) throws IOException {
    return start(environment, UNLIMITED, "fields");
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

  /** Returns the token that it printed. */
  String token() {
    return find(TOKEN).orElseThrow();
  }

  @Override
  public void close() {
    process.destroy();
    process.onExit().join();
  }
}
