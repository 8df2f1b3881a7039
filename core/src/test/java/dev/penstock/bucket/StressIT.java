package dev.penstock.bucket;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * The races of {@code src/stress}, run by jcstress in JVMs of its own: briefly in every build, and
 * longer by hand with its arguments in {@code -Dpenstock.stress}. It needs two processors.
 */
class StressIT {

  private static final Path CLASSES = Path.of("target", "stress-classes");
  private static final Path DIRECTORY = Path.of("target", "stress");

  /** One way of compiling and one JVM for each race, or two where the JDK has biased locking. */
  private static final String BRIEF =
      "-m quick -time 20 -iters 1 -strideSize 64 -strideCount 10"
          + " -af NONE -sc false -pth false -hs 64 -jvmArgs -Xms64m";

  @Test
  void everyRace_endsAsItMay() throws IOException, InterruptedException {
    Files.createDirectories(DIRECTORY);
    Path output = DIRECTORY.resolve("output.txt");
    Process jcstress =
        new ProcessBuilder(command(System.getProperty("penstock.stress", BRIEF)))
            .directory(DIRECTORY.toFile())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    int status = jcstress.waitFor();
    String said = Files.readString(output, StandardCharsets.UTF_8);
    assertThat(status).as(said).isZero();
    assertThat(said).as("ends so without a race, too").doesNotContain("FATAL").contains(" passed");
  }

  private static List<String> command(String arguments) {
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    String classPath =
        CLASSES.toAbsolutePath() + File.pathSeparator + System.getProperty("java.class.path");
    Stream<String> first = Stream.of(java, "-cp", classPath, "org.openjdk.jcstress.Main", "-v");
    return Stream.concat(first, Stream.of(arguments.split(" "))).toList();
  }
}
