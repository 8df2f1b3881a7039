package dev.penstock.jdkhttp.demo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.http.RawHttpClient;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The README's first command, which compiles and runs the demo otherwise than this build does. */
class DemoCommandIT {

  private static final Pattern ADDRESS = Pattern.compile("at http://127\\.0\\.0\\.1:([0-9]+) ");

  @Test
  void mvnDemo_saysWhatItDoes_andServes() throws Exception {
    Process maven = start();
    try (BufferedReader output = maven.inputReader()) {
      assertThat(output.readLine()).startsWith("Compiling Penstock and its demo server");
      try (RawHttpClient client = new RawHttpClient(port(output))) {
        assertThat(client.send("GET /health").status()).isEqualTo(200);
        assertThat(client.send("POST /agents/a1/runs").value("RateLimit"))
            .startsWith("\"agent-runs\";r=9");
      }
    } finally {
      maven.destroy();
      maven.onExit().join();
    }
  }

  private static Process start() throws IOException {
    ProcessBuilder command =
        new ProcessBuilder(
            Path.of(System.getProperty("maven.home"), "bin", "mvn").toString(),
            "-q",
            "-Pdemo",
            "-Dmaven.repo.local=" + System.getProperty("localRepository"));
    command.directory(Path.of("..").toFile());
    command.environment().put("JAVA_HOME", System.getProperty("java.home"));
    command.environment().put("PORT", "0");
    return command.redirectError(ProcessBuilder.Redirect.DISCARD).start();
  }

  private static int port(BufferedReader output) throws IOException {
    List<String> lines = new ArrayList<>();
    for (String line = output.readLine(); line != null; line = output.readLine()) {
      lines.add(line);
      Matcher address = ADDRESS.matcher(line);
      if (address.find()) {
        return Integer.parseInt(address.group(1));
      }
    }
    throw new AssertionError("the command ended: " + String.join("\n", lines));
  }
}
