package dev.penstock.benchmarks.report;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The load generator wrk, from the package of that name. It ends by itself. */
final class Wrk {

  private static final Pattern RATE = Pattern.compile("Requests/sec:\\s+([0-9.]+)");
  private static final List<String> COMPLAINTS = List.of("Non-2xx", "Socket errors");

  /**
   * One for each thread of the demo: fewer leave it waiting for requests, whereupon the rate says
   * how long a request takes, not how many can be served.
   */
  static final int CONNECTIONS = 64;

  private static final int THREADS = 2;

  private final Path script;

  private Wrk(Path script) {
    this.script = script;
  }

  /** Returns the generator if it is on the path. */
  static Optional<Wrk> find() throws IOException {
    try {
      new ProcessBuilder("wrk", "--version")
          .redirectErrorStream(true)
          .redirectOutput(ProcessBuilder.Redirect.DISCARD)
          .start()
          .onExit()
          .join();
    } catch (IOException e) {
      return Optional.empty();
    }
    Path script = Files.createTempFile("penstock-load", ".lua");
    script.toFile().deleteOnExit();
    Files.writeString(script, "wrk.method = \"POST\"\n");
    return Optional.of(new Wrk(script));
  }

  /**
   * Sends requests from many connections, each as soon as the last is answered.
   *
   * @param token is sent whether the server asks for one or not, since it costs the server itself
   * @return the requests a second
   * @throws IOException if any was not answered, or not with success
   */
  double run(DemoProcess demo, String token, int seconds) throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                "wrk",
                "-t" + THREADS,
                "-c" + CONNECTIONS,
                "-d" + seconds + "s",
                "-s",
                script.toString()));
    command.addAll(List.of("-H", "Authorization: Bearer " + token));
    command.add(demo.address() + "/agents/a1/runs");
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    return rate(new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8));
  }

  /** Returns the requests a second, as its output says. */
  static double rate(String output) throws IOException {
    Matcher rate = RATE.matcher(output);
    if (!rate.find() || COMPLAINTS.stream().anyMatch(output::contains)) {
      throw new IOException("wrk did not get an answer to each request: " + output);
    }
    return Double.parseDouble(rate.group(1));
  }
}
