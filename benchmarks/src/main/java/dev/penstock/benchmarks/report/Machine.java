package dev.penstock.benchmarks.report;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.lang.management.OperatingSystemMXBean;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.stream.Stream;

/**
 * Where and on what figures were taken. How busy it was with other work is known of each
 * measurement.
 */
record Machine(
    String processor,
    int cores,
    long memoryGib,
    String system,
    String jdk,
    String commit,
    LocalDate date) {

  private static final Path CPU = Path.of("/proc/cpuinfo");
  private static final long GIB = 1L << 30;

  /** Returns this machine, and the commit that the folder is of. */
  static Machine current() {
    OperatingSystemMXBean system = ManagementFactory.getOperatingSystemMXBean();
    long memory =
        system instanceof com.sun.management.OperatingSystemMXBean known
            ? Math.round((double) known.getTotalMemorySize() / GIB)
            : 0;
    return new Machine(
        processorName(),
        Runtime.getRuntime().availableProcessors(),
        memory,
        system.getName() + " " + system.getArch(),
        System.getProperty("java.vm.name") + " " + Runtime.version(),
        git("rev-parse", "--short", "HEAD")
            + (git("status", "--porcelain").isEmpty() ? "" : " with changes"),
        LocalDate.now(ZoneOffset.UTC));
  }

  private static String processorName() {
    if (!Files.exists(CPU)) {
      return System.getProperty("os.arch");
    }
    try (Stream<String> lines = Files.lines(CPU)) {
      return lines
          .filter(line -> line.startsWith("model name"))
          .map(line -> line.substring(line.indexOf(':') + 1).strip())
          .findFirst()
          .orElse(System.getProperty("os.arch"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String git(String... arguments) {
    try {
      String[] command =
          Stream.concat(Stream.of("git"), Stream.of(arguments)).toArray(String[]::new);
      Process process = new ProcessBuilder(command).start();
      return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    } catch (IOException e) {
      return "unknown";
    }
  }

  /** Returns what matters most in a sentence. */
  String inShort() {
    return "Measured on %s, %s, under %s, on %s."
        .formatted(processor, Figures.counted(cores, "core"), jdk, date);
  }

  /** Returns a line for each fact, in Markdown. */
  String describe() {
    return """
        | | |
        |---|---|
        | processor | %s, %s |
        | memory | %d GiB |
        | system | %s |
        | JDK | %s |
        | commit | %s |
        | date | %s |
        """
        .formatted(processor, Figures.counted(cores, "core"), memoryGib, system, jdk, commit, date);
  }
}
