package dev.penstock.benchmarks.report;

import dev.penstock.benchmarks.report.ResultsPage.Section;
import dev.penstock.redis.FleetReport;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.openjdk.jmh.Main;

/**
 * What the profile {@code benchmark} runs: {@code report}, with the folder to write to and a
 * pattern of scenarios where JMH alone is wanted, and of it not all; {@code load} for the demo
 * under load; {@code fleet} for the simulated fleet; {@code script} for what the script takes of
 * the server's time; or anything that JMH understands.
 */
public final class Benchmarks {

  private static final String COMMAND = "mvn -q -Pbenchmark -pl benchmarks -am package -DskipTests";

  private Benchmarks() {}

  /**
   * Runs what the arguments say.
   *
   * @param arguments none for a report of everything into this folder
   * @throws Exception if that fails
   */
  public static void main(String[] arguments) throws Exception {
    String command = arguments.length == 0 ? "report" : arguments[0];
    switch (command) {
      case "report" -> report(arguments);
      case "fleet" -> System.out.println(FleetReport.table());
      case "script" -> System.out.println(ScriptTimes.table());
      case "load" -> System.out.println(HttpLoad.table());
      default -> Main.main(arguments);
    }
  }

  private static void report(String[] arguments) throws Exception {
    Path target = Path.of(arguments.length > 1 ? arguments[1] : ".");
    Pattern only = Pattern.compile(arguments.length > 2 ? arguments[2] : "");
    String command =
        arguments.length == 0
            ? COMMAND
            : COMMAND + " \\\n  \"-Djmh.arguments=" + String.join(" ", arguments) + "\"";
    boolean all = arguments.length <= 2;
    new BenchmarkReport(target, only, command).write(all ? Benchmarks::sections : List::of);
  }

  private static List<Section> sections() throws Exception {
    return List.of(
        new Section("The demo over HTTP", HttpLoad.table()),
        new Section("A simulated fleet", FleetReport.table()));
  }
}
